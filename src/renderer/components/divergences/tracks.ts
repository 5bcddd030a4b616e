import { divergenceNames, segmentForms } from '../../../shared/plane/closed-forms.ts'
import type { DivergenceName } from '../../../shared/plane/closed-forms.ts'
import { descend } from '../../../shared/plane/descent.ts'
import type { DivergencesFound } from '../../../shared/plane/divergences.ts'
import { closedCurves, foundCurves, keyOf } from './curves.ts'
import type { Curve } from './curves.ts'

/** A point that learns: where it is after each step, and the curve that it stands on. */
export interface Track {
  key: string
  divergence: DivergenceName
  theta: readonly number[]
  /** May be infinite; NaN where it is not known. */
  value: readonly number[]
  curve: Curve
}

/** Gradient descent on the closed forms, over all of [−1, 1]. */
export function closedTracks(start: number, steps: number, rate: number): Track[] {
  const curves = closedCurves('value', -1, 1)
  return divergenceNames.map((divergence, i) => {
    const form = segmentForms[divergence]
    const slopeAt = (theta: number) => ({ value: form.value(theta), slope: form.derivative(theta) })
    const path = [...descend({ start, steps, rate }, slopeAt)]
    return {
      key: `closed ${divergence}`,
      divergence,
      theta: path.map((p) => p.theta),
      value: path.map((p) => p.value),
      curve: curves[i]!,
    }
  })
}

/** What a run has recorded, on the curve of what it measured by then; those without any value are left out. */
export function recordedTracks(found: DivergencesFound, source: 'exact' | 'learned', closed: boolean): Track[] {
  const curves = foundCurves(found, 'value', closed)
  return found.descents
    .filter((d) => d.source === source && d.value.some((value) => value !== null))
    .map(({ divergence, theta, value }) => {
      const curve = curves.find((c) => c.key === keyOf(divergence, source))!
      const values = value.map((v) => (v === null ? NaN : Number(v)))
      return { key: `${source} ${divergence}`, divergence, theta, value: values, curve }
    })
}

/** Where a point is after `step` steps, between two of them on the straight way. */
export function placeAt({ theta, value }: Track, step: number): { theta: number; value: number } {
  const last = theta.length - 1
  const at = Math.max(0, Math.min(last, step))
  const [i, part] = [Math.floor(at), at - Math.floor(at)]
  const mix = (values: readonly number[]) => {
    const [a, b] = [values[i]!, values[Math.min(last, i + 1)]!]
    return part === 0 || a === b ? a : a + part * (b - a)
  }
  const between = mix(value)
  // From ∞ to a number there is no way: it is where it was until it is there.
  return { theta: mix(theta), value: Number.isNaN(between) ? value[i]! : between }
}

/** How a descent ends: near 0, where it began, or elsewhere. */
export function outcomeOf(theta: readonly number[]): 'arrives' | 'stands' | 'moves' {
  const [from, to] = [theta[0]!, theta.at(-1)!]
  if (Math.abs(to) < 0.05) return 'arrives'
  return Math.abs(to - from) < 0.05 ? 'stands' : 'moves'
}
