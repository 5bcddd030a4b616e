import Database from 'better-sqlite3'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadMigrations, migrate } from '../../../src/main/store/migrate.ts'

const folder = join(import.meta.dirname, '../../../src/main/store')
const db = new Database(':memory:')
migrate(db, loadMigrations())

const plan = (sql: string) =>
  (
    db
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...(sql.includes('@') ? [{ steps: '[]', run: 1, high: 1 }] : Array(sql.split('?').length - 1).fill(1))) as {
      detail: string
    }[]
  ).map((r) => r.detail)

/** The hot queries, as they stand in the sources; a changed one has to be changed here too, and looked at. */
const hot: [file: string, sql: string][] = [
  ['charts.ts', 'SELECT step, value FROM points WHERE series = ? AND step BETWEEN ? AND ? ORDER BY step'],
  ['charts.ts', 'SELECT node, data FROM rollups WHERE series = ? AND level = ? AND node BETWEEN ? AND ? ORDER BY node'],
  [
    'charts.ts',
    'SELECT marks.step, marks.epoch, marks.time FROM json_each(@steps) AS wanted CROSS JOIN marks ON marks.run = @run AND marks.step = (SELECT min(step) FROM marks WHERE run = @run AND step >= wanted.value AND step <= @high)',
  ],
  ['charts.ts', 'SELECT min(step) FROM points WHERE series = ?'],
  ['charts.ts', 'SELECT max(step) FROM points WHERE series = ?'],
  ['series-writer.ts', 'SELECT step, value FROM points WHERE series = ? ORDER BY step DESC LIMIT 1'],
  ['series-writer.ts', 'SELECT data FROM rollups WHERE series = ? AND level = ? AND node = ?'],
  ['blobs.ts', 'SELECT id, bytes, complete FROM blobs WHERE hash = ?'],
  ['blobs.ts', 'SELECT data FROM blob_parts WHERE blob = ? ORDER BY part'],
  ['records.ts', 'SELECT seq, time, level, message FROM log WHERE run = ? AND seq > ? ORDER BY seq LIMIT ?'],
  ['runs.ts', 'SELECT * FROM runs WHERE id = ? AND removed_at IS NULL'],
  ['runs.ts', 'SELECT id FROM runs WHERE queue_position IS NOT NULL ORDER BY queue_position'],
]

describe('hot queries', () => {
  it.each(hot)('%s: %s goes by an index and sorts nothing', (file, sql) => {
    expect(readFileSync(join(folder, file), 'utf8').replace(/\s+/g, ' ')).toContain(sql)
    const steps = plan(sql)
    expect(steps.join('\n')).not.toMatch(/TEMP B-TREE|^SCAN(?! wanted VIRTUAL| \w+ USING (COVERING )?INDEX)/m)
  })

  it('are checked by something that would notice a scan', () => {
    expect(plan('SELECT * FROM log WHERE message = ?').join()).toMatch(/^SCAN log/)
    expect(plan('SELECT * FROM log WHERE run = ? ORDER BY time').join()).toMatch('TEMP B-TREE')
  })
})
