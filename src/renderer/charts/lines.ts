import type { StepAxis } from '../../shared/chart.ts'
import type { Buckets, NonFinite } from './buckets.ts'
import { smooth } from './smoothing.ts'
import { toX, toXs } from './step-axis.ts'
import type { AxisMode } from './step-axis.ts'

/** A series as a chart is asked to show it. */
export interface LineSource {
  /** Tells it from all others on the chart. */
  key: string
  label: string
  run: { id: string; name: string }
  metric: string
  colourSlot: number
  dash: readonly number[]
  buckets: Buckets
  axis: StepAxis
  smoothingUnit: number
}

/** A series laid out on an x axis; all columns have the length of its buckets. */
export interface Line extends LineSource {
  x: number[]
  /** The smoothed means, or the means themselves when nothing is smoothed. */
  shown: number[]
  marks: { x: number; mark: NonFinite }[]
}

export interface LayoutOptions {
  mode: AxisMode
  smoothing: number
}

export function layOut(source: LineSource, { mode, smoothing }: LayoutOptions): Line {
  const { buckets, axis } = source
  const x = toXs(axis, mode, buckets.first)
  return {
    ...source,
    x,
    // Smoothed over steps whatever the x axis is, so that switching the axis moves points but changes no value.
    shown:
      smoothing > 0
        ? smooth(buckets.first, buckets.mean, smoothing, source.smoothingUnit, buckets.count)
        : buckets.mean,
    marks: buckets.nonFinite.map((mark) => ({ x: toX(axis, mode, mark.step), mark })),
  }
}

export interface Range {
  min: number
  max: number
}

/** The x range that holds all lines, or null when there is no point. */
export function xExtent(lines: readonly Line[]): Range | null {
  let min = Infinity
  let max = -Infinity
  for (const { x, marks } of lines) {
    const first = x[0]
    const last = x.at(-1)
    if (first !== undefined && Number.isFinite(first)) min = Math.min(min, first)
    if (last !== undefined && Number.isFinite(last)) max = Math.max(max, last)
    for (const m of marks) {
      if (!Number.isFinite(m.x)) continue
      min = Math.min(min, m.x)
      max = Math.max(max, m.x)
    }
  }
  if (!(min <= max)) return null
  return min === max ? { min: min - 0.5, max: max + 0.5 } : { min, max }
}

/**
 * The range of values that a chart of these lines must show between two positions: every minimum and maximum, so that
 * a spike of one step is in the picture; or with `withoutOutliers` the middle 98 % of the means alone.
 */
export function yExtent(lines: readonly Line[], within: Range, withoutOutliers = false): Range | null {
  let min = Infinity
  let max = -Infinity
  const means: number[] = []
  for (const { x, buckets, shown } of lines) {
    for (let i = 0; i < x.length; i++) {
      if (x[i]! < within.min || x[i]! > within.max || Number.isNaN(buckets.mean[i]!)) continue
      if (withoutOutliers) {
        means.push(buckets.mean[i]!)
        continue
      }
      min = Math.min(min, buckets.min[i]!, shown[i]!)
      max = Math.max(max, buckets.max[i]!, shown[i]!)
    }
  }
  if (withoutOutliers && means.length) {
    means.sort((a, b) => a - b)
    min = means[Math.floor(0.01 * (means.length - 1))]!
    max = means[Math.ceil(0.99 * (means.length - 1))]!
  }
  return min <= max ? { min, max } : null
}

/** Room above and below; a constant series gets a range around it. */
export function padded({ min, max }: Range, share = 0.05): Range {
  const room = max > min ? (max - min) * share : Math.abs(max) * 0.1 || 1
  return { min: min - room, max: max + room }
}

/** Index of the point nearest to x, or -1 when there is none. */
export function nearest(xs: readonly number[], x: number): number {
  const n = xs.length
  if (n === 0) return -1
  let low = 0
  let high = n - 1
  while (low < high) {
    const mid = (low + high) >> 1
    if (xs[mid]! < x) low = mid + 1
    else high = mid
  }
  return low > 0 && x - xs[low - 1]! <= xs[low]! - x ? low - 1 : low
}

/** What the crosshair reads off one line. */
export interface Reading {
  key: string
  /** Where the point lies, and the steps that it stands for. */
  x: number
  firstStep: number
  lastStep: number
  shown: number
  mean: number
  min: number
  max: number
  /** More than one value went into it. */
  spans: boolean
  nonFinite: NonFinite | null
}

/**
 * Reads every line at x; null for a line that has nothing within `reach` of it (x units) and for which x is not
 * between two of its points.
 */
export function readAt(lines: readonly Line[], x: number, reach: number): (Reading | null)[] {
  return lines.map((line) => {
    const i = nearest(line.x, x)
    const n = line.x.length
    if (i < 0) return null
    if (Math.abs(line.x[i]! - x) > reach && (x < line.x[0]! || x > line.x[n - 1]!)) return null
    const { buckets } = line
    const mark = buckets.nonFinite.find((m) => m.step >= buckets.first[i]! && m.step <= buckets.last[i]!) ?? null
    return {
      key: line.key,
      x: line.x[i]!,
      firstStep: buckets.first[i]!,
      lastStep: buckets.last[i]!,
      shown: line.shown[i]!,
      mean: buckets.mean[i]!,
      min: buckets.min[i]!,
      max: buckets.max[i]!,
      spans: buckets.max[i]! > buckets.min[i]!,
      nonFinite: mark,
    }
  })
}
