import { describe, expect, it } from 'vitest'
import { namedSource } from '../../../../src/ml/datasets/plane/source.ts'
import { closedSlope, exactSlope } from '../../../../src/ml/experiments/divergences/descent.ts'
import { learnedSlope } from '../../../../src/ml/experiments/divergences/learned.ts'
import type { Pair } from '../../../../src/ml/experiments/divergences/pair.ts'
import { descend } from '../../../../src/shared/plane/descent.ts'

const segment = namedSource('segment', 1)
const segments: Pair = { p: segment, q: segment, theta: 'shift', closed: true }
const gaussians = namedSource('two-gaussians', 1)
const options = { start: 0.8, steps: 40, rate: 0.06 }

describe('descent on the closed forms', () => {
  it('arrives under Wasserstein', () => {
    const path = [...descend(options, closedSlope('wasserstein'))]
    expect(path.length).toBe(41)
    expect(path[0]).toEqual({ step: 0, theta: 0.8, value: 0.8, slope: 1 })
    expect(path[1]!.theta).toBeCloseTo(0.74, 12)
    expect(Math.abs(path.at(-1)!.theta)).toBeLessThan(0.01)
  })

  it.each(['js', 'klPQ', 'klQP'] as const)('stands still under %s', (name) => {
    for (const { theta, value } of descend(options, closedSlope(name))) {
      expect(theta).toBe(0.8)
      expect(value).toBe(name === 'js' ? Math.LN2 : Infinity)
    }
  })
})

describe('descent on what networks learned', () => {
  it('arrives under a critic', () => {
    const path = [...descend({ ...options, steps: 30, rate: 0.08 }, learnedSlope(segments, 'wasserstein', 200, 0))]
    expect(path[0]!.slope).toBeGreaterThan(0.9)
    expect(path[0]!.slope).toBeLessThan(1.1)
    expect(Math.abs(path.at(-1)!.theta)).toBeLessThan(0.05)
  })

  it.each(['js', 'klPQ'] as const)('all but stands still under a discriminator and %s', (name) => {
    const path = [...descend({ ...options, steps: 8 }, learnedSlope(segments, name, 200, 0))]
    expect(Math.abs(path.at(-1)!.theta - 0.8)).toBeLessThan(0.01)
  })

  it('is a function of θ, step and seed', () => {
    const at = learnedSlope(segments, 'wasserstein', 20, 3)
    expect(at(0.5, 4)).toEqual(at(0.5, 4))
    expect(at(0.5, 4)).not.toEqual(at(0.5, 5))
  })
})

describe('exact slopes of other pairs', () => {
  it.each(['shift', 'rotation', 'scale'] as const)('of W under %s are those of differences', (theta) => {
    const pair: Pair = { p: namedSource('parabola', 1), q: namedSource('spiral', 2), theta, closed: false }
    const slopeAt = exactSlope(pair, 'wasserstein')
    const h = 1e-3
    const difference = (slopeAt(0.3 + h).value - slopeAt(0.3 - h).value) / (2 * h)
    expect(Math.abs(slopeAt(0.3).slope! - difference)).toBeLessThan(0.01)
  })

  it('of KL of Gaussians is θ / sd²', () => {
    const { slope } = exactSlope({ p: gaussians, q: gaussians, theta: 'shift', closed: false }, 'klQP')(0.2)
    expect(Math.abs(slope! - 0.2 / 0.01)).toBeLessThan(1)
  })

  it('are null where KL is infinite or a density unknown', () => {
    const blobs = namedSource('blobs', 1)
    expect(exactSlope({ p: blobs, q: blobs, theta: 'shift', closed: false }, 'klPQ')(1).slope).toBeNull()
    expect(exactSlope({ ...segments, closed: false }, 'js')(0.5)).toEqual({ value: NaN, slope: null })
  })

  it('lead overlapping Gaussians home under Wasserstein and under JS', () => {
    for (const name of ['wasserstein', 'js'] as const) {
      const pair: Pair = { p: gaussians, q: gaussians, theta: 'shift', closed: false }
      const path = [...descend({ start: 0.25, steps: 60, rate: 0.02 }, exactSlope(pair, name))]
      expect(Math.abs(path.at(-1)!.theta)).toBeLessThan(0.02)
    }
  })
})

it('refuses zero steps and a start outside the range', () => {
  expect(() => [...descend({ ...options, steps: 0 }, closedSlope('js'))]).toThrow(
    'The descent is to take 0 steps; expected a whole number of at least 1.',
  )
  expect(() => [...descend({ ...options, start: 2 }, closedSlope('js'))]).toThrow(
    'θ starts at 2; it must be a number from -1 to 1.',
  )
})
