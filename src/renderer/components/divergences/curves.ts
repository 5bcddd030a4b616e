import { divergenceNames, segmentForms } from '../../../shared/plane/closed-forms.ts'
import type { DivergenceName } from '../../../shared/plane/closed-forms.ts'
import type { DivergencesFound, Spread } from '../../../shared/plane/divergences.ts'
import type { MetricValue } from '../../../shared/run.ts'

export const layerNames = ['exact', 'learned', 'samples'] as const
export type LayerName = (typeof layerNames)[number]
export type Layers = Record<LayerName, boolean>
export type Aspect = 'value' | 'slope'

/** Where a number comes from; the first two are layers of their own, the others are estimates from samples. */
export type Source = 'exact' | 'learned' | 'histogram' | 'neighbours' | 'samples'
export const layerOf = (source: Source): LayerName => (source === 'exact' || source === 'learned' ? source : 'samples')

export interface CurvePoint {
  theta: number
  /** May be infinite, never NaN. */
  value: number
  /** Standard deviation over seeds; 0 for one seed or without. */
  error: number
}

export interface Curve {
  /** "js.exact": what claims and legends name it by. */
  key: string
  divergence: DivergenceName
  source: Source
  /** Lines are drawn within each piece; a piece of one point is a dot. Values that are not known are left out. */
  pieces: CurvePoint[][]
  /** Where a line ends without reaching its end. */
  holes: CurvePoint[]
}

/** Slots of the charts' palette. */
export const colourSlots: Record<DivergenceName, number> = { klPQ: 1, klQP: 3, js: 2, wasserstein: 0 }

export const keyOf = (divergence: DivergenceName, source: Source) => `${divergence}.${source}`

const point = (theta: number, value: number, error = 0): CurvePoint => ({ theta, value, error })

/**
 * The closed forms of two segments from `low` to `high`: at θ = 0 all but W₁ jump, so that their lines end there in holes,
 * with a dot between.
 */
export function closedCurves(aspect: Aspect, low: number, high: number): Curve[] {
  return divergenceNames.map((divergence) => {
    const form = segmentForms[divergence]
    const at = (theta: number) => (aspect === 'value' ? form.value(theta) : form.derivative(theta))
    const pieces: CurvePoint[][] = []
    const holes: CurvePoint[] = []
    const joined = aspect === 'value' && divergence === 'wasserstein'
    const sides = [
      [low, Math.min(0, high)],
      [Math.max(0, low), high],
    ].filter(([from, to]) => from! < to!)
    for (const [from, to] of sides) {
      const inside = at((from! + to!) / 2)
      if (inside === null) continue
      // From the side: what holds between the ends, and not at 0 itself.
      const ends = [from!, to!].map((theta) => point(theta, theta === 0 && !joined ? inside : at(theta)!))
      pieces.push(ends)
      if (!joined) holes.push(...ends.filter(({ theta }) => theta === 0))
    }
    const middle = low <= 0 && high >= 0 ? at(0) : null
    if (middle !== null && !joined) pieces.push([point(0, middle)])
    return { key: keyOf(divergence, 'exact'), divergence, source: 'exact', pieces, holes }
  })
}

/** Lines of what is known: broken where a value is not, and where it becomes infinite. */
export function piecesOf(theta: readonly number[], values: readonly (MetricValue | null)[]): CurvePoint[][] {
  const pieces: CurvePoint[][] = []
  let last: number | null = null
  values.forEach((raw, i) => {
    const value = raw === null ? NaN : Number(raw)
    if (Number.isNaN(value)) return void (last = null)
    const joins = last !== null && (Number.isFinite(last) ? Number.isFinite(value) : last === value)
    if (joins) pieces.at(-1)!.push(point(theta[i]!, value))
    else pieces.push([point(theta[i]!, value)])
    last = value
  })
  return pieces
}

/** Points that stand for themselves, with their spread. */
const dots = (theta: readonly number[], { mean, sd }: Spread): CurvePoint[][] =>
  mean.flatMap((raw, i) => {
    const value = raw === null ? NaN : Number(raw)
    return Number.isNaN(value) ? [] : [[point(theta[i]!, value, Number(sd[i] ?? 0) || 0)]]
  })

/** All curves of what a run has found. @param closed its exact curves are the closed forms, drawn as such */
export function foundCurves(found: DivergencesFound, aspect: Aspect, closed: boolean): Curve[] {
  const { theta, exact, learned, estimates } = found
  const curve = (divergence: DivergenceName, source: Source, pieces: CurvePoint[][]): Curve => {
    return { key: keyOf(divergence, source), divergence, source, pieces, holes: [] }
  }
  const lines = closed
    ? closedCurves(aspect, theta[0]!, theta.at(-1)!)
    : divergenceNames.map((name) => curve(name, 'exact', piecesOf(theta, exact[name][aspect])))
  const networks = (['klPQ', 'js', 'wasserstein'] as const).map((name) =>
    curve(name, 'learned', dots(theta, learned[name][aspect])),
  )
  if (aspect === 'slope') return [...lines, ...networks]
  const samples = (['klPQ', 'klQP', 'js'] as const).flatMap((name) => [
    curve(name, 'histogram', dots(theta, estimates[`histogram.${name}`])),
    curve(name, 'neighbours', dots(theta, estimates[`neighbours.${name}`])),
  ])
  return [
    ...lines,
    ...samples,
    curve('wasserstein', 'samples', dots(theta, estimates['samples.wasserstein'])),
    ...networks,
  ]
}

/** The measured θ that is nearest to one, as an index, or −1 if there is none. */
export function nearest(theta: readonly number[], count: number, at: number): number {
  let best = -1
  for (let i = 0; i < count; i++) if (best < 0 || Math.abs(theta[i]! - at) < Math.abs(theta[best]! - at)) best = i
  return best
}
