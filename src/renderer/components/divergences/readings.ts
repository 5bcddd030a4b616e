import { divergenceNames, segmentForms } from '../../../shared/plane/closed-forms.ts'
import type { DivergenceName } from '../../../shared/plane/closed-forms.ts'
import type { DivergencesFound, EstimateName, LearnedName, Spread } from '../../../shared/plane/divergences.ts'
import type { MetricValue } from '../../../shared/run.ts'
import { formatNumber } from '../../format.ts'
import { keyOf, nearest } from './curves.ts'
import type { Aspect } from './curves.ts'

/** A number of the page; null where there is none. */
export interface Cell {
  /** "js.exact value": what claims point at. */
  id: string
  value: number | null
  sd: number | null
}

export interface RowOfReadings {
  divergence: DivergenceName
  exact: Cell
  exactSlope: Cell
  learned: Cell | null
  learnedSlope: Cell | null
  /** Histogram and neighbours, or W₁ of two samples. */
  samples: Cell[]
}

export const cellId = (key: string, aspect: Aspect = 'value') => `${key} ${aspect}`

const known = (raw: MetricValue | null | undefined): number | null =>
  raw === null || raw === undefined || Number.isNaN(Number(raw)) ? null : Number(raw)

/** All that is known at θ: the closed forms there, everything else at the nearest θ that was measured. */
export function readingsAt(
  found: DivergencesFound | null,
  closed: boolean,
  theta: number,
): { rows: RowOfReadings[]; measuredAt: number | null } {
  // A neighbour that is done does not speak for a θ that is still to come.
  const nearestOfAll = found ? nearest(found.theta, found.theta.length, theta) : -1
  const near = found && nearestOfAll < found.measured ? nearestOfAll : -1
  const exactNear = found ? nearest(found.theta, found.exact.wasserstein.value.length, theta) : -1
  const spread = (id: string, of: Spread | undefined): Cell => {
    return { id, value: known(of?.mean[near]), sd: known(of?.sd[near]) }
  }
  const exact = (name: DivergenceName, aspect: Aspect): Cell => {
    const form = segmentForms[name]
    const value = closed
      ? aspect === 'value'
        ? form.value(theta)
        : form.derivative(theta)
      : known(found?.exact[name][aspect][exactNear])
    return { id: cellId(keyOf(name, 'exact'), aspect), value, sd: null }
  }
  const learned = (name: DivergenceName, aspect: Aspect): Cell | null =>
    name === 'klQP'
      ? null
      : spread(cellId(keyOf(name, 'learned'), aspect), found?.learned[name satisfies LearnedName][aspect])
  const estimate = (name: DivergenceName, source: 'histogram' | 'neighbours' | 'samples'): Cell =>
    spread(cellId(keyOf(name, source)), found?.estimates[`${source}.${name}` as EstimateName])
  const rows = divergenceNames.map((name) => ({
    divergence: name,
    exact: exact(name, 'value'),
    exactSlope: exact(name, 'slope'),
    learned: learned(name, 'value'),
    learnedSlope: learned(name, 'slope'),
    samples:
      name === 'wasserstein'
        ? [estimate(name, 'samples')]
        : [estimate(name, 'histogram'), estimate(name, 'neighbours')],
  }))
  return { rows, measuredAt: near < 0 ? null : found!.theta[near]! }
}

/** "0.693", "∞", "3.1e-4"; a dash for what there is none of. */
export function valueText(value: number | null): string {
  if (value === null) return '–'
  if (Math.abs(value) === Infinity) return value > 0 ? '∞' : '−∞'
  // What is whole is so exactly: 0 and ±1 of closed forms.
  if (Math.abs(value - Math.round(value)) < 1e-12) return String(Math.round(value) + 0).replace('-', '−')
  const size = Math.abs(value)
  return size >= 0.01 && size < 100 ? value.toFixed(size < 10 ? 3 : 1).replace('-', '−') : formatNumber(value, 2)
}
export const thetaText = (theta: number): string => (Math.abs(theta) < 0.005 ? '0' : theta.toFixed(2).replace('-', '−'))

/** The worst relative error of a learned divergence where |θ| ≥ 0.1, and where it is; null before there is any. */
export function worstError(
  found: DivergencesFound | null,
  name: 'wasserstein' | 'js',
): { error: number; theta: number } | null {
  let worst: { error: number; theta: number } | null = null
  for (let i = 0; i < (found?.measured ?? 0); i++) {
    const [theta, truth] = [found!.theta[i]!, known(found!.exact[name].value[i])]
    const mean = known(found!.learned[name].value.mean[i])
    if (Math.abs(theta) < 0.1 || !truth || !Number.isFinite(truth) || mean === null) continue
    const error = Math.abs(mean / truth - 1)
    if (!worst || error > worst.error) worst = { error, theta }
  }
  return worst
}

export const percentText = (error: number): string => (error < 1e-4 ? '< 0.01 %' : `${(100 * error).toPrecision(2)} %`)
