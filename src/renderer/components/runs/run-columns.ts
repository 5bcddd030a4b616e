import { experimentKinds, fieldsOf } from '../../../shared/experiments/index.ts'
import { headlineMetrics } from '../../../shared/headline.ts'
import { RunStatus } from '../../../shared/run.ts'
import type { MetricValue, Run } from '../../../shared/run.ts'
import { durationOf, fractionDone } from '../../status.ts'

export type ColumnId =
  | 'samples'
  | 'name'
  | 'status'
  | 'kind'
  | 'dataset'
  | 'params'
  | 'progress'
  | 'losses'
  | 'started'
  | 'duration'
  | 'tags'
  | 'notes'

export interface Column {
  id: ColumnId
  /** A track of the row's CSS grid, and its least width in px. */
  track: string
  least: number
  /** What the column sorts by; a text, or a number with null for "none yet", which always sorts last. */
  sortBy?: (run: Run, now: number) => string | number | null
  /** Sorting starts with the largest. */
  descendingFirst?: boolean
  fixed?: boolean
}

export const columns: readonly Column[] = [
  { id: 'samples', track: '6.25rem', least: 100 },
  { id: 'name', track: 'minmax(10rem, 1.4fr)', least: 160, sortBy: (run) => run.name.toLowerCase(), fixed: true },
  { id: 'status', track: '7.5rem', least: 120, sortBy: (run) => statusOrder(run) },
  { id: 'progress', track: 'minmax(11.75rem, 1fr)', least: 188, sortBy: fractionDone, descendingFirst: true },
  // It showed losses alone once; browsers keep the choice of columns by these ids.
  { id: 'losses', track: '9.5rem', least: 152, sortBy: (run) => headlinesOf(run)[0]?.number ?? null },
  { id: 'kind', track: '5.25rem', least: 84, sortBy: (run) => run.kind },
  { id: 'dataset', track: '6.5rem', least: 104, sortBy: (run) => String(run.params.dataset ?? '') },
  { id: 'params', track: 'minmax(10rem, 1.8fr)', least: 160 },
  {
    id: 'started',
    track: '6.5rem',
    least: 104,
    sortBy: (run) => run.startedAt ?? run.createdAt,
    descendingFirst: true,
  },
  { id: 'duration', track: '5.25rem', least: 84, sortBy: durationOf, descendingFirst: true },
  { id: 'tags', track: 'minmax(7rem, 0.8fr)', least: 112, sortBy: (run) => run.tags.join(' ').toLowerCase() || null },
  { id: 'notes', track: 'minmax(9rem, 1fr)', least: 144, sortBy: (run) => run.notes.toLowerCase() || null },
]

/** Tags stand under the name unless they have a column; notes show as a sign beside the status. */
export const defaultColumns: ColumnId[] = columns.map((c) => c.id).filter((id) => id !== 'notes' && id !== 'tags')

export interface Sort {
  column: ColumnId
  descending: boolean
}
export const defaultSort: Sort = { column: 'started', descending: true }

/** Running first, then the queue in its order, then what is over; numbers that sort ascending. */
function statusOrder(run: Run): number {
  const order: RunStatus[] = [
    'running',
    'starting',
    'pausing',
    'stopping',
    'queued',
    'paused',
    'interrupted',
    'failed',
    'stopped',
    'done',
  ]
  return order.indexOf(run.status) + Math.min(run.queuePosition ?? 0, 9_999) / 10_000
}

/** Sorted copy; equal runs stay newest first, and runs without a value come last in either direction. */
export function sortRuns(runs: readonly Run[], sort: Sort, now: number): Run[] {
  const key = columns.find((c) => c.id === sort.column)?.sortBy
  if (!key) return [...runs]
  const keyed = runs.map((run) => ({ run, value: key(run, now) }))
  const sign = sort.descending ? -1 : 1
  keyed.sort((a, b) => {
    if (a.value === null || b.value === null) {
      if (a.value !== b.value) return a.value === null ? 1 : -1
    } else if (a.value !== b.value) return (a.value < b.value ? -1 : 1) * sign
    return b.run.createdAt - a.run.createdAt || (a.run.id < b.run.id ? -1 : 1)
  })
  return keyed.map(({ run }) => run)
}

export interface KeyParam {
  name: string
  label: string
  value: string | number | boolean
  /** Differs from the schema's default. */
  changed: boolean
}

const cache = new WeakMap<Run['params'], KeyParam[]>()

/** The parameters that tell this run apart: its kind's key parameters and whatever else is not at its default. */
export function keyParamsOf(run: Run): KeyParam[] {
  const found = cache.get(run.params)
  if (found) return found
  const kind = experimentKinds.get(run.kind)
  const keys: readonly string[] = kind?.keyParams ?? []
  const described = new Map((kind ? fieldsOf(run.kind) : []).map((f) => [f.name, f]))
  const all = Object.entries(run.params).map(([name, value]) => {
    const f = described.get(name)
    return { name, label: f?.label ?? name, value, changed: f !== undefined && f.default !== value }
  })
  const rank = (p: KeyParam) => (p.changed ? 0 : 100) + (keys.includes(p.name) ? keys.indexOf(p.name) : 50)
  const shown = all
    .filter((p) => p.name !== 'dataset' && (p.changed || keys.includes(p.name)))
    .toSorted((a, b) => rank(a) - rank(b))
  cache.set(run.params, shown)
  return shown
}

export interface Headline {
  name: string
  title: string
  /** "D" or "G": short enough for a table. */
  short: string
  value: MetricValue
  /** Null when it is not finite. */
  number: number | null
}

/** The newest values that say how the run does. */
export function headlinesOf(run: Run): Headline[] {
  return headlineMetrics(run).map(({ name, title }) => {
    const value = run.metrics[name]!
    const number = Number(value)
    return { name, title, short: title[0]!, value, number: Number.isFinite(number) ? number : null }
  })
}
