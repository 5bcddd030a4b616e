import { expect, test } from 'vitest'
import { createBatches } from '../../../src/ml/datasets/batches.ts'
import { hash32, permutation } from '../../../src/ml/datasets/shuffle.ts'

const split = (count: number, pixels = 3) => ({
  count,
  images: Uint8Array.from({ length: count * pixels }, (_, i) => (i * 37) % 256),
  labels: Uint8Array.from({ length: count }, (_, i) => i % 7),
})

test('a permutation holds each number once', () => {
  for (const n of [0, 1, 2, 1000]) {
    expect([...permutation(3, 5, n)].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i))
  }
})

test('a permutation is a function of seed and epoch, the same in every version of Atelier', () => {
  expect([...permutation(0, 0, 10)]).toEqual([...permutation(0, 0, 10)])
  // A resumed run must find the order that it had before: these values may never change.
  expect([hash32(0, 0, 0), hash32(1, 2, 3), hash32(2_147_483_647, 99_999, 59_999)]).toEqual([
    3876903711, 2594232150, 395574550,
  ])
  expect([...permutation(0, 0, 10)]).toEqual([7, 4, 5, 8, 6, 1, 3, 0, 2, 9])
  expect([...permutation(7, 3, 10)]).toEqual([9, 5, 0, 6, 1, 2, 8, 4, 7, 3])
})

test('epochs and seeds give unrelated orders', () => {
  const agreeing = (a: Uint32Array, b: Uint32Array) => a.filter((x, i) => x === b[i]).length
  const n = 10_000
  const orders = [
    permutation(0, 0, n),
    permutation(0, 1, n),
    permutation(1, 0, n),
    permutation(1, 1, n),
    permutation(2, 0, n),
  ]
  for (const [i, a] of orders.entries()) {
    // The number of fixed points of a random permutation is Poisson distributed with mean 1; P(> 12) < 1e-10.
    for (const b of orders.slice(i + 1)) expect(agreeing(a, b)).toBeLessThanOrEqual(12)
    expect(
      agreeing(
        a,
        Uint32Array.from({ length: n }, (_, k) => k),
      ),
    ).toBeLessThanOrEqual(12)
  }
})

test('each number comes to each place equally often', () => {
  const n = 8
  const rounds = 20_000
  const counts = new Uint32Array(n * n)
  for (let epoch = 0; epoch < rounds; epoch++) permutation(42, epoch, n).forEach((x, place) => counts[place * n + x]!++)
  const expected = rounds / n
  const chiSquare = counts.reduce((sum, c) => sum + (c - expected) ** 2 / expected, 0)
  // (n − 1)² = 49 degrees of freedom: mean 49, standard deviation 9.9.
  expect(chiSquare).toBeGreaterThan(49 - 4 * 9.9)
  expect(chiSquare).toBeLessThan(49 + 4 * 9.9)
})

test('neighbouring numbers are not kept together', () => {
  const n = 10_000
  const order = permutation(5, 1, n)
  let together = 0
  for (let i = 1; i < n; i++) if (Math.abs(order[i]! - order[i - 1]!) === 1) together++
  // Expected 2, Poisson distributed.
  expect(together).toBeLessThan(15)
})

test('an epoch visits every image once and drops what is left over', () => {
  const batches = createBatches(split(10), { batch: 3, seed: 1 })
  expect(batches.perEpoch).toBe(3)
  const seen = [0, 1, 2].flatMap((index) => [...batches.indices(4, index)])
  expect(new Set(seen).size).toBe(9)
})

test('a batch is written as values from −1 to 1, with its labels', () => {
  const data = split(10)
  const batches = createBatches(data, { batch: 4, seed: 1 })
  expect(batches.length).toBe(12)
  const out = batches.read(2, 1, new Float32Array(12))
  const chosen = [...batches.indices(2, 1)]
  const expected = chosen.flatMap((i) => [0, 1, 2].map((p) => Math.fround(data.images[i * 3 + p]! / 127.5 - 1)))
  expect([...out]).toEqual(expected)
  expect([...batches.readLabels(2, 1, new Uint8Array(4))]).toEqual(chosen.map((i) => i % 7))
})

test('black is −1 and white is 1, exactly', () => {
  const data = { count: 2, images: Uint8Array.of(0, 255), labels: null }
  const out = createBatches(data, { batch: 2, seed: 0 }).read(0, 0, new Float32Array(2))
  expect([...out].sort((a, b) => a - b)).toEqual([-1, 1])
})

test('a batch does not depend on which were read before it', () => {
  const inOrder = createBatches(split(50), { batch: 8, seed: 9 })
  for (let epoch = 0; epoch < 3; epoch++) for (let i = 0; i < inOrder.perEpoch; i++) inOrder.indices(epoch, i)
  const resumed = createBatches(split(50), { batch: 8, seed: 9 })
  const buffer = () => new Float32Array(24)
  expect(resumed.read(2, 5, buffer())).toEqual(inOrder.read(2, 5, buffer()))
  expect(inOrder.read(0, 0, buffer())).toEqual(resumed.read(0, 0, buffer()))
})

test('what can not be read is refused', () => {
  expect(() => createBatches(split(10), { batch: 11, seed: 0 })).toThrow(
    "A batch of 11 can't be taken from 10 images: choose 1 to 10.",
  )
  expect(() => createBatches(split(10), { batch: 2.5, seed: 0 })).toThrow('choose 1 to 10')
  const batches = createBatches(split(10), { batch: 4, seed: 0 })
  expect(() => batches.read(0, 2, new Float32Array(12))).toThrow('an epoch has 2')
  expect(() => batches.read(-1, 0, new Float32Array(12))).toThrow('There is no epoch -1')
  expect(() => batches.read(0, 0, new Float32Array(11))).toThrow('an array of 12, not of 11')
  const plain = createBatches({ ...split(10), labels: null }, { batch: 4, seed: 0 })
  expect(() => plain.readLabels(0, 0, new Uint8Array(4))).toThrow('has no labels')
})
