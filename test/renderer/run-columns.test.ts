import { describe, expect, it } from 'vitest'
import { columns, headlinesOf, keyParamsOf, sortRuns } from '../../src/renderer/components/runs/run-columns.ts'
import { presetParams } from '../../src/shared/experiments/index.ts'
import { makeRun } from '../make-run.ts'

const ids = (runs: { id: string }[]) => runs.map((r) => r.id).join('')

describe('sorting runs', () => {
  it('puts runs without a value last in either direction', () => {
    const runs = [
      makeRun({ id: 'a', startedAt: null }),
      makeRun({ id: 'b', activeMs: 10 }),
      makeRun({ id: 'c', activeMs: 20 }),
    ]
    expect(ids(sortRuns(runs, { column: 'duration', descending: false }, 0))).toBe('bca')
    expect(ids(sortRuns(runs, { column: 'duration', descending: true }, 0))).toBe('cba')
  })

  it('counts the attempt that runs now into the duration', () => {
    const runs = [makeRun({ id: 'a', activeMs: 50 }), makeRun({ id: 'b', activeMs: 0, attemptStartedAt: 900 })]
    expect(ids(sortRuns(runs, { column: 'duration', descending: true }, 1_000))).toBe('ba')
  })

  it('lists the queue in its order after what trains', () => {
    const runs = [
      makeRun({ id: 'd', status: 'done' }),
      makeRun({ id: 'q', status: 'queued', queuePosition: 2 }),
      makeRun({ id: 'p', status: 'queued', queuePosition: 1 }),
      makeRun({ id: 'r', status: 'running' }),
    ]
    expect(ids(sortRuns(runs, { column: 'status', descending: false }, 0))).toBe('rpqd')
  })

  it('keeps equal runs newest first, and leaves the input alone', () => {
    const runs = [
      makeRun({ id: 'a', createdAt: 1 }),
      makeRun({ id: 'b', createdAt: 3 }),
      makeRun({ id: 'c', createdAt: 2 }),
    ]
    for (const descending of [true, false]) expect(ids(sortRuns(runs, { column: 'kind', descending }, 0))).toBe('bca')
    expect(ids(runs)).toBe('abc')
  })

  it('sorts values that are not finite last', () => {
    const runs = [
      makeRun({ id: 'a', metrics: { criticLoss: 'NaN' } }),
      makeRun({ id: 'b', metrics: { criticLoss: -3 } }),
      makeRun({ id: 'c', metrics: { criticLoss: -5 } }),
    ]
    expect(ids(sortRuns(runs, { column: 'losses', descending: true }, 0))).toBe('bca')
  })
})

describe('key parameters', () => {
  it('marks what differs from the default and shows it first, key parameter or not', () => {
    const run = makeRun({ params: { ...presetParams('wgan-gp'), limit: 500, seed: 7 } })
    const shown = keyParamsOf(run)
    expect(shown.filter((p) => p.changed).map((p) => p.name)).toEqual(['seed', 'limit'])
    expect(shown.slice(0, 2).every((p) => p.changed)).toBe(true)
    expect(shown.map((p) => p.name)).toContain('width')
    expect(shown.map((p) => p.name)).not.toContain('beta1')
  })

  it('leaves the data set to its own column', () => {
    const run = makeRun({ params: { ...presetParams('dcgan'), dataset: 'flowers' }, kind: 'dcgan' })
    expect(keyParamsOf(run).map((p) => p.name)).not.toContain('dataset')
  })

  it('shows the parameters of a kind that this version does not know', () => {
    expect(keyParamsOf(makeRun({ kind: 'future', params: { depth: 3 } }))).toEqual([])
    expect(headlinesOf(makeRun({ kind: 'future', params: {}, metrics: { loss: 1 } }))).toEqual([])
  })
})

it('shows the losses of the kind and no other metric', () => {
  const run = makeRun({ metrics: { criticLoss: -1.5, generatorLoss: 'Infinity', gradientNorm: 1 } })
  expect(headlinesOf(run).map(({ short, number }) => [short, number])).toEqual([
    ['C', -1.5],
    ['G', null],
  ])
})

it('has the columns under the ids by which browsers keep which are shown', () => {
  const kept = 'samples name status progress losses kind dataset params started duration tags notes'.split(' ')
  expect(columns.map(({ id }) => id as string)).toEqual(expect.arrayContaining(kept))
})
