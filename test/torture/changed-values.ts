import type Database from 'better-sqlite3'
import { allColumns, lookInto } from './old-library.ts'

export interface ChangedValue {
  table: string
  column: string
  was: unknown
  is: unknown
}

/**
 * Columns of which the library keeps no second account. SQLite has no checksums, so where bits flip within such a value and
 * leave one that could be, nobody finds it. All else has one: contents and sets of the user's own have their hash, points
 * their summaries, steps their marks.
 */
const storedOnce: Record<string, readonly string[]> = {
  settings: ['name', 'value'],
  runs: 'id kind preset params name tags notes status queue_position created_at started_at ended_at active_ms attempts attempt_started_at progress engine problem metrics thumbnail restart_of cursor log_lines removed_at inputs live'.split(
    ' ',
  ),
  attempts: 'run attempt pid process_start log_offset series_sets started_at ended_at resumed_from'.split(' '),
  series: ['run', 'name'],
  marks: ['epoch', 'time'],
  blobs: ['complete'],
  samples: 'run blob step name epoch time columns rows tile_width tile_height'.split(' '),
  checkpoints: ['run', 'blob', 'step', 'epoch', 'time', 'name'],
  log: 'run seq attempt time level message'.split(' '),
  results: ['run', 'name', 'step', 'time', 'value'],
  artifacts: 'run blob name step time media_type description'.split(' '),
  given: ['run', 'role', 'blob'],
  studies: ['id', 'name', 'created_at', 'definition'],
  frames: ['run', 'step', 'time', 'data'],
  changes: ['run', 'step', 'time', 'params'],
  plane_sets: ['name', 'type', 'count', 'created_at'],
}

/** Tables whose rows nothing else tells of, by an index or otherwise, should their page be swapped with that of another table. */
const rowsStoredOnce = ['settings', 'attempts', 'log', 'results', 'given', 'studies', 'frames', 'changes', 'plane_sets']

/** So close that the mean of the sixteen values of a summary doesn't tell them apart. */
const ROUNDING = 1e-14

/** Whether a change is one that a check can't know of. */
export function isWithoutSecondAccount({ table, column, was, is }: ChangedValue): boolean {
  if (table === 'points' && column === 'value' && typeof was === 'number' && typeof is === 'number')
    return Math.abs(was - is) <= ROUNDING
  if (column === '(rows)') return rowsStoredOnce.includes(table)
  return storedOnce[table]?.includes(column) ?? false
}

/** Where rows of two databases of one schema differ, row by row in the order of their keys. */
export function changedValues(original: string, damaged: string): ChangedValue[] {
  return lookInto(original, (before) =>
    lookInto(damaged, (after) => {
      const changes: ChangedValue[] = []
      for (const [table, columns] of Object.entries(allColumns(before))) {
        const [was, is] = [rowsOf(before, table, columns), rowsOf(after, table, columns)]
        if (was.length !== is.length) changes.push({ table, column: '(rows)', was: was.length, is: is.length })
        else
          was.forEach((row, i) =>
            row.forEach((value, j) => {
              if (!isEqual(value, is[i]![j])) changes.push({ table, column: columns[j]!, was: value, is: is[i]![j] })
            }),
          )
      }
      return changes
    }),
  )
}

const rowsOf = (db: Database.Database, table: string, columns: string[]) =>
  db
    .prepare<[], unknown[]>(`SELECT ${columns.join(', ')} FROM ${table} ORDER BY 1, 2`)
    .raw()
    .all()

const isEqual = (a: unknown, b: unknown) => (Buffer.isBuffer(a) && Buffer.isBuffer(b) ? a.equals(b) : Object.is(a, b))
