import { describe, expect, it } from 'vitest'
import { namedSource, transformed } from '../../../../src/ml/datasets/plane/source.ts'
import { assign } from '../../../../src/ml/measures/plane/assignment.ts'
import { slicedWasserstein, wasserstein, wasserstein1d } from '../../../../src/ml/measures/plane/wasserstein.ts'
import { shift } from '../../../../src/shared/plane/geometry.ts'
import { uniforms } from '../../../../src/ml/engine/random.ts'

const random = (seed: number, count: number) => uniforms(Int32Array.of(seed, 1), count)

/** Held and Karp's way over subsets: exact, and nothing in common with ours. */
function cheapest(costs: ArrayLike<number>, n: number): number {
  let best = new Map([[0, 0]])
  for (let i = 0; i < n; i++) {
    const next = new Map<number, number>()
    for (const [used, cost] of best)
      for (let j = 0; j < n; j++) {
        if (used & (1 << j)) continue
        const key = used | (1 << j)
        next.set(key, Math.min(next.get(key) ?? Infinity, cost + costs[i * n + j]!))
      }
    best = next
  }
  return best.get(2 ** n - 1)!
}

describe('the assignment', () => {
  it.each([1, 2, 3, 5, 8, 10])('is the cheapest of all of %i rows', (n) => {
    for (let seed = 0; seed < 20; seed++) {
      // Some with many ties, some without, some far apart.
      const numbers = Float64Array.from(random(seed, n * n), (u) => (seed % 2 ? Math.floor(4 * u) : u - (seed % 3)))
      const { columns, cost } = assign(numbers, n)
      expect(columns.toSorted()).toEqual(Int32Array.from({ length: n }, (_, i) => i))
      expect(cost).toBeCloseTo(cheapest(numbers, n), 10)
      expect(assign(numbers, n, Float64Array.from(random(seed + 100, n))).cost).toBeCloseTo(cost, 10)
    }
  })

  it('proves itself optimal by its prices, at sizes that cannot be tried out', () => {
    const n = 300
    const costs = Float64Array.from(random(7, n * n))
    const { columns, prices, cost } = assign(costs, n)
    let dual = 0
    for (let i = 0; i < n; i++) {
      let least = Infinity
      for (let j = 0; j < n; j++) least = Math.min(least, costs[i * n + j]! - prices[j]!)
      dual += least + prices[columns[i]!]!
    }
    expect(cost - dual).toBeLessThan(1e-9)
  })

  it('refuses costs that are not a square or not finite', () => {
    expect(() => assign(new Float64Array(5), 2)).toThrow('5 costs are not 2 × 2.')
    expect(() => assign(Float64Array.of(1, NaN, 2, 3), 2)).toThrow('A cost is NaN; all must be finite numbers.')
  })
})

describe('the exact distance of samples', () => {
  const p = namedSource('spiral', 1).sample('real', 0, 300)

  it('is |t| for a translated set, however it is shuffled', () => {
    const q = new Float32Array(600)
    for (let i = 0; i < 300; i++) {
      const j = (i * 7 + 3) % 300
      q[2 * j] = p[2 * i]! + 0.3
      q[2 * j + 1] = p[2 * i + 1]! - 0.4
    }
    expect(wasserstein(p, q).distance).toBeCloseTo(0.5, 6)
    expect(wasserstein(p, p).distance).toBe(0)
  })

  it('is optimal between samples near and far, from the half that it starts with', () => {
    for (const [name, dx] of [
      ['ring', 0],
      ['two-gaussians', 1],
      ['segment', 0.5],
    ] as const) {
      const a = namedSource('spiral', 1).sample('real', 0, 250)
      const b = transformed(namedSource(name, 2), shift(dx, 0)).sample('real', 0, 250)
      const costs = new Float64Array(250 * 250)
      for (let i = 0; i < 250; i++)
        for (let j = 0; j < 250; j++)
          costs[250 * i + j] = Math.hypot(a[2 * i]! - b[2 * j]!, a[2 * i + 1]! - b[2 * j + 1]!)
      const { distance, to } = wasserstein(a, b)
      expect(distance).toBeCloseTo(assign(costs, 250).cost / 250, 9)
      expect(to.reduce((sum, j, i) => sum + costs[250 * i + j]!, 0) / 250).toBeCloseTo(distance, 9)
    }
  })

  it('is that on a line where all points lie on one', () => {
    const [a, b] = [random(1, 200), random(2, 200)]
    const onLine = (values: Float32Array) =>
      Float32Array.from({ length: 400 }, (_, i) => values[i >> 1]! * (i % 2 ? 0.8 : 0.6))
    expect(wasserstein(onLine(a), onLine(b)).distance).toBeCloseTo(wasserstein1d(a, b), 6)
  })

  it('refuses samples of different sizes', () => {
    expect(() => wasserstein(new Float32Array(4), new Float32Array(6))).toThrow(
      'The samples have 2 and 3 points; expected as many in both, and at least one.',
    )
  })
})

describe('the distance on a line', () => {
  it('of samples of different sizes is that of their repetitions', () => {
    const [a, b] = [
      [0.3, 0.9, 0.1],
      [0.2, 0.5, 0.6, 1.4],
    ]
    const repeat = (values: number[], times: number) => values.flatMap((value) => Array<number>(times).fill(value))
    expect(wasserstein1d(a!, b!)).toBeCloseTo(wasserstein1d(repeat(a!, 4), repeat(b!, 3)), 12)
  })

  it('of U(0, 1) and U(0, s) is (s − 1) / 2', () => {
    // Quantiles instead of draws: exact up to 1/n.
    const quantiles = Float64Array.from({ length: 1000 }, (_, i) => (i + 0.5) / 1000)
    expect(
      wasserstein1d(
        quantiles,
        quantiles.map((u) => 3 * u),
      ),
    ).toBeCloseTo(1, 9)
  })
})

describe('the sliced distance', () => {
  const p = namedSource('parabola', 1).sample('real', 0, 512)

  it('of a translated set is 2/π |t|, within a thousandth, and within the stated error', () => {
    for (const [dx, dy] of [
      [0.5, 0],
      [-0.2, 0.7],
    ] as const)
      for (let seed = 0; seed < 5; seed++) {
        const q = Float32Array.from(p, (value, i) => value + (i % 2 ? dy : dx))
        const { distance, error } = slicedWasserstein(p, q, seed)
        const exact = (2 / Math.PI) * Math.hypot(dx, dy)
        expect(Math.abs(distance - exact)).toBeLessThan(1e-3 * exact)
        expect(Math.abs(distance - exact)).toBeLessThan(error)
      }
  })

  it('is at most the exact one, and takes any sizes', () => {
    const q = namedSource('ring', 2).sample('real', 0, 512)
    expect(slicedWasserstein(p, q, 1).distance).toBeLessThan(wasserstein(p, q).distance)
    expect(slicedWasserstein(p, p.slice(0, 400), 1).distance).toBeLessThan(0.05)
  })

  it('repeats with its seed', () => {
    const q = namedSource('ring', 2).sample('real', 0, 100)
    expect(slicedWasserstein(p, q, 4)).toEqual(slicedWasserstein(p, q, 4))
    expect(slicedWasserstein(p, q, 4).distance).not.toBe(slicedWasserstein(p, q, 5).distance)
  })
})
