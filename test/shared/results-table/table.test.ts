import { describe, expect, test } from 'vitest'
import { presetParams } from '../../../src/shared/experiments/index.ts'
import { methodOf, missingSpecs, resultsTable } from '../../../src/shared/results-table/index.ts'
import { summarise } from '../../../src/shared/results-table/statistics.ts'
import { classifier } from './support.ts'

const own = { references: false }

describe('statistics', () => {
  test('are the mean and the sample standard deviation', () => {
    const { mean, std, n } = summarise([0.9, 0.92, 0.97])
    expect(mean).toBeCloseTo(0.93, 12)
    // By hand: deviations −0.03, −0.01, 0.04; squares sum to 0.0026; over n − 1 = 2.
    expect(std).toBeCloseTo(Math.sqrt(0.0013), 12)
    expect(n).toBe(3)
  })
  test('have no deviation of one value, and nothing of none', () => {
    expect(summarise([0.5])).toEqual({ mean: 0.5, std: null, n: 1 })
    expect(summarise([])).toEqual({ mean: null, std: null, n: 0 })
  })
})

describe('methods', () => {
  const label = (kind: string, params: Record<string, string | number | boolean>) =>
    methodOf({ kind, params: { ...presetParams(kind), ...params } }).label
  test('are told apart by what differs from the defaults, not by data, labels and seeds', () => {
    expect(label('vae-svm', {})).toBe('VAE + SVM')
    expect(label('vae-svm', { dataset: 'fashion-mnist', labels: 600, labelSeed: 3, seed: 9 })).toBe('VAE + SVM')
    expect(label('vae-svm', { kernel: 'rbf', c: 10 })).toBe('VAE + SVM, rbf, C 10')
    expect(label('vae-svm', { kernel: 'rbf', transductive: true, latent: 10 })).toBe(
      'VAE + SVM, rbf, transductive, latent size 10',
    )
    expect(label('m1-m2', { vaeEpochs: 50, beta1: 0.5, alpha: 3 })).toBe('M1+M2, α 3, VAE epochs 50, Adam β₁ 0.5')
  })
  test('of the quick preset are named by it', () => {
    expect(label('m2', presetParams('m2', 'quick'))).toBe('M2, quick')
    expect(label('vae-svm', { ...presetParams('vae-svm', 'quick'), kernel: 'rbf' })).toBe('VAE + SVM, rbf, quick')
    expect(label('m1-m2', { ...presetParams('m1-m2', 'quick'), epochs: 5 })).toBe('M1+M2, VAE epochs 6, epochs 5')
  })
  test('are the same whatever is only recorded, and whatever a linear kernel does not look at', () => {
    const key = (params: Record<string, number>) =>
      methodOf({ kind: 'vae-svm', params: { ...presetParams('vae-svm'), ...params } }).key
    expect(key({ gamma: 0.5, components: 100 })).toBe(key({}))
    expect(label('m2', { sampleEvery: 7, checkpointEvery: 3 })).toBe('M2')
  })
})

test('cells hold the runs over seeds, in the columns of all budgets', () => {
  const runs = [
    classifier('vae-svm', 0.8, { labels: 1000, labelSeed: 1 }),
    classifier('vae-svm', 0.9, { labels: 1000, labelSeed: 0 }),
    classifier('vae-svm', 0.7, { labels: 100 }),
    classifier('m2', 0.6, { labels: 60, dataset: 'fashion-mnist' }),
    classifier('m2', 0.5, { labels: 60, dataset: 'a-folder' }),
  ]
  const table = resultsTable(runs, own)
  expect(table.columns).toEqual([60, 100, 1000])
  expect(table.groups.map((g) => [g.dataset, g.rows.map((r) => r.label)])).toEqual([
    ['mnist', ['VAE + SVM']],
    ['fashion-mnist', ['M2']],
    ['a-folder', ['M2']],
  ])
  const [, hundred, thousand] = table.groups[0]!.rows[0]!.cells
  expect(hundred).toMatchObject({ mean: 0.7, std: null, n: 1 })
  expect(thousand!.mean).toBeCloseTo(0.85)
  expect(thousand!.values.map((v) => [v.labelSeed, v.value])).toEqual([
    [0, 0.9],
    [1, 0.8],
  ])
  expect(resultsTable(runs, { ...own, measure: 'recall' }).groups[0]!.rows[0]!.cells[1]!.mean).toBeCloseTo(0.68)
  expect(resultsTable(runs, { ...own, datasets: ['a-folder'] }).columns).toEqual([60])
})

test('runs that classify nothing, or have not ended well, count for nothing', () => {
  const runs = [
    classifier('vae', 0.5),
    classifier('wgan-gp', 0.5),
    classifier('m2', Number.NaN, {}, { metrics: { accuracy: 'NaN' } }),
    classifier('m2', 0.4, {}, { status: 'failed' }),
  ]
  expect(resultsTable(runs, own)).toEqual({ measure: 'accuracy', columns: [], groups: [] })
})

describe('each training counts once', () => {
  const mean = (runs: Parameters<typeof resultsTable>[0]) => resultsTable(runs, own).groups[0]!.rows[0]!.cells[0]!
  test('when a spec was run twice: the newest done run', () => {
    const first = classifier('m2', 0.8)
    const second = classifier('m2', 0.9)
    const third = classifier('m2', null, {}, { status: 'running' })
    const cell = mean([second, third, first])
    expect([cell.mean, cell.n, cell.values[0]!.run.id]).toEqual([0.9, 1, second.id])
    expect(cell.pending).toEqual([third])
  })
  test('when it was loaded again, whatever seeds and budget were given then', () => {
    const trained = classifier('m2', 0.8, { labelSeed: 2 })
    const load = { mode: 'load', model: trained.id }
    const runs = [
      trained,
      classifier('m2', 0.8, { ...load, labelSeed: 2 }),
      classifier('m2', 0.8, { ...load, labelSeed: 0 }),
      classifier('m2', 0.8, { ...load, labels: 3000 }),
    ]
    const table = resultsTable(runs, own)
    expect(table.columns).toEqual([100])
    expect(mean(runs)).toMatchObject({ n: 1, mean: 0.8 })
  })
  test('while a loaded model that was trained elsewhere counts, once', () => {
    const load = { mode: 'load', model: '/models/theirs.safetensors' }
    const runs = [classifier('m2', 0.7, load), classifier('m2', 0.7, { ...load, labelSeed: 5 })]
    expect(mean([...runs, classifier('m2', 0.8, { labelSeed: 1 })])).toMatchObject({ n: 2, mean: 0.75 })
  })
})

describe('the best of a column', () => {
  test('is marked in each data set, ties alike, references aside', () => {
    const runs = [
      classifier('vae-svm', 0.88),
      classifier('m2', 0.90001),
      classifier('m1-m2', 0.90004),
      classifier('vae-svm', 0.95, { labels: 600 }),
      classifier('vae-svm', 0.6, { dataset: 'fashion-mnist' }),
    ]
    const { groups, columns } = resultsTable(runs)
    expect(columns).toEqual([100, 600, 1000, 3000])
    expect(groups[0]!.rows.map((row) => row.cells.map((c) => c.best))).toEqual([
      [false, true, false, false],
      [true, false, false, false],
      [true, false, false, false],
    ])
    expect(groups[1]!.rows[0]!.cells[0]!.best).toBe(true)
    expect(groups[0]!.references.find((r) => r.method === 'M1+M2')!.cells[0]!.std).toBeCloseTo(0.0014, 12)
  })
  test('has no others beside it for a measure that they have not reported', () => {
    const table = resultsTable([classifier('m2', 0.9)], { measure: 'fScore' })
    expect(table.groups.flatMap((g) => g.references)).toEqual([])
    expect(table.columns).toEqual([100])
  })
})

describe('a missing cell', () => {
  const runs = [
    classifier('vae-svm', 0.8, { labels: 100, labelSeed: 0, c: 10 }),
    classifier('vae-svm', 0.8, { labels: 100, labelSeed: 1, c: 10 }),
    classifier('vae-svm', 0.9, { labels: 600, labelSeed: 1, c: 10 }),
    classifier('vae-svm', null, { labels: 600, labelSeed: 2, c: 10 }, { status: 'queued' }),
    classifier('vae-svm', null, { labels: 600, labelSeed: 0, c: 10 }, { status: 'failed' }),
  ]
  test('is filled by the specs of its row, with the seeds that other cells have', () => {
    const [row] = resultsTable(runs, own).groups[0]!.rows
    const [hundred, sixHundred] = row!.cells
    expect(hundred!.missing).toEqual([{ labelSeed: 2, seed: 0 }])
    expect(sixHundred!.missing).toEqual([{ labelSeed: 0, seed: 0 }])
    expect(sixHundred!.failed).toEqual([runs[4]])
    expect(missingSpecs(row!, sixHundred!)).toEqual([
      {
        kind: 'vae-svm',
        preset: null,
        params: { ...presetParams('vae-svm'), labels: 600, labelSeed: 0, c: 10, mode: 'train', model: '' },
      },
    ])
  })
  test('of a budget that nobody has run gets all seeds; a paused run is not missing', () => {
    const paused = classifier('vae-svm', null, { labels: 600, c: 10 }, { status: 'paused' })
    const [row] = resultsTable([...runs, paused]).groups[0]!.rows
    expect(row!.cells[3]!.labels).toBe(3000)
    expect(missingSpecs(row!, row!.cells[3]!).map((s) => s.params.labelSeed)).toEqual([0, 1, 2])
    expect(row!.cells[1]!.missing).toEqual([])
  })
  test('asks for nothing that can not be: more labels than images', () => {
    const [row] = resultsTable([classifier('m2', 0.5, { limit: 500, labels: 100 })]).groups[0]!.rows
    expect(row!.label).toBe('M2, training images 500')
    expect(row!.cells.map((c) => c.missing.length)).toEqual([0, 0, 0, 0])
  })
  test('of a loaded model trains it', () => {
    const load = classifier('m2', 0.7, { mode: 'load', model: 'theirs.safetensors' })
    const [row] = resultsTable([load]).groups[0]!.rows
    expect(missingSpecs(row!, row!.cells[1]!)[0]!.params).toMatchObject({ mode: 'train', model: '', labels: 600 })
  })
})
