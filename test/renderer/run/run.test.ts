import { describe, expect, test } from 'vitest'
import { presetParams } from '../../../src/shared/experiments/index.ts'
import type { LogLine } from '../../../src/shared/run.ts'
import { inputsOf, waitsFor } from '../../../src/renderer/components/run/inputs.ts'
import {
  chartGroups,
  classifies,
  linesOf,
  metricInfo,
  worthCharting,
} from '../../../src/renderer/components/run/line-sources.ts'
import { clock, filterLog, firstLine, logText } from '../../../src/renderer/components/run/log-lines.ts'
import { paramGroups } from '../../../src/renderer/components/run/param-groups.ts'
import { windowOf } from '../../../src/renderer/components/run/windowing.ts'
import { RunChart } from '../../../src/renderer/charts/run-chart.ts'
import { makeRun } from '../../make-run.ts'

describe('charts of a run', () => {
  test('losses stand together and first, then the others in the order of the kind, then what it does not list', () => {
    const groups = chartGroups('wgan-gp', ['zeta', 'criticLoss'], 'Losses')
    expect(groups[0]).toMatchObject({ id: 'losses', metrics: [{ name: 'criticLoss' }, { name: 'generatorLoss' }] })
    expect(groups.map((g) => g.id).slice(1)).toEqual([
      'wassersteinEstimate',
      'gradientPenalty',
      'gradientNorm',
      'imagesPerSecond',
      'zeta',
    ])
  })
  test('a kind from elsewhere still has charts', () => {
    expect(chartGroups('other', ['trainLoss'], 'Losses')).toMatchObject([{ id: 'trainLoss', title: 'Train loss' }])
    expect(metricInfo('dcgan', 'dReal').title).toBe('D(x)')
  })
  test('only metrics that have values make lines, smoothed by the length of the run', () => {
    const chart = new RunChart()
    chart.load({
      series: [{ name: 'criticLoss', step: [1], min: [1], max: [1], mean: [1], nonFinite: [], lastStep: 1, count: 1 }],
      axis: { step: [1], epoch: [0], time: [0] },
      cursor: 1,
    })
    const progress = {
      step: 1,
      totalSteps: 50_000,
      epoch: 0,
      epochs: 1,
      stepsPerSecond: null,
      etaSeconds: null,
      message: null,
    }
    const metrics = [metricInfo('wgan-gp', 'criticLoss'), metricInfo('wgan-gp', 'generatorLoss')]
    const lines = linesOf(makeRun({ id: 'r', progress }), chart, metrics, (_, i) => ({ colourSlot: i, dash: [] }))
    expect(lines).toMatchObject([{ key: 'r/criticLoss', label: 'Critic loss', smoothingUnit: 50 }])
  })
})

describe('parameters', () => {
  test('stand in the groups of the schema, and what differs from the default is marked', () => {
    const groups = paramGroups({ kind: 'dcgan', preset: 'quick', params: { ...presetParams('dcgan'), width: 24 } })
    expect(groups.map((g) => g.title)).toEqual(['Data', 'Networks', 'Training', 'Optimiser', 'Record'])
    const rows = groups.flatMap((g) => g.rows)
    expect(rows.filter((r) => r.differs)).toMatchObject([{ name: 'width', value: 24, default: 64, unit: 'channels' }])
  })
  test('a parameter that the kind has no more is shown apart, and an unknown kind as it was stored', () => {
    expect(
      paramGroups({ kind: 'dcgan', preset: null, params: { ...presetParams('dcgan'), old: 1 } }).at(-1),
    ).toMatchObject({
      title: 'Other',
      rows: [{ name: 'old', differs: true }],
    })
    expect(paramGroups({ kind: 'gone', preset: null, params: { a: 1 } })).toMatchObject([
      { rows: [{ name: 'a', differs: false }] },
    ])
  })
})

describe('the log', () => {
  const line = (seq: number, level: LogLine['level'], message: string): LogLine => ({
    seq,
    level,
    message,
    time: seq * 1000,
  })
  const lines = [line(0, 'info', 'Epoch 1'), line(1, 'warning', 'Norm is far'), line(2, 'error', 'No memory\nat x')]
  test('is filtered by level and text', () => {
    expect(filterLog(lines, 'all', '')).toBe(lines)
    expect(filterLog(lines, 'warnings', '').map((l) => l.seq)).toEqual([1, 2])
    expect(filterLog(lines, 'errors', '').map((l) => l.seq)).toEqual([2])
    expect(filterLog(lines, 'all', ' NORM ').map((l) => l.seq)).toEqual([1])
  })
  test('shows the first line of a message and how many follow', () => {
    expect(firstLine('No memory\nat x\n')).toEqual({ text: 'No memory', more: 1 })
    expect(firstLine('')).toEqual({ text: '', more: 0 })
  })
  test('is copied whole, with times that can be sorted', () => {
    expect(logText(lines).split('\n')[1]).toBe('1970-01-01T00:00:01.000Z WARNING Norm is far')
    expect(clock(new Date(2026, 0, 2, 3, 4, 5).getTime())).toBe('03:04:05')
  })
})

test('only what is in view is drawn, whatever the length', () => {
  expect(windowOf(0, 200, 20, 1_000_000)).toEqual({ from: 0, to: 18 })
  expect(windowOf(1000, 200, 20, 1_000_000, 0)).toEqual({ from: 50, to: 60 })
  expect(windowOf(1e9, 200, 20, 30)).toEqual({ from: 22, to: 30 })
  expect(windowOf(0, 200, 20, 0)).toEqual({ from: 0, to: 0 })
})

describe('charts that tell something', () => {
  const chartOf = (series: Record<string, number[]>) => {
    const chart = new RunChart()
    chart.load({
      series: Object.entries(series).map(([name, values]) => ({
        name,
        step: values.map((_, i) => i + 1),
        min: values,
        max: values,
        mean: values,
        nonFinite: [],
        lastStep: values.length,
        count: values.length,
      })),
      axis: { step: [1], epoch: [0], time: [0] },
      cursor: 1,
    })
    return chart
  }
  const shown = (kind: string, status: 'done' | 'running', chart: RunChart) =>
    worthCharting(chartGroups(kind, chart.names, 'Losses'), makeRun({ kind, status }), chart).map((g) => g.id)
  const measures = { accuracy: [0.9], precision: [0.9], recall: [0.9], fScore: [0.9] }

  test('a run that only measures has none, whether it works or is done', () => {
    expect(shown('vae-svm', 'done', chartOf(measures))).toEqual([])
    expect(shown('vae-svm', 'running', chartOf({}))).toEqual([])
  })
  test('a run that trains keeps the places of what may still come, but not those of its four last numbers', () => {
    expect(shown('vae', 'running', chartOf({}))).toContain('losses')
    expect(shown('m2', 'running', chartOf({ loss: [3, 2, 1] }))).not.toContain('accuracy')
    expect(shown('m2', 'done', chartOf({ loss: [3, 2, 1], ...measures }))).toEqual(['losses'])
  })
  test('a measure that was taken again and again has a course', () => {
    expect(shown('m2', 'done', chartOf({ loss: [3, 2, 1], accuracy: [0.5, 0.9] }))).toContain('accuracy')
  })
  test('kinds that classify are known by their accuracy', () => {
    expect(['vae', 'vae-svm', 'm2', 'm1-m2', 'dcgan'].filter(classifies)).toEqual(['vae-svm', 'm2', 'm1-m2'])
  })
})

describe('runs that a run builds on', () => {
  const vae = (status: 'done' | 'running') => makeRun({ id: 'v', kind: 'vae', name: 'vae 7', status })
  const svm = (status: 'queued' | 'running') => makeRun({ id: 's', status, inputs: [{ role: 'vae', runId: 'v' }] })
  const known = (run: ReturnType<typeof makeRun>) => new Map([[run.id, run]])
  test('are waited for while they are not done and it is queued', () => {
    expect(waitsFor(svm('queued'), known(vae('running'))).map((r) => r.name)).toEqual(['vae 7'])
    expect(waitsFor(svm('queued'), known(vae('done')))).toEqual([])
    expect(waitsFor(svm('running'), known(vae('running')))).toEqual([])
  })
  test('are still named when they were removed', () => {
    expect(inputsOf(svm('running'), new Map())).toEqual([{ role: 'vae', id: 'v', run: null }])
  })
})
