import { expect, test } from 'vitest'
import { betaOf, positionOf, smooth, smoothingUnit } from '../../../src/renderer/charts/smoothing.ts'

const steps = (n: number) => Array.from({ length: n }, (_, i) => i)

test('equals the debiased average m_t / (1 − β^t) of Kingma and Ba at even steps', () => {
  const y = [4, -1, 2.5, 7, 0, 0.25]
  for (const beta of [0.1, 0.6, 0.9, 0.999]) {
    let m = 0
    const expected = y.map((v, i) => {
      m = beta * m + (1 - beta) * v
      return m / (1 - beta ** (i + 1))
    })
    smooth(steps(y.length), y, beta).forEach((s, i) => expect(s).toBeCloseTo(expected[i]!, 10))
  }
})

test('begins at the first value, whatever the smoothing', () => {
  expect(smooth([7, 8], [42, 0], 0.999)[0]).toBe(42)
})

test('is bit for bit exact on constants, at uneven steps and weights', () => {
  const x = [0, 1, 5, 5.5, 90, 1e6]
  const y = x.map(() => 0.1)
  for (const beta of [0, 0.3, 0.97, 0.9999]) expect(smooth(x, y, beta, 3, [1, 9, 2, 1, 77, 3])).toEqual(y)
})

test('follows the closed form of a step: 1 − β^n of the way after n steps from a long level', () => {
  const n = 5000
  const y = Array.from({ length: n + 50 }, (_, i) => (i < n ? 0 : 1))
  const s = smooth(steps(y.length), y, 0.9)
  for (const k of [1, 2, 10, 50]) expect(s[n + k - 1]).toBeCloseTo(1 - 0.9 ** k, 8)
})

test('weighs by distance: a value two units back counts β²', () => {
  const beta = 0.5
  expect(smooth([0, 2], [0, 1], beta)[1]).toBeCloseTo(1 / (1 + beta ** 2), 12)
  expect(smooth([0, 20], [0, 1], beta, 10)[1]).toBeCloseTo(1 / (1 + beta ** 2), 12)
})

test('a bucket of many points weighs as many', () => {
  expect(smooth([0, 1], [0, 1], 0.5, 1, [1, 3])[1]).toBeCloseTo(3 / 3.5, 12)
})

test('points at one position are averaged alike', () => {
  expect(smooth([3, 3, 3], [0, 3, 6], 0.9)[2]).toBeCloseTo(3, 12)
})

test('non-finite values are gaps and leave the rest as if they were not there', () => {
  const s = smooth([0, 1, 2, 3], [1, NaN, Infinity, 5], 0.8)
  expect(s[1]).toBeNaN()
  expect(s[2]).toBeNaN()
  expect(s[3]).toBe(smooth([0, 3], [1, 5], 0.8)[1])
})

test('no smoothing gives the values themselves', () => {
  expect(smooth([0, 1, 2], [3, 1, 2], 0)).toEqual([3, 1, 2])
})

test('refuses a smoothing of one or more', () => {
  expect(() => smooth([0], [1], 1)).toThrow(RangeError)
})

test('looks alike on runs of every length', () => {
  expect(smoothingUnit(200)).toBe(1)
  expect(smoothingUnit(1_000_000)).toBe(1000)
})

test('the slider reaches from none to a window of a thousand and back', () => {
  expect(betaOf(0)).toBe(0)
  expect(betaOf(100)).toBeCloseTo(0.999, 12)
  for (let at = 0; at <= 100; at++) expect(positionOf(betaOf(at))).toBe(at)
})
