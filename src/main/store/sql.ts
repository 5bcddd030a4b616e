import type { Database } from 'better-sqlite3'

const ROWS = 50
type Value = string | number | Buffer | Uint8Array | null

/**
 * Inserts or replaces many rows, 50 to a statement: a row then costs half of what it costs alone, because most of
 * it is the way from JavaScript into SQLite.
 */
export class BulkInsert {
  private readonly width: number
  private readonly many: (values: Value[]) => void
  private readonly one: (values: Value[]) => void

  constructor(db: Database, table: string, columns: string[]) {
    this.width = columns.length
    const row = `(${columns.map(() => '?').join(', ')})`
    const sql = (rows: number) =>
      `INSERT OR REPLACE INTO ${table} (${columns.join(', ')}) VALUES ${Array(rows).fill(row).join(', ')}`
    const many = db.prepare(sql(ROWS))
    const one = db.prepare(sql(1))
    this.many = (values) => many.run(values)
    this.one = (values) => one.run(values)
  }

  /** @param values Rows one after the other, flat. */
  insert(values: Value[]): void {
    const block = ROWS * this.width
    let at = 0
    for (; at + block <= values.length; at += block) this.many(values.slice(at, at + block))
    for (; at < values.length; at += this.width) this.one(values.slice(at, at + this.width))
  }
}

/** SQLite's text is UTF-8, which has no lone surrogates; they become U+FFFD, as in any UTF-8 encoder. */
export const wellFormed = (text: string) => text.replace(/\p{Surrogate}/gu, '\ufffd')
