import { expect, test } from 'vitest'
import type { RunChange } from '../../../src/shared/api.ts'
import type { Sample } from '../../../src/shared/run.ts'
import { RunChart } from '../../../src/renderer/charts/run-chart.ts'
import { merged, takeChange } from '../../../src/renderer/stores/follow.ts'
import type { Followed } from '../../../src/renderer/stores/follow.ts'
import { makeRun } from '../../make-run.ts'

const followed = (): Followed => ({
  id: 'run-1',
  phase: 'loading',
  problem: null,
  run: null,
  samples: [],
  checkpoints: [],
  results: [],
  artifacts: [],
  changes: [],
  frames: null,
  log: [],
  chart: new RunChart(),
  chartVersion: 0,
})
const change = (over: Partial<RunChange>): RunChange => ({
  run: makeRun(),
  samples: [],
  checkpoints: [],
  dropped: [],
  results: [],
  artifacts: [],
  changes: [],
  frames: null,
  log: [],
  chart: null,
  removed: false,
  ...over,
})
const sample = (step: number, hash = `h${step}`): Sample => ({
  hash,
  step,
  epoch: step,
  time: 0,
  name: 'samples',
  columns: 1,
  rows: 1,
  tileWidth: 1,
  tileHeight: 1,
})
const chart = (cursor: number, superseded: number | null = null) => ({
  cursor,
  superseded,
  axis: { step: [1], epoch: [1], time: [1] },
  series: [{ name: 'loss', step: [1], value: [2] }],
})

test('the first message tells all, later ones add', () => {
  const f = followed()
  takeChange(
    f,
    change({ samples: [sample(0), sample(1)], log: [{ seq: 0, time: 0, level: 'info', message: 'a' }] }),
    true,
  )
  expect(f.phase).toBe('ready')
  takeChange(f, change({ samples: [sample(2)], log: [{ seq: 1, time: 0, level: 'info', message: 'b' }] }), false)
  expect(f.samples.map((s) => s.step)).toEqual([0, 1, 2])
  expect(f.log).toHaveLength(2)
})

test('a stream that was opened again replaces samples and repeats no line of the log', () => {
  const f = followed()
  const log = [{ seq: 0, time: 0, level: 'info' as const, message: 'a' }]
  takeChange(f, change({ samples: [sample(0), sample(5)], log }), true)
  takeChange(f, change({ samples: [sample(0)], log }), true)
  expect(f.samples.map((s) => s.step)).toEqual([0])
  expect(f.log).toHaveLength(1)
})

test('points are appended once', () => {
  const f = followed()
  expect(takeChange(f, change({ chart: chart(1) }), true)).toBe(true)
  expect(f.chart.series('loss')!.mean).toEqual([2])
  expect(f.chartVersion).toBe(f.chart.version)
})

test('points that were taken back ask for the stream anew', () => {
  expect(takeChange(followed(), change({ chart: chart(1, 0) }), false)).toBe(false)
})

test('a removed run is told', () => {
  const f = followed()
  takeChange(f, change({ removed: true, run: null }), false)
  expect(f.phase).toBe('removed')
})

test('a grid of the same step replaces the old one, in the order of steps', () => {
  const list = merged([sample(0), sample(2, 'old')], [sample(2, 'new'), sample(1)], (s) => String(s.step))
  expect(list.map((s) => s.hash)).toEqual(['h0', 'h1', 'new'])
})

test('a later result or artifact takes the place of the one of its name', () => {
  const f = followed()
  const artifact = (name: string, hash: string, step: number) => ({
    name,
    hash,
    step,
    time: step,
    mediaType: 'application/octet-stream',
    description: name,
    bytes: 1,
  })
  takeChange(f, change({ artifacts: [artifact('model', 'a', 1), artifact('other', 'b', 1)] }), true)
  takeChange(f, change({ artifacts: [artifact('model', 'c', 2)] }), false)
  expect(f.artifacts.map((a) => [a.name, a.hash])).toEqual([
    ['other', 'b'],
    ['model', 'c'],
  ])
  // A stream that was opened again tells all there is: what a resume took back is gone.
  takeChange(f, change({ artifacts: [artifact('other', 'b', 1)] }), true)
  expect(f.artifacts.map((a) => a.name)).toEqual(['other'])
})
