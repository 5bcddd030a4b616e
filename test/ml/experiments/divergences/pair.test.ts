import { describe, expect, it } from 'vitest'
import { namedSource, pointsSource } from '../../../../src/ml/datasets/plane/source.ts'
import { learnedAt } from '../../../../src/ml/experiments/divergences/learned.ts'
import {
  estimatesAt,
  exactAt,
  movedQ,
  thetaValues,
  trainedJudge,
} from '../../../../src/ml/experiments/divergences/pair.ts'
import type { Pair } from '../../../../src/ml/experiments/divergences/pair.ts'
import type { PlaneName } from '../../../../src/shared/plane/distributions.ts'
import type { ThetaKind } from '../../../../src/shared/plane/geometry.ts'

const segment = namedSource('segment', 1)
const segments: Pair = { p: segment, q: segment, theta: 'shift', closed: true }
const pairOf = (p: PlaneName, q: PlaneName, theta: ThetaKind): Pair => {
  return { p: namedSource(p, 1), q: namedSource(q, 1), theta, closed: false }
}

describe('without training', () => {
  it('two segments have their closed forms', () => {
    expect(exactAt(segments, 0.5)).toMatchObject({ klPQ: Infinity, klQP: Infinity, js: Math.LN2, wasserstein: 0.5 })
    expect(exactAt(segments, 0)).toMatchObject({ klPQ: 0, klQP: 0, js: 0, wasserstein: 0 })
  })

  it('the assignment says of them what the closed form says', () => {
    const open = { ...segments, closed: false }
    for (const theta of [-1, -0.2, 0, 0.7]) expect(exactAt(open, theta).wasserstein).toBeCloseTo(Math.abs(theta), 6)
    expect(exactAt(open, 0.5).js).toBeNull()
  })

  it('a shifted distribution is |θ| away, and turned or scaled ones are where they were at 0', () => {
    expect(exactAt(pairOf('spiral', 'spiral', 'shift'), -0.6).wasserstein).toBeCloseTo(0.6, 2)
    for (const theta of ['shift', 'rotation', 'scale'] as const)
      expect(exactAt(pairOf('parabola', 'parabola', theta), 0)).toMatchObject({
        klPQ: 0,
        klQP: 0,
        js: 0,
        wasserstein: 0,
      })
    // A ring of radius 0.7 at half its size: 0.35 to the middle.
    expect(exactAt(pairOf('ring', 'ring', 'scale'), -1).wasserstein).toBeCloseTo(0.35, 2)
  })

  it('Gaussians have the KL of their distance: θ²/2 sd² for far-apart modes', () => {
    // Two modes of sd 0.1 one apart; at a shift of 0.2 the other mode adds next to nothing.
    const { klPQ, js, errors } = exactAt(pairOf('two-gaussians', 'two-gaussians', 'shift'), 0.2)
    expect(Math.abs(klPQ! - 2)).toBeLessThan(4 * errors.klPQ + 0.02)
    expect(js).toBeGreaterThan(0.2)
    expect(js).toBeLessThan(Math.LN2)
  })

  it('points without a density have W alone', () => {
    const points = pointsSource(Float32Array.of(0, 0, 0.5, 0.5), 1)
    const found = exactAt({ p: points, q: points, theta: 'shift', closed: false }, 0.25)
    expect(found).toMatchObject({ klPQ: null, klQP: null, js: null })
    expect(found.wasserstein).toBeCloseTo(0.25, 6)
  })
})

describe('estimates from samples of two segments', () => {
  it('fail: KL finite; the histogram sees no distance, the neighbours its logarithm', () => {
    const [near, far] = [estimatesAt(segments, 0.2, 0), estimatesAt(segments, 0.8, 0)]
    expect(near.histogram.js).toBeCloseTo(Math.LN2, 9)
    expect(far.histogram.klPQ).toBeCloseTo(near.histogram.klPQ, 1)
    expect(near.histogram.klPQ).toBeLessThan(10)
    // Twice the logarithm of a four times larger distance: the plane has two dimensions.
    expect(far.neighbours.klPQ - near.neighbours.klPQ).toBeCloseTo(2 * Math.log(4), 1)
    expect(near.neighbours.js).toBeGreaterThan(Math.LN2)
    // Within one cell of the histogram the two are the same.
    expect(estimatesAt(segments, 0.04, 0).histogram.js).toBeLessThan(0.05)
  })

  it('differ from repeat to repeat, and repeat themselves', () => {
    expect(estimatesAt(segments, 0.3, 1)).toEqual(estimatesAt(segments, 0.3, 1))
    expect(estimatesAt(segments, 0.3, 1)).not.toEqual(estimatesAt(segments, 0.3, 2))
  })
})

describe('learned', () => {
  it.each([-1, -0.1, 0.1, 0.2, 0.5, 1])('at θ = %f: W within 5 % of |θ|, JS within 2 %% of log 2', (theta) => {
    for (const seed of [0, 1]) {
      const { js, wasserstein } = learnedAt(segments, theta, seed, 300)
      expect(Math.abs(wasserstein.value / Math.abs(theta) - 1)).toBeLessThan(0.05)
      expect(Math.abs(js.value / Math.LN2 - 1)).toBeLessThan(0.02)
      // The critic says which way, the discriminator all but nothing.
      expect(Math.abs(wasserstein.slope! * Math.sign(theta) - 1)).toBeLessThan(0.1)
      expect(Math.abs(js.slope!)).toBeLessThan(0.05)
    }
  })

  it('at θ = 0 both are nothing', () => {
    const { js, wasserstein } = learnedAt(segments, 0, 0, 300)
    expect(Math.abs(js.value)).toBeLessThan(0.01)
    expect(Math.abs(wasserstein.value)).toBeLessThan(0.02)
  })

  it('of other pairs: W within 10 %, and JS not above the exact one by more than its error', () => {
    const pair = pairOf('eight-gaussians', 'eight-gaussians', 'shift')
    const exact = exactAt(pair, 0.4)
    const { js, wasserstein } = learnedAt(pair, 0.4, 0, 400)
    expect(Math.abs(wasserstein.value / 0.4 - 1)).toBeLessThan(0.1)
    expect(js.value).toBeLessThan(exact.js! + 0.01)
    expect(js.value).toBeGreaterThan(0.8 * exact.js!)
  })

  it('repeats bit for bit', () => {
    expect(learnedAt(segments, 0.3, 5, 20)).toEqual(learnedAt(segments, 0.3, 5, 20))
    expect(learnedAt(segments, 0.3, 5, 20)).not.toEqual(learnedAt(segments, 0.3, 6, 20))
    expect(learnedAt(segments, 0.3, 5, 20, { seed: 1 })).not.toEqual(learnedAt(segments, 0.3, 5, 20))
  })

  it('slopes are those of the scores, in the coordinates of the plane', () => {
    for (const which of ['discriminator', 'critic'] as const) {
      const { judge } = trainedJudge(segments, 0.5, 0, 50, which, { activation: 'tanh' })
      const points = Float32Array.of(0.1, 0.2, 0.3, 0.9)
      const { slopes } = judge.look(points)
      const h = 1e-2
      for (const axis of [0, 1]) {
        const at = (by: number) => judge.look(points.map((v, i) => v + (i % 2 === axis ? by : 0))).scores.slice()
        const [up, down] = [at(h), at(-h)]
        up.forEach((value, n) => {
          const expected = (value - down[n]!) / (2 * h)
          expect(Math.abs(slopes[2 * n + axis]! - expected)).toBeLessThan(0.02 * (1 + Math.abs(expected)))
        })
      }
    }
  })
})

describe('bad input', () => {
  it('is refused with what was expected', () => {
    expect(() => movedQ(segments, 1.5)).toThrow('θ is 1.5; it must be a number from -1 to 1.')
    expect(() => exactAt(segments, NaN)).toThrow('θ is NaN; it must be a number from -1 to 1.')
    expect(() => learnedAt(segments, 0.5, 0, 0)).toThrow('expected a whole number of at least 1')
    expect(() => thetaValues(-1, 1, 1)).toThrow('There are to be 1 values of θ; expected a whole number of at least 2.')
    expect(() => thetaValues(-1, 1.5, 5)).toThrow('θ is to go from -1 to 1.5; expected a range within -1 to 1.')
    expect(() => thetaValues(0.5, 0.5, 5)).toThrow('expected a range within')
  })

  it('values of θ are even, and 0 is one', () => {
    expect(thetaValues(-1, 1, 5)).toEqual([-1, -0.5, 0, 0.5, 1])
    expect(thetaValues(-1, 1, 21)[10]).toBe(0)
    expect(thetaValues(-0.3, 0.6, 4)).toEqual([-0.3, 0, 0.3, 0.6])
  })
})
