import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Database, Statement } from 'better-sqlite3'
import { users } from './blobs.ts'
import type { Blobs } from './blobs.ts'
import type { Commits } from './commits.ts'
import { toRun } from './rows.ts'
import type { RunRow } from './rows.ts'
import { runBytes } from './run-bytes.ts'
import type { Runs } from './runs.ts'
import type { BinnedRun } from './types.ts'

const POINTS_A_SLICE = 10_000
const ROWS_A_SLICE = 1000
const BLOBS_A_SLICE = 50
const PAGES_A_SLICE = 1000

/**
 * The bin, and the way out of it. A removed run is marked and nobody sees it; it can be restored until it is marked as
 * deleted. What is its is then deleted, and the space given back, in slices between which the core does its other work. A
 * crash on the way is made good by `go` at the next start.
 */
export class Removal {
  private readonly db: Database
  private readonly commits: Commits
  private readonly runs: Runs
  private readonly blobs: Blobs
  private readonly directory: string
  private readonly marked: Statement<[], { key: number; id: string }>
  private going: Promise<number> | null = null
  private stopped = false

  constructor(commits: Commits, runs: Runs, blobs: Blobs, directory: string) {
    this.db = commits.db
    this.commits = commits
    this.runs = runs
    this.blobs = blobs
    this.directory = directory
    this.marked = this.db.prepare('SELECT key, id FROM runs WHERE deleted_at IS NOT NULL')
  }

  /** Puts runs into the bin. Returns those that were there to be put. */
  remove(ids: string[]): string[] {
    return this.commits.run(() => {
      const removed = [...new Set(ids)].filter((id) => this.runs.get(id) !== null)
      for (const id of removed) {
        this.runs.leaveQueue(id)
        this.db.prepare('UPDATE runs SET removed_at = ? WHERE id = ?').run(Date.now(), id)
        this.runs.forget(id)
      }
      return removed
    })
  }

  /** What is in the bin, newest there first. */
  bin(): BinnedRun[] {
    const bytes = runBytes(this.db)
    return this.binned().map((row) => ({ run: toRun(row), removedAt: row.removed_at, bytes: bytes(row.key) }))
  }

  private binned() {
    return this.db
      .prepare<[], RunRow & { removed_at: number }>(
        'SELECT * FROM runs WHERE removed_at IS NOT NULL AND deleted_at IS NULL ORDER BY removed_at DESC, key DESC',
      )
      .all()
  }

  /** Takes runs out of the bin. Returns those that were in it; one that was queued is stopped, so that none starts unasked. */
  restore(ids: string[]): string[] {
    const back = this.db.prepare<[string]>(
      'UPDATE runs SET removed_at = NULL WHERE id = ? AND removed_at IS NOT NULL AND deleted_at IS NULL',
    )
    return this.commits.run(() => {
      const restored = [...new Set(ids)].filter((id) => back.run(id).changes > 0)
      for (const id of restored) {
        if (this.runs.need(id).status === 'queued') this.runs.setStatus(id, 'stopped')
        this.runs.touch(id)
      }
      return restored
    })
  }

  /** Marks what is in the bin as deleted: these runs, or all that were put there before a time. Returns them. */
  empty({ ids, before = Infinity }: { ids?: string[]; before?: number }): string[] {
    const chosen = ids && new Set(ids)
    const mark = this.db.prepare<[number, string]>('UPDATE runs SET deleted_at = ? WHERE id = ?')
    return this.commits.run(() => {
      const rows = this.binned().filter(({ id, removed_at }) => removed_at < before && (!chosen || chosen.has(id)))
      for (const { id } of rows) mark.run(Date.now(), id)
      return rows.map(({ id }) => id)
    })
  }

  /** Deletes all that is marked as deleted. Returns the bytes given back to the disk. */
  async go(): Promise<number> {
    // One at a time, or two callers would count each other's pages.
    while (this.going) await this.going
    this.going = this.work()
    try {
      return await this.going
    } finally {
      this.going = null
    }
  }

  /** The library is closing: no slice begins any more. */
  stop(): void {
    this.stopped = true
  }

  private async work(): Promise<number> {
    if (this.stopped) return 0
    for (const run of this.marked.all()) {
      for (const _ of this.deleteRun(run.key)) {
        await nextTurn()
        if (this.stopped) return 0
      }
      rmSync(join(this.directory, 'runs', run.id), { recursive: true, force: true })
    }
    for (const _ of this.blobs.collect()) {
      await nextTurn()
      if (this.stopped) return 0
    }
    return this.giveBack()
  }

  private *deleteRun(key: number): Generator<void> {
    const series = this.db.prepare<[number], number>('SELECT id FROM series WHERE run = ?').pluck().all(key)
    for (const id of series) {
      yield* this.drain('DELETE FROM points WHERE series = ? LIMIT ?', id, POINTS_A_SLICE)
      yield* this.drain('DELETE FROM rollups WHERE series = ? LIMIT ?', id, ROWS_A_SLICE)
      this.db.prepare('DELETE FROM series WHERE id = ?').run(id)
    }
    yield* this.drain('DELETE FROM marks WHERE run = ? LIMIT ?', key, POINTS_A_SLICE)
    yield* this.drain('DELETE FROM log WHERE run = ? LIMIT ?', key, ROWS_A_SLICE)
    yield* this.drain('DELETE FROM frames WHERE run = ? LIMIT ?', key, ROWS_A_SLICE)
    yield* this.drain('DELETE FROM changes WHERE run = ? LIMIT ?', key, ROWS_A_SLICE)
    yield* this.drain('DELETE FROM results WHERE run = ? LIMIT ?', key, ROWS_A_SLICE)
    for (const table of users) {
      const cut = this.db
        .prepare<[number, number], number>(`DELETE FROM ${table} WHERE run = ? RETURNING blob LIMIT ?`)
        .pluck()
      for (let more = true; more;) {
        more = this.commits.run(() => {
          const blobs = cut.all(key, BLOBS_A_SLICE)
          for (const blob of new Set(blobs)) this.blobs.release(blob)
          return blobs.length > 0
        })
        yield
      }
    }
    this.commits.run(() => {
      this.db.prepare('DELETE FROM attempts WHERE run = ?').run(key)
      this.db.prepare('DELETE FROM runs WHERE key = ?').run(key)
    })
  }

  private *drain(sql: string, owner: number, limit: number): Generator<void> {
    const statement = this.db.prepare<[number, number]>(sql)
    while (this.commits.run(() => statement.run(owner, limit).changes) > 0) yield
  }

  private async giveBack(): Promise<number> {
    const pageSize = this.db.pragma('page_size', { simple: true }) as number
    let freed = 0
    for (;;) {
      const before = this.db.pragma('page_count', { simple: true }) as number
      this.db.pragma(`incremental_vacuum(${PAGES_A_SLICE})`)
      const pages = before - (this.db.pragma('page_count', { simple: true }) as number)
      if (pages <= 0) break
      freed += pages * pageSize
      await nextTurn()
      if (this.stopped) return freed
    }
    if (freed > 0) this.db.pragma('wal_checkpoint(TRUNCATE)')
    return freed
  }
}
