import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'
import { APPLICATION_ID } from '../../src/main/store/database.ts'
import { migrate } from '../../src/main/store/migrate.ts'
import type { Migration } from '../../src/main/store/migrate.ts'

const ROWS = 4

/** Texts that are hard to carry: quotes, SQL, HTML, NUL, beyond the basic plane, like a path, empty. */
const texts = [
  `'; DROP TABLE runs; -- "quoted" \`too\``,
  '<img src=x onerror=alert(1)> &amp; <!--',
  'NUL \0 in the middle, \u{1f469}\u200d\u{1f52c}, e\u0301, \u202e, \ufeff',
  '../../etc/passwd\\..\\C:',
]
const reals = [-0, 1e308, 5e-324, 1.7e12]
const anything = [null, -Infinity, -0, 9_007_199_254_740_991]

/** What the code that reads a column needs it to be; any other column takes whatever its type and constraints allow. */
const meaningful: Record<string, readonly (string | number | null)[]> = {
  'runs.kind': ['dcgan', 'wgan-gp', 'vae', 'gan2d'],
  'runs.status': ['done', 'stopped', 'failed', 'queued'],
  'runs.queue_position': [null, null, null, 1],
  'runs.tags': ['[]', '["a","<b>"]', '["\\u0000"]', '["\u{1f600}"]'],
  'runs.progress': [null],
  'runs.engine': [null],
  'runs.problem': [null, '{"message":"It died.","hint":null,"detail":null}'],
  'runs.metrics': ['{}', '{"loss":"NaN"}', '{"loss":1e308}', '{"loss":-0.0}'],
  'runs.thumbnail': [null],
  'runs.inputs': ['[]', '[{"role":"model","runId":"x"}]'],
  'runs.removed_at': [null, null, 1.7e12, null],
  'runs.deleted_at': [null],
  'attempts.ended_at': [1.7e12],
  'blobs.complete': [1],
  'log.level': ['info', 'warning', 'error'],
}

interface Column {
  name: string
  type: string
  notnull: number
  pk: number
}
type Value = string | number | Buffer | null

const tablesOf = (db: Database.Database) =>
  db
    .prepare<[], string>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid",
    )
    .pluck()
    .all()

const columnsOf = (db: Database.Database, table: string) => db.pragma(`table_info(${table})`) as Column[]

/**
 * Puts rows into every table of whatever schema a database has, by what the schema says of its columns, so that a
 * table of a migration to come is filled too. Parents are made before their children.
 * @throws SqliteError when a new constraint needs a value that isn't made here yet
 */
function fill(db: Database.Database): void {
  for (const table of tablesOf(db)) {
    const sql = db.prepare<[string], string>('SELECT sql FROM sqlite_schema WHERE name = ?').pluck().get(table)!
    const parents = new Map(
      (db.pragma(`foreign_key_list(${table})`) as { from: string; table: string; to: string }[]).map((key) => [
        key.from,
        db.prepare<[], number>(`SELECT ${key.to} FROM ${key.table} ORDER BY ${key.to}`).pluck().all(),
      ]),
    )
    const columns = columnsOf(db, table)
    const insert = db.prepare(`INSERT INTO ${table} VALUES (${columns.map(() => '?').join(', ')})`)
    for (let row = 0; row < ROWS; row++)
      insert.run(columns.map((column) => parents.get(column.name)?.[row] ?? valueOf(table, column, row, sql)))
  }
}

function valueOf(table: string, { name, type, notnull, pk }: Column, row: number, sql: string): Value {
  const given = meaningful[`${table}.${name}`]
  if (given) return given[row % given.length]!
  if (!notnull && pk === 0 && type !== 'ANY' && row === 0) return null
  if (sql.includes(`json_valid(${name})`)) return JSON.stringify({ [texts[row]!]: [row, texts[row], null] })
  const length = Number(new RegExp(String.raw`length\(${name}\) = (\d+)`).exec(sql)?.[1] ?? 100 * row)
  if (type === 'TEXT') return `${table}.${name} ${row}: ${texts[row]}`
  if (type === 'INTEGER') return pk ? row + 1 : [0, -1, 2 ** 31, Number.MAX_SAFE_INTEGER][row]!
  if (type === 'REAL') return reals[row]!
  if (type === 'ANY') return anything[row]!
  return createHash('sha512').update(`${table}.${name} ${row}`).digest().subarray(0, Math.min(length, 64))
}

/**
 * Makes a library as the Atelier of a schema version left it, with rows in every table.
 * @param points so many points more, in one series, to give a migration work
 */
export function makeOldLibrary(folder: string, migrations: Migration[], version: number, points = 0): void {
  mkdirSync(folder, { recursive: true })
  const db = new Database(path.join(folder, 'library.db'))
  try {
    db.pragma('auto_vacuum = INCREMENTAL')
    db.pragma(`application_id = ${APPLICATION_ID}`)
    migrate(db, migrations, version)
    db.pragma('journal_mode = WAL')
    db.transaction(() => {
      fill(db)
      db.prepare(
        `WITH RECURSIVE n (i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < @points + 999)
         INSERT INTO points SELECT 1, i, i * 0.1 FROM n WHERE @points > 0`,
      ).run({ points })
    })()
  } finally {
    db.close()
  }
}

/** One text for each table's rows: columns and a SHA-256 over every value with its type, every bit of it. */
export type Rows = Record<string, string>

/**
 * All rows of a database.
 * @param only tables and columns to look at, as those of an earlier version; by default all
 */
export function rowsOf(db: Database.Database, only?: Record<string, string[]>): Rows {
  const rows: Rows = {}
  for (const [table, columns] of Object.entries(only ?? allColumns(db))) {
    const key = columnsOf(db, table)
      .filter(({ pk }) => pk > 0)
      .toSorted((a, b) => a.pk - b.pk)
      .map(({ name }) => name)
    const hash = createHash('sha256')
    let count = 0
    const all = db.prepare<[], unknown[]>(`SELECT ${columns.join(', ')} FROM ${table} ORDER BY ${key.join(', ')}`)
    for (const row of all.raw().safeIntegers().iterate()) {
      hash.update(`${row.map(exact).join('\x1f')}\x1e`)
      count++
    }
    rows[table] = `${count} rows of ${columns.join(', ')}: ${hash.digest('hex')}`
  }
  return rows
}

export function allColumns(db: Database.Database): Record<string, string[]> {
  return Object.fromEntries(tablesOf(db).map((table) => [table, columnsOf(db, table).map(({ name }) => name)]))
}

function exact(value: unknown): string {
  if (Buffer.isBuffer(value)) return `blob ${value.toString('hex')}`
  if (typeof value === 'number') return `real ${Object.is(value, -0) ? '-0' : value}`
  if (typeof value === 'string') return `text ${JSON.stringify(value)}`
  return `${typeof value} ${String(value)}`
}

/** Looks at a library's file as it is, without opening it as a library. */
export function lookInto<T>(file: string, look: (db: Database.Database) => T): T {
  const db = new Database(file, { fileMustExist: true })
  try {
    return look(db)
  } finally {
    db.close()
  }
}
