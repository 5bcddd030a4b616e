import type { PlaneFrame } from '../../../shared/plane/frame.ts'
import type { Points } from '../../../shared/plane/geometry.ts'
import type { Buckets } from '../../charts/buckets.ts'
import { countMoving } from './arrows.ts'
import { positionOn } from './colour-scale.ts'
import type { Scale } from './colour-scale.ts'

/** What a frame shows, in numbers: the four things that one looks for in a GAN that has learned. */
export interface Observation {
  /** Share of the map within a quarter of the scale of undecided. */
  undecided: number | null
  /** Mean distance of generated points to the nearest real one, and the other way round. */
  toReal: number | null
  toFake: number | null
  /** Generated points that still have a gradient, and all of them. */
  moving: number | null
  count: number
  /** Points outside the picture. */
  outside: number
  /** A number in the frame is none: training has diverged. */
  broken: boolean
}

export function observe(frame: PlaneFrame, real: Points | null, scale: Scale, gain: number): Observation {
  const { map, fake, arrows, extent } = frame
  const values = map?.values ?? new Float32Array(0)
  let undecided = 0
  for (const value of values) if (Math.abs(positionOn(scale, value)) <= 0.25) undecided++
  let outside = 0
  for (let i = 0; fake && i < fake.length; i += 2)
    if (Math.max(Math.abs(fake[i]!), Math.abs(fake[i + 1]!)) > Math.max(1, extent)) outside++
  const broken = [values, fake ?? values].some((layer) => layer.some((value) => !Number.isFinite(value)))
  return {
    undecided: map ? undecided / values.length : null,
    toReal: fake && real ? meanNearest(fake, real) : null,
    toFake: fake && real ? meanNearest(real, fake) : null,
    moving: arrows ? countMoving(arrows, gain) : null,
    count: (fake?.length ?? 0) / 2,
    outside,
    broken,
  }
}

/** Mean over `from` of the distance to the nearest of `to`; null for no points. */
export function meanNearest(from: Points, to: Points): number | null {
  if (!from.length || !to.length) return null
  let sum = 0
  for (let i = 0; i < from.length; i += 2) {
    let least = Infinity
    for (let j = 0; j < to.length; j += 2)
      least = Math.min(least, (from[i]! - to[j]!) ** 2 + (from[i + 1]! - to[j + 1]!) ** 2)
    sum += Math.sqrt(least)
  }
  return sum / (from.length / 2)
}

/** How a loss has gone up to a step. */
export interface Trend {
  first: number
  now: number
  /** It has moved by less than a twentieth of its whole range during the last quarter. */
  settled: boolean
}

/** @returns null before there is enough to say anything */
export function trendOf(series: Pick<Buckets, 'first' | 'mean'> | null, step: number): Trend | null {
  const values: number[] = []
  for (let i = 0; series && i < series.first.length && series.first[i]! <= step; i++)
    if (Number.isFinite(series.mean[i]!)) values.push(series.mean[i]!)
  if (values.length < 20) return null
  const mean = (from: number, to: number) => {
    const part = values.slice(Math.floor(from * values.length), Math.max(1, Math.floor(to * values.length)))
    return part.reduce((a, b) => a + b, 0) / part.length
  }
  const tenths = Array.from({ length: 10 }, (_, i) => mean(i / 10, (i + 1) / 10))
  const range = Math.max(...tenths) - Math.min(...tenths)
  const last = [mean(0.75, 0.875), mean(0.875, 1)]
  return { first: tenths[0]!, now: tenths[9]!, settled: Math.abs(last[1]! - last[0]!) <= Math.max(0.05 * range, 1e-9) }
}

/** The value of a series at a step: that of the last point at or before it; null before the first. */
export function valueAtStep(series: Pick<Buckets, 'first' | 'mean'> | null, step: number): number | null {
  if (!series) return null
  let [low, high] = [0, series.first.length]
  while (low < high) {
    const mid = (low + high) >> 1
    if (series.first[mid]! <= step) low = mid + 1
    else high = mid
  }
  return low === 0 ? null : series.mean[low - 1]!
}

/** A measured number in three digits, as short as they are: 0.357, 1.4, −0.0033, 2.1e−5. */
export function shortNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞'
  const size = Math.abs(value)
  const text =
    size !== 0 && size < 1e-3 ? value.toExponential(1).replace('.0e', 'e') : String(Number(value.toPrecision(3)))
  return text.replaceAll('-', '−')
}
