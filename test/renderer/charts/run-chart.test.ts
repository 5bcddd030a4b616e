import { expect, test } from 'vitest'
import type { Chart, ChartDelta } from '../../../src/shared/chart.ts'
import { RunChart } from '../../../src/renderer/charts/run-chart.ts'

const chart = (step: number[], value: number[], cursor = 1): Chart => ({
  series: [
    {
      name: 'loss',
      step,
      min: value,
      max: value,
      mean: value,
      nonFinite: [],
      lastStep: step.at(-1) ?? null,
      count: step.length,
    },
  ],
  axis: { step, epoch: step.map((s) => s / 10), time: step.map((s) => s * 1000) },
  cursor,
})
const delta = (over: Partial<ChartDelta>): ChartDelta => ({
  cursor: 2,
  superseded: null,
  axis: { step: [], epoch: [], time: [] },
  series: [],
  ...over,
})

test('deltas are appended and a new series appears', () => {
  const c = new RunChart()
  c.load(chart([0, 1], [5, 4]))
  const before = c.version
  expect(
    c.apply(
      delta({
        series: [
          { name: 'loss', step: [2], value: [3] },
          { name: 'other', step: [2], value: ['NaN'] },
        ],
      }),
    ),
  ).toBe(true)
  expect(c.series('loss')!.mean).toEqual([5, 4, 3])
  expect(c.series('other')!.nonFinite[0]!.value).toBe('NaN')
  expect(c.version).toBeGreaterThan(before)
  expect(c.cursor).toBe(2)
  expect(c.lastStep).toBe(2)
})

test('a delta from before what is there is not counted twice', () => {
  const c = new RunChart()
  c.load(chart([0, 1], [5, 4], 10))
  expect(c.apply(delta({ cursor: 9, series: [{ name: 'loss', step: [1], value: [4] }] }))).toBe(true)
  expect(c.series('loss')!.count).toEqual([1, 1])
})

test('points that were taken back ask for the chart anew', () => {
  const c = new RunChart()
  c.load(chart([0, 1], [5, 4]))
  expect(c.apply(delta({ superseded: 0 }))).toBe(false)
})

test('detail of the newest end is followed by what came meanwhile', () => {
  const c = new RunChart()
  c.load(chart([0, 1, 2, 3], [0, 0, 0, 0]))
  c.apply(delta({ series: [{ name: 'loss', step: [4, 5], value: [7, 8] }] }))
  c.loadDetail({ from: 2, to: 10, buckets: 100 }, chart([2, 3], [9, 9]))
  expect(c.series('loss')!.first).toEqual([0, 1, 2, 3, 4, 5])
  expect(c.series('loss')!.mean.slice(3)).toEqual([9, 7, 8])
})
