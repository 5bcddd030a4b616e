import type { DivergenceName } from '../../../shared/plane/closed-forms.ts'
import type { DivergencesFound } from '../../../shared/plane/divergences.ts'
import { keyOf } from './curves.ts'
import type { Aspect, Source } from './curves.ts'
import { cellId, percentText, thetaText, valueText, worstError } from './readings.ts'
import type { RowOfReadings } from './readings.ts'

/** What of the page a claim is about; while someone looks at the claim, this stands out. */
export interface Shown {
  /** Curves that stand out, in the charts of this aspect. */
  curves: string[]
  aspect: Aspect
  /** Numbers of the table. */
  cells: string[]
  /** The θ that the page moves to meanwhile; null: where it is. */
  theta: number | null
  /** Points that learn. */
  tracks: DivergenceName[]
}

const shown = (
  divergences: DivergenceName[],
  source: Source,
  aspect: Aspect = 'value',
  theta: number | null = null,
) => ({
  curves: divergences.map((name) => keyOf(name, source)),
  aspect,
  cells: divergences.map((name) => cellId(keyOf(name, source), aspect)),
  theta,
  tracks: [],
})
const tracks = (...names: DivergenceName[]): Shown => {
  return { curves: [], aspect: 'value', cells: [], theta: null, tracks: names }
}

/** What each claim of the story points at. */
export function claimsOf(found: DivergencesFound | null): Record<string, Shown> {
  return {
    klPQ: shown(['klPQ'], 'exact'),
    klQP: shown(['klQP'], 'exact'),
    klZero: shown(['klPQ', 'klQP'], 'exact', 'value', 0),
    klSlope: shown(['klPQ', 'klQP'], 'exact', 'slope'),
    js: shown(['js'], 'exact'),
    jsSlope: shown(['js'], 'exact', 'slope'),
    w: shown(['wasserstein'], 'exact'),
    wSlope: shown(['wasserstein'], 'exact', 'slope'),
    learnedW: shown(['wasserstein'], 'learned'),
    learnedWSlope: shown(['wasserstein'], 'learned', 'slope'),
    worstW: shown(['wasserstein'], 'learned', 'value', worstError(found, 'wasserstein')?.theta ?? null),
    learnedJs: shown(['js'], 'learned'),
    learnedJsSlope: shown(['js'], 'learned', 'slope'),
    worstJs: shown(['js'], 'learned', 'value', worstError(found, 'js')?.theta ?? null),
    histogram: shown(['klPQ'], 'histogram'),
    neighbours: shown(['klPQ'], 'neighbours'),
    sampleW: shown(['wasserstein'], 'samples'),
    descentW: tracks('wasserstein'),
    descentJs: tracks('js', 'klPQ', 'klQP'),
  }
}

/** The numbers that stand in the story's sentences: those of the table at θ. */
export function storyValues(
  rows: readonly RowOfReadings[],
  found: DivergencesFound | null,
  theta: number,
  ends: { wasserstein: number | null; js: number | null },
): Record<string, string> {
  const row = (name: DivergenceName) => rows.find((r) => r.divergence === name)!
  const [klPQ, klQP, js, w] = (['klPQ', 'klQP', 'js', 'wasserstein'] as const).map(row) as [
    RowOfReadings,
    RowOfReadings,
    RowOfReadings,
    RowOfReadings,
  ]
  const text = (cell: { value: number | null } | null | undefined) => valueText(cell?.value ?? null)
  const worst = (name: 'wasserstein' | 'js') => {
    const found_ = worstError(found, name)
    return found_ ? percentText(found_.error) : '–'
  }
  const end = (at: number | null) => (at === null ? '–' : thetaText(at))
  return {
    theta: thetaText(theta),
    klPQ: text(klPQ.exact),
    klQP: text(klQP.exact),
    klSlope: text(klPQ.exactSlope),
    js: text(js.exact),
    jsSlope: text(js.exactSlope),
    w: text(w.exact),
    wSlope: text(w.exactSlope),
    learnedW: text(w.learned),
    learnedWSlope: text(w.learnedSlope),
    worstW: worst('wasserstein'),
    learnedJs: text(js.learned),
    learnedJsSlope: text(js.learnedSlope),
    worstJs: worst('js'),
    histogram: text(klPQ.samples[0]),
    neighbours: text(klPQ.samples[1]),
    sampleW: text(w.samples[0]),
    descentW: end(ends.wasserstein),
    descentJs: end(ends.js),
  }
}
