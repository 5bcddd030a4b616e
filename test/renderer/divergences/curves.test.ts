import { expect, test } from 'vitest'
import { closedCurves, foundCurves, nearest, piecesOf } from '../../../src/renderer/components/divergences/curves.ts'
import {
  paneScale,
  thetaOf,
  ticksIn,
  valueRange,
  xOf,
  yOf,
} from '../../../src/renderer/components/divergences/pane-scale.ts'
import {
  percentText,
  readingsAt,
  thetaText,
  valueText,
  worstError,
} from '../../../src/renderer/components/divergences/readings.ts'
import {
  closedTracks,
  outcomeOf,
  placeAt,
  recordedTracks,
} from '../../../src/renderer/components/divergences/tracks.ts'
import { makeFound } from './found.ts'

const curveOf = (curves: ReturnType<typeof closedCurves>, key: string) => curves.find((c) => c.key === key)!

test('closed forms jump at 0: lines with holes there and a dot between; W is one V', () => {
  const curves = closedCurves('value', -1, 1)
  const js = curveOf(curves, 'js.exact')
  expect(js.pieces.map((piece) => piece.map((p) => [p.theta, p.value]))).toEqual([
    [[-1, Math.LN2], [0, Math.LN2]],
    [[0, Math.LN2], [1, Math.LN2]],
    [[0, 0]],
  ]) // prettier-ignore
  expect(js.holes.map((p) => p.value)).toEqual([Math.LN2, Math.LN2])
  expect(
    curveOf(curves, 'klPQ.exact')
      .pieces.flat()
      .map((p) => p.value),
  ).toEqual([Infinity, Infinity, Infinity, Infinity, 0])
  const w = curveOf(curves, 'wasserstein.exact')
  expect(w.holes).toEqual([])
  expect(w.pieces.flat().map((p) => [p.theta, p.value])).toEqual([[-1, 1], [0, 0], [0, 0], [1, 1]]) // prettier-ignore
  const slopes = closedCurves('slope', -1, 1)
  expect(curveOf(slopes, 'klQP.exact').pieces).toEqual([])
  expect(curveOf(slopes, 'wasserstein.exact').pieces.map((piece) => piece[0]!.value)).toEqual([-1, 1])
  // A range without 0 has no jump.
  expect(curveOf(closedCurves('value', 0.2, 0.9), 'js.exact').pieces.length).toBe(1)
})

test('what was found breaks where it is unknown and where it becomes infinite', () => {
  const pieces = piecesOf([0, 1, 2, 3, 4, 5, 6], [1, 2, 'Infinity', 'Infinity', null, 3, 'NaN'])
  expect(pieces.map((piece) => piece.map((p) => p.value))).toEqual([[1, 2], [Infinity, Infinity], [3]])
})

test('curves of a run: exact everywhere, the rest as far as it was measured, with error bars', () => {
  const curves = foundCurves(makeFound([-1, -0.5, 0, 0.5, 1], 2), 'value', false)
  expect(curveOf(curves, 'wasserstein.exact').pieces.flat().length).toBe(5)
  const learned = curveOf(curves, 'wasserstein.learned')
  expect(learned.pieces.flat()).toEqual([
    { theta: -1, value: 1.02, error: 0.01 },
    { theta: -0.5, value: 0.51, error: 0.01 },
  ])
  expect(curves.map((c) => c.key)).toContain('klQP.neighbours')
  expect(foundCurves(makeFound(), 'slope', true).map((c) => c.source)).not.toContain('histogram')
  expect(nearest([-1, 0, 1], 2, 0.9)).toBe(1)
  expect(nearest([-1, 0, 1], 0, 0.9)).toBe(-1)
})

test('infinity has a row of its own above all finite values', () => {
  const curves = closedCurves('value', -1, 1)
  const scale = paneScale(curves, { width: 400, height: 200 }, { low: -1, high: 1 })
  expect(yOf(scale, Infinity)).toBeLessThan(yOf(scale, scale.y.high) - 8)
  expect(yOf(scale, 0)).toBeCloseTo(scale.bottom)
  expect(scale.minusInfinity).toBeNull()
  expect(paneScale(curves.slice(2), { width: 400, height: 200 }, { low: -1, high: 1 }).infinity).toBeNull()
  expect(thetaOf(scale, xOf(scale, 0.3))).toBeCloseTo(0.3, 9)
  expect(thetaOf(scale, -50)).toBe(-1)
  expect(ticksIn({ low: -1, high: 1 }, 4)).toEqual([-1, -0.5, 0, 0.5, 1])
  // Nothing up to rounding stays small.
  expect(valueRange([], { low: -1, high: 1 }).high).toBeGreaterThan(1)
})

test('the table reads closed forms at θ itself and the rest where it was measured', () => {
  const { rows, measuredAt } = readingsAt(makeFound(), true, 0.4)
  expect(measuredAt).toBe(0.5)
  const [klPQ, klQP, js, w] = rows
  expect(klPQ!.exact.value).toBe(Infinity)
  expect(klPQ!.exactSlope.value).toBeNull()
  expect(klQP!.learned).toBeNull()
  expect(js!.learned).toEqual({ id: 'js.learned value', value: Math.LN2 - 0.001, sd: 0.01 })
  expect(w!.exact.value).toBe(0.4)
  expect(w!.samples.map((cell) => cell.id)).toEqual(['wasserstein.samples value'])
  expect(readingsAt(null, false, 0.4).rows[3]!.exact.value).toBeNull()
  expect(readingsAt(null, true, 0.4).measuredAt).toBeNull()
})

test('numbers are written as they are: ∞, a dash for none, whole ones whole', () => {
  expect([Infinity, -Infinity, null, 0, -1, Math.LN2, 0.00042, 11.97].map(valueText)).toEqual([
    '∞',
    '−∞',
    '–',
    '0',
    '−1',
    '0.693',
    '4.2e-4',
    '12.0',
  ])
  expect(thetaText(-0.5)).toBe('−0.50')
  expect(percentText(0.0123)).toBe('1.2 %')
  expect(worstError(makeFound(), 'wasserstein')!.error).toBeCloseTo(0.02, 9)
  expect(worstError(makeFound([0, 0.05]), 'js')).toBeNull()
})

test('a point that learns: W arrives, JS and KL stand still', () => {
  const tracks = closedTracks(0.8, 40, 0.06)
  expect(tracks.map((t) => [t.divergence, outcomeOf(t.theta)])).toEqual([
    ['klPQ', 'stands'],
    ['klQP', 'stands'],
    ['js', 'stands'],
    ['wasserstein', 'arrives'],
  ])
  const w = tracks[3]!
  expect(placeAt(w, 0.5).theta).toBeCloseTo((w.theta[0]! + w.theta[1]!) / 2, 12)
  expect(placeAt(w, 1000).theta).toBe(w.theta.at(-1))
  expect(placeAt(tracks[0]!, 3.5)).toEqual({ theta: 0.8, value: Infinity })
  expect(recordedTracks(makeFound(), 'learned', true).map((t) => outcomeOf(t.theta))).toEqual(['arrives'])
  expect(recordedTracks(makeFound(), 'exact', true)[0]!.value).toEqual([Infinity, Infinity])
})
