import { checkParams } from '../experiments/index.ts'
import { activeStatuses } from '../run.ts'
import type { Run, RunSpec } from '../run.ts'
import { countedRuns, figureOf } from './counted.ts'
import { measures, percent } from './measures.ts'
import type { Measure } from './measures.ts'
import { classifies, methodOf } from './methods.ts'
import { references } from './references.ts'
import { summarise } from './statistics.ts'
import type { Summary } from './statistics.ts'

/** What runs of one cell differ in: which images are labelled, and the networks' random numbers. */
export interface Seeds {
  labelSeed: number
  seed: number
}

export interface CellValue extends Seeds {
  run: Run
  /** A fraction, 0 to 1. */
  value: number
}

/** One method on one data set with one budget of labels, over seeds. */
export interface Cell extends Summary {
  labels: number
  /** In the order of their seeds. */
  values: CellValue[]
  /** Queued, in training, paused. */
  pending: Run[]
  /** Failed, stopped or interrupted, of seeds that have nothing better. */
  failed: Run[]
  /** Seeds that other cells of the row have, and this one has no run for; none where it could not be trained. */
  missing: Seeds[]
  /** None of ours is better in this column of the data set, as far as two decimals show; ties are all best. */
  best: boolean
}

export interface Row {
  key: string
  kind: string
  label: string
  /** The newest run, whose parameters the missing ones take over. */
  model: Run
  /** As many as the table has columns. */
  cells: Cell[]
}

export interface ReferenceRow {
  method: string
  source: string
  /** Fractions; null where none was reported. */
  cells: ({ mean: number; std: number | null } | null)[]
}

export interface Group {
  dataset: string
  rows: Row[]
  references: ReferenceRow[]
}

export interface ResultsTable {
  measure: Measure
  /** Budgets of labels, ascending. */
  columns: number[]
  groups: Group[]
}

export interface TableOptions {
  measure?: Measure
  /** Only these data sets; all where it is left out. */
  datasets?: readonly string[]
  /** Also what others have reported. */
  references?: boolean
}

const statesOfPending = new Set([...activeStatuses, 'queued', 'paused'])
const lostStatuses = new Set<Run['status']>(['failed', 'stopped', 'interrupted'])
const datasetOrder = ['mnist', 'fashion-mnist']

/** Data sets that there is something to show of, the two of the paper and the homework first. */
export function datasetsOf(runs: readonly Run[], withReferences: boolean): string[] {
  const ids = runs.filter((run) => classifies(run.kind)).map((run) => String(run.params.dataset))
  if (withReferences) ids.push(...references.map((r) => r.dataset))
  const rank = (id: string) => (datasetOrder.includes(id) ? datasetOrder.indexOf(id) : datasetOrder.length)
  return [...new Set(ids)].toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
}

/** The table of a library's runs: data set × method by budget of labels, mean ± deviation over seeds. */
export function resultsTable(runs: readonly Run[], options: TableOptions = {}): ResultsTable {
  const measure = options.measure ?? measures[0]
  // Others have reported accuracy alone.
  const withReferences = (options.references ?? true) && measure === 'accuracy'
  const datasets = datasetsOf(runs, withReferences).filter((id) => options.datasets?.includes(id) ?? true)
  const shown = runs.filter((run) => classifies(run.kind) && datasets.includes(String(run.params.dataset)))
  const counted = countedRuns(shown, measure)
  const kept = withReferences ? references.filter((r) => datasets.includes(r.dataset)) : []
  const budgets = [
    ...shown.filter((run) => counted.has(run) || statesOfPending.has(run.status)).map(labelsOf),
    ...kept.flatMap((r) => Object.keys(r.accuracy).map(Number)),
  ]
  const columns = [...new Set(budgets)].toSorted((a, b) => a - b)
  const groups = datasets.map((dataset): Group => {
    const rows = rowsOf(
      shown.filter((run) => run.params.dataset === dataset),
      counted,
      columns,
      measure,
    )
    markBest(rows)
    return { dataset, rows, references: kept.filter((r) => r.dataset === dataset).map((r) => referenceRow(r, columns)) }
  })
  return { measure, columns, groups: groups.filter(({ rows, references: others }) => rows.length + others.length > 0) }
}

/** The runs that would fill a cell: its row's parameters with the seeds that the cell lacks. */
export const missingSpecs = ({ model }: Row, cell: Cell): RunSpec[] =>
  cell.missing.map((seeds) => specWith(model, cell.labels, seeds))

const specWith = ({ kind, preset, params }: Run, labels: number, seeds: Seeds): RunSpec => ({
  kind,
  preset,
  params: { ...params, labels, labelSeed: seeds.labelSeed, seed: seeds.seed, mode: 'train', model: '' },
})

const labelsOf = (run: Run) => Number(run.params.labels)
const seedsOf = (run: Run): Seeds => ({ labelSeed: Number(run.params.labelSeed), seed: Number(run.params.seed) })
const seedKey = ({ labelSeed, seed }: Seeds) => `${labelSeed}/${seed}`
const bySeeds = (a: Seeds, b: Seeds) => a.seed - b.seed || a.labelSeed - b.labelSeed

/** Rows in the order of their labels, the plain method before its variants; one that has nothing but failures is none. */
function rowsOf(runs: readonly Run[], counted: ReadonlySet<Run>, columns: readonly number[], measure: Measure): Row[] {
  const byMethod = new Map<string, Run[]>()
  for (const run of runs) {
    const { key } = methodOf(run)
    byMethod.set(key, [...(byMethod.get(key) ?? []), run])
  }
  const rows = [...byMethod].flatMap(([key, all]): Row[] => {
    const own = all.filter((run) => counted.has(run) || (run.params.mode !== 'load' && run.status !== 'done'))
    if (!own.some((run) => counted.has(run) || statesOfPending.has(run.status))) return []
    const model = own.reduce((a, b) => (b.createdAt > a.createdAt ? b : a))
    const seeds = [...new Map(own.map((run) => [seedKey(seedsOf(run)), seedsOf(run)])).values()].toSorted(bySeeds)
    const cells = columns.map((labels) => {
      const inCell = own.filter((run) => labelsOf(run) === labels)
      return cellOf(labels, inCell, counted, seeds, measure, model)
    })
    return [{ key, kind: model.kind, label: methodOf(model).label, model, cells }]
  })
  return rows.toSorted((a, b) => kindRank(a) - kindRank(b) || (a.label < b.label ? -1 : 1))
}

const kindOrder = ['vae-svm', 'm2', 'm1-m2']
const kindRank = ({ kind }: Row) => (kindOrder.includes(kind) ? kindOrder.indexOf(kind) : kindOrder.length)

function cellOf(
  labels: number,
  runs: readonly Run[],
  counted: ReadonlySet<Run>,
  seeds: readonly Seeds[],
  measure: Measure,
  model: Run,
): Cell {
  const values = runs
    .filter((run) => counted.has(run))
    .map((run): CellValue => ({ run, value: figureOf(run, measure)!, ...seedsOf(run) }))
    .toSorted(bySeeds)
  const pending = runs.filter((run) => statesOfPending.has(run.status))
  const has = new Set([...values.map(seedKey), ...pending.map((run) => seedKey(seedsOf(run)))])
  const failed = runs.filter((run) => lostStatuses.has(run.status) && !has.has(seedKey(seedsOf(run))))
  const missing = seeds.filter((pair) => !has.has(seedKey(pair)))
  // Whether such a run can be (no more labels than images) does not depend on the seeds.
  const first = missing[0] && specWith(model, labels, missing[0])
  const possible = first !== undefined && checkParams(first.kind, first.params).ok
  return {
    labels,
    ...summarise(values.map(({ value }) => value)),
    values,
    pending,
    failed,
    missing: possible ? missing : [],
    best: false,
  }
}

function markBest(rows: readonly Row[]): void {
  for (const i of rows[0]?.cells.keys() ?? []) {
    const means = rows.flatMap((row) => row.cells[i]!.mean ?? [])
    if (!means.length) continue
    const top = percent(Math.max(...means))
    for (const { cells } of rows) cells[i]!.best = cells[i]!.mean !== null && percent(cells[i]!.mean) === top
  }
}

const referenceRow = (
  { method, source, accuracy }: (typeof references)[number],
  columns: readonly number[],
): ReferenceRow => ({
  method,
  source,
  cells: columns.map((labels) => {
    const figure = accuracy[labels]
    return figure ? { mean: figure.mean / 100, std: figure.std === undefined ? null : figure.std / 100 } : null
  }),
})
