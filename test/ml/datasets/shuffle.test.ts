import { describe, expect, it } from 'vitest'
import { permutation } from '../../../src/ml/datasets/shuffle.ts'

describe('a permutation', () => {
  it('holds every index once and is a function of seed and epoch', () => {
    const order = permutation(5, 2, 10_000)
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 10_000 }, (_, i) => i))
    expect(permutation(5, 2, 10_000)).toEqual(order)
    expect(permutation(5, 3, 10_000)).not.toEqual(order)
    expect(permutation(6, 2, 10_000)).not.toEqual(order)
  })

  it('is uniform over all orders', () => {
    const trials = 6000
    const counts = new Map<string, number>()
    for (let epoch = 0; epoch < trials; epoch++) {
      const order = permutation(1, epoch, 3).join('')
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    expect(counts.size).toBe(6)
    const chiSquare = [...counts.values()].reduce((sum, n) => sum + (n - trials / 6) ** 2 / (trials / 6), 0)
    // The 99.9th percentile for five degrees of freedom.
    expect(chiSquare).toBeLessThan(20.5)
  })

  it('of nothing or one thing is trivial', () => {
    expect([...permutation(0, 0, 0)]).toEqual([])
    expect([...permutation(0, 0, 1)]).toEqual([0])
  })
})
