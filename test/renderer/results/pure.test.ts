import { describe, expect, test } from 'vitest'
import type { Study } from '../../../src/shared/api.ts'
import { cellWords, pendingCounts, ranges, seedsText } from '../../../src/renderer/components/results/cell-view.ts'
import { checkForm, newForm, parseLabels, planOf } from '../../../src/renderer/components/study/study-form.ts'
import { studyProgress } from '../../../src/renderer/components/study/study-progress.ts'
import { presetParams } from '../../../src/shared/experiments/index.ts'
import { resultsTable } from '../../../src/shared/results-table/index.ts'
import type { Run } from '../../../src/shared/run.ts'
import { classifier } from '../../shared/results-table/support.ts'
import { makeRun } from '../../make-run.ts'

test('seeds are told in few words', () => {
  expect(ranges([0, 1, 2, 5, 7, 8])).toBe('0–2, 5, 7, 8')
  const pair = (labelSeed: number, seed = 0) => ({ labelSeed, seed })
  expect(seedsText([pair(3)])).toBe('label seed 3')
  expect(seedsText([pair(0), pair(1), pair(2)])).toBe('label seeds 0–2')
  expect(seedsText([pair(0, 4), pair(1, 4)])).toBe('label seeds 0, 1, seed 4')
  expect(seedsText([pair(0, 4), pair(0, 5)])).toBe('2 pairs of seeds')
})

test('a cell says all that it shows', () => {
  const runs = [
    classifier('m2', 0.9, { labelSeed: 0 }),
    classifier('m2', null, { labelSeed: 1 }, { status: 'running' }),
    classifier('m2', null, { labelSeed: 2 }, { status: 'queued' }),
    classifier('m2', null, { labelSeed: 3 }, { status: 'paused' }),
    classifier('m2', null, { labelSeed: 4 }, { status: 'failed' }),
  ]
  const cell = resultsTable(runs, { references: false }).groups[0]!.rows[0]!.cells[0]!
  expect(pendingCounts(cell.pending)).toEqual({ running: 1, queued: 1, paused: 1 })
  expect(cellWords(cell, '90.00')).toBe(
    '90.00 per cent, 1 run, best, 1 run in training, 1 run in the queue, 1 run paused, 1 run failed, stopped or interrupted',
  )
})

describe('the form of a study', () => {
  test('makes every combination a run', () => {
    const checked = checkForm({ ...newForm(), labels: ' 600,100;600 ', methods: ['m2', 'vae-svm'], labelSeeds: 3 })
    expect(checked.ok && checked.specs).toHaveLength(2 * 2 * 2 * 3)
    expect(checked.ok && checked.definition.name).toBe('Semi-supervised learning (quick)')
    const first = checked.ok && checked.specs[0]
    expect(first).toMatchObject({
      kind: 'vae-svm',
      preset: 'quick',
      params: { labels: 100, labelSeed: 0, vaeEpochs: 6 },
    })
    const named = checkForm({ ...newForm(), name: ' Mine ' })
    expect(named.ok && named.definition.name).toBe('Mine')
  })
  test('says what is wrong, by field', () => {
    const checked = checkForm({ ...newForm(), datasets: [], methods: [], labels: '100, many' })
    expect(checked.ok ? [] : [...checked.errors.keys()]).toEqual(['labels', 'datasets', 'methods'])
    expect(parseLabels('')).toBeNull()
    expect(parseLabels('0')).toBeNull()
    expect(parseLabels('1.5')).toBeNull()
  })
})

describe('the plan of a study', () => {
  const checked = checkForm({ ...newForm(), datasets: ['mnist'], methods: ['vae-svm', 'm2'], labels: '100, 600' })
  const specs = checked.ok ? checked.specs : []
  const run = (spec: { kind: string; params: Run['params'] }, over: Partial<Run> = {}) =>
    makeRun({ kind: spec.kind, params: spec.params, activeMs: 1_000, ...over })
  test('knows nothing of an empty library, and counts the auto-encoder once', () => {
    expect(planOf(specs, [])).toEqual({ total: 4, there: 0, vaes: 1, trainings: 5, known: 0, knownMs: 0 })
  })
  test('leaves out what is there, and goes by how long such runs took', () => {
    const vae = { kind: 'vae', params: { ...presetParams('vae', 'quick'), dataset: 'mnist' } }
    const m2 = specs.find((s) => s.kind === 'm2')!
    const slow = { ...m2, params: { ...m2.params, labelSeed: 9 } }
    const runs = [run(vae), run(m2), run(slow, { activeMs: 3_000 }), run(specs[0]!, { status: 'failed' })]
    expect(planOf(specs, runs)).toEqual({ total: 4, there: 1, vaes: 0, trainings: 3, known: 1, knownMs: 2_000 })
  })
})

test('the progress of a study follows its runs', () => {
  const runs = new Map(
    (['done', 'done', 'running', 'queued', 'paused', 'interrupted'] as const).map((status, i) => [
      `r${i}`,
      makeRun({ id: `r${i}`, status }),
    ]),
  )
  const study: Study = {
    id: 's',
    name: 'S',
    createdAt: 0,
    entries: [],
    total: 9,
    runs: [...runs.keys(), 'gone'],
    missing: 3,
  }
  expect(studyProgress(study, runs)).toEqual({
    done: 2,
    running: 1,
    queued: 1,
    paused: 1,
    missing: 4,
    failed: 1,
    total: 9,
  })
})
