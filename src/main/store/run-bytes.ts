import type { Database } from 'better-sqlite3'
import { users } from './blobs.ts'

/**
 * What the contents of a run take: its samples, checkpoints, models and pictures. Metrics and log lines, of which a run has
 * thousands for each of these, would have to be counted one by one and are left out; a content that other runs share counts.
 */
export function runBytes(db: Database): (key: number) => number {
  const contents = db
    .prepare<{ key: number }, number>(
      `SELECT coalesce(sum(bytes), 0) FROM blobs WHERE id IN (
         ${users.map((table) => `SELECT blob FROM ${table} WHERE run = @key`).join(' UNION ')})`,
    )
    .pluck()
  const frames = db.prepare<[number], number>('SELECT coalesce(sum(length(data)), 0) FROM frames WHERE run = ?').pluck()
  return (key) => contents.get({ key })! + frames.get(key)!
}
