import { expect, test } from 'vitest'
import type { ChartSeries } from '../../../src/shared/chart.ts'
import { appendPoints, bucketAt, bucketsOf, emptyBuckets, stitch } from '../../../src/renderer/charts/buckets.ts'
import type { Buckets } from '../../../src/renderer/charts/buckets.ts'

const series = (over: Partial<ChartSeries>): ChartSeries => ({
  name: 'loss',
  step: [],
  min: [],
  max: [],
  mean: [],
  nonFinite: [],
  lastStep: null,
  count: 0,
  ...over,
})

const grow = (values: number[], limit?: number): Buckets => {
  const b = emptyBuckets()
  appendPoints(
    b,
    values.map((_, i) => i),
    values,
    limit,
  )
  return b
}

test('single points come out as they went in', () => {
  const b = grow([3, 1, 2])
  expect(b.first).toEqual([0, 1, 2])
  expect(b.mean).toEqual([3, 1, 2])
  expect(b.min).toEqual(b.max)
})

test('a spike of one step survives any number of compactions', () => {
  const values = Array.from({ length: 50_000 }, (_, i) => Math.sin(i / 1000))
  values[31_337] = 1e6
  const b = grow(values, 200)
  expect(b.first.length).toBeLessThanOrEqual(200)
  expect(Math.max(...b.max)).toBe(1e6)
  const i = b.max.indexOf(1e6)
  expect(b.first[i]).toBeLessThanOrEqual(31_337)
  expect(b.last[i]).toBeGreaterThanOrEqual(31_337)
})

test('compaction keeps count, mean and extremes of the whole', () => {
  const values = Array.from({ length: 10_007 }, (_, i) => ((i * 7919) % 1000) / 7)
  const b = grow(values, 100)
  const n = b.count.reduce((a, c) => a + c, 0)
  expect(n).toBe(values.length)
  const mean = b.mean.reduce((a, m, i) => a + m * b.count[i]!, 0) / n
  expect(mean).toBeCloseTo(values.reduce((a, v) => a + v, 0) / values.length, 9)
  expect(Math.min(...b.min)).toBe(Math.min(...values))
  for (let i = 1; i < b.first.length; i++) expect(b.first[i]).toBeGreaterThan(b.last[i - 1]!)
})

test('a constant series stays exactly constant through compaction', () => {
  const b = grow(
    Array.from({ length: 9999 }, () => 0.1),
    64,
  )
  expect(new Set([...b.mean, ...b.min, ...b.max])).toEqual(new Set([0.1]))
})

test('non-finite values are counted and leave the finite ones alone', () => {
  const b = emptyBuckets()
  appendPoints(b, [0, 1, 2, 3], [1, 'NaN', 'Infinity', 2])
  expect(b.mean).toEqual([1, NaN, NaN, 2])
  expect(b.nonFinite).toEqual([
    { step: 1, count: 1, value: 'NaN' },
    { step: 2, count: 1, value: 'Infinity' },
  ])
})

test('marks of non-finite values merge with their buckets and keep their number', () => {
  const values = Array.from({ length: 4000 }, (_, i) => (i % 2 ? NaN : i))
  const b = grow(values, 100)
  expect(b.nonFinite.length).toBeLessThanOrEqual(100)
  expect(b.nonFinite.reduce((a, m) => a + m.count, 0)).toBe(2000)
  expect(b.mean.every(Number.isFinite)).toBe(true)
})

test('points out of order and repeated steps find their buckets', () => {
  const b = emptyBuckets()
  appendPoints(b, [5, 1, 3, 3], [50, 10, 30, 34])
  expect(b.first).toEqual([1, 3, 5])
  expect(b.min).toEqual([10, 30, 50])
  expect(b.max).toEqual([10, 34, 50])
  expect(b.mean).toEqual([10, 32, 50])
})

test('a long series from the library goes on in buckets of the same span', () => {
  const step = Array.from({ length: 1000 }, (_, i) => i * 100)
  const flat = step.map(() => 1)
  const b = bucketsOf(
    series({ step, min: flat.map(() => 0), max: flat.map(() => 2), mean: flat, lastStep: 99_950, count: 99_951 }),
  )
  expect(b.span).toBe(100)
  expect(b.count[3]).toBe(100)
  appendPoints(b, [99_951, 99_999, 100_000], [5, -5, 7])
  expect(b.first.length).toBe(1001)
  expect(b.max[999]).toBe(5)
  expect(b.min[999]).toBe(-5)
  expect(b.max[1000]).toBe(7)
})

test('a bucket of the library without finite values is a gap', () => {
  const b = bucketsOf(series({ step: [0, 1], min: [null, 1], max: [null, 1], mean: [null, 1], lastStep: 1, count: 2 }))
  expect(b.mean).toEqual([NaN, 1])
})

test('bucketAt finds the last bucket that begins at or before a step', () => {
  expect([-1, 0, 4, 5, 99].map((s) => bucketAt([0, 5, 10], s))).toEqual([-1, 0, 0, 1, 2])
})

test('stitching puts the fine range in place of the coarse', () => {
  const coarse = grow(Array.from({ length: 100 }, () => 0))
  const fine = emptyBuckets()
  appendPoints(fine, [38, 40, 41, 42, 60], [9, 1, 2, 3, 9])
  const both = stitch(coarse, fine, 40, 50)
  expect(both.first.slice(38, 45)).toEqual([38, 39, 40, 41, 42, 50, 51])
  expect(both.mean.slice(38, 45)).toEqual([0, 0, 1, 2, 3, 0, 0])
  expect(both.first.at(-1)).toBe(99)
})
