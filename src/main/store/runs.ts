import { randomBytes } from 'node:crypto'
import type { Database, Statement } from 'better-sqlite3'
import type { Run, RunStatus } from '../../shared/run.ts'
import type { Blobs } from './blobs.ts'
import type { Commits } from './commits.ts'
import { NotFoundError } from './errors.ts'
import type { Findings } from './findings.ts'
import { toRun } from './rows.ts'
import type { RunRow } from './rows.ts'
import { wellFormed } from './sql.ts'
import type { NewRun, RunPatch } from './types.ts'

/** Statuses at which a run's clock has stopped for good, unless somebody resumes it. */
const ended: readonly RunStatus[] = ['stopped', 'done', 'failed', 'interrupted']

const json = (value: unknown) => (value === null || value === undefined ? null : JSON.stringify(value))

/** Crockford's base 32: no letters that read as digits. 50 bits of time and chance, so ids sort by age. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
function newId(now: number): string {
  let time = Math.floor(now / 1000)
  let id = ''
  for (let i = 0; i < 6; i++) {
    id = ALPHABET[time % 32]! + id
    time = Math.floor(time / 32)
  }
  return id + [...randomBytes(4)].map((b) => ALPHABET[b % 32]).join('')
}

/** The table of runs, with the queue and a cache of what the API shows of each. */
export class Runs {
  private readonly db: Database
  private readonly commits: Commits
  private readonly blobs: Blobs
  private readonly findings: Findings
  private readonly cache = new Map<string, Run>()
  private readonly byId: Statement<[string], RunRow>
  private readonly all: Statement<[], RunRow>
  private readonly ids: Statement<[], string>
  private readonly keyOf: Statement<[string], number>

  constructor(commits: Commits, blobs: Blobs, findings: Findings) {
    this.db = commits.db
    this.commits = commits
    this.blobs = blobs
    this.findings = findings
    this.byId = this.db.prepare('SELECT * FROM runs WHERE id = ? AND removed_at IS NULL')
    this.all = this.db.prepare('SELECT * FROM runs WHERE removed_at IS NULL ORDER BY key DESC')
    this.ids = this.db.prepare('SELECT id FROM runs WHERE removed_at IS NULL ORDER BY key DESC').pluck() as never
    this.keyOf = this.db.prepare('SELECT key FROM runs WHERE id = ? AND removed_at IS NULL').pluck() as never
  }

  /** @throws NotFoundError. */
  key(id: string): number {
    const key = this.keyOf.get(id)
    if (key === undefined) throw new NotFoundError(`There is no run "${id}" in this library.`)
    return key
  }

  get(id: string): Run | null {
    const cached = this.cache.get(id)
    if (cached) return cached
    const row = this.byId.get(id)
    if (!row) return null
    const run = toRun(row)
    // Inside a transaction the row may yet be rolled back.
    if (!this.db.inTransaction) this.cache.set(id, run)
    return run
  }

  /** @throws NotFoundError. */
  need(id: string): Run {
    const run = this.get(id)
    if (!run) throw new NotFoundError(`There is no run "${id}" in this library.`)
    return run
  }

  list(): Run[] {
    const ids = this.ids.all()
    if (this.cache.size * 2 > ids.length) return ids.map((id) => this.need(id))
    const runs = this.all.all().map(toRun)
    if (!this.db.inTransaction) for (const run of runs) this.cache.set(run.id, run)
    return runs
  }

  count(): number {
    return this.db.prepare('SELECT count(*) FROM runs WHERE removed_at IS NULL').pluck().get() as number
  }

  /** Forgets what is cached of a run and tells the listeners after the commit. */
  touch(id: string): void {
    this.cache.delete(id)
    this.commits.touch(id)
  }

  forget(id: string): void {
    this.cache.delete(id)
    this.commits.touchRemoved(id)
  }

  /** Many runs may be made in one second. */
  private freshId(now: number): string {
    const taken = this.db.prepare('SELECT 1 FROM runs WHERE id = ?').pluck()
    for (;;) {
      const id = newId(now)
      if (taken.get(id) === undefined) return id
    }
  }

  create(run: NewRun): Run {
    const now = Date.now()
    const id = this.freshId(now)
    this.commits.run(() => {
      const { lastInsertRowid } = this.db
        .prepare(
          `INSERT INTO runs (id, kind, preset, params, name, tags, notes, status, created_at, restart_of, inputs)
           VALUES (?, ?, ?, ?, '', ?, ?, 'paused', ?, ?, ?)`,
        )
        .run(
          id,
          wellFormed(run.kind),
          run.preset === null ? null : wellFormed(run.preset),
          JSON.stringify(run.params),
          JSON.stringify((run.tags ?? []).map(wellFormed)),
          wellFormed(run.notes ?? ''),
          now,
          run.restartOf ?? null,
          JSON.stringify(run.inputs ?? []),
        )
      for (const [role, hash] of Object.entries(run.given ?? {})) {
        const blob = this.blobs.key(hash)
        if (blob === null) throw new NotFoundError(`The library has no content ${hash}.`)
        this.findings.give(Number(lastInsertRowid), role, blob)
      }
      this.update(id, { name: run.name ?? `${run.kind} ${lastInsertRowid}`, status: run.status ?? 'queued' })
    })
    return this.need(id)
  }

  update(id: string, patch: RunPatch): Run {
    this.commits.run(() => {
      const key = this.key(id)
      const columns: Record<string, string | null> = {}
      if (patch.name !== undefined) columns.name = wellFormed(patch.name)
      if (patch.tags !== undefined) columns.tags = JSON.stringify(patch.tags.map(wellFormed))
      if (patch.notes !== undefined) columns.notes = wellFormed(patch.notes)
      if (patch.progress !== undefined) columns.progress = json(patch.progress)
      if (patch.problem !== undefined) columns.problem = json(patch.problem)
      if (patch.engine !== undefined) columns.engine = json(patch.engine)
      if (patch.inputs !== undefined) columns.inputs = JSON.stringify(patch.inputs)
      if (patch.live !== undefined) columns.live = JSON.stringify(patch.live)
      for (const [column, value] of Object.entries(columns))
        this.db.prepare(`UPDATE runs SET ${column} = ? WHERE key = ?`).run(value, key)
      if (patch.status !== undefined) this.setStatus(id, patch.status)
      this.touch(id)
    })
    return this.need(id)
  }

  /** In the caller's transaction. `at` is when the run ended, if this status ends it. */
  setStatus(id: string, status: RunStatus, at = Date.now()): void {
    const before = this.byId.get(id)
    if (!before) throw new NotFoundError(`There is no run "${id}" in this library.`)
    if (before.status !== status) {
      this.db
        .prepare('UPDATE runs SET status = ?, ended_at = ? WHERE key = ?')
        .run(status, ended.includes(status) ? at : null, before.key)
      this.touch(id)
    }
    if (status === 'queued' && before.queue_position === null) {
      this.db
        .prepare(
          'UPDATE runs SET queue_position = (SELECT coalesce(max(queue_position), 0) + 1 FROM runs) WHERE key = ?',
        )
        .run(before.key)
      this.touch(id)
    }
    if (status !== 'queued') this.leaveQueue(id)
  }

  /** In the caller's transaction. */
  leaveQueue(id: string): void {
    const position = this.byId.get(id)?.queue_position
    if (typeof position !== 'number') return
    this.reorder(this.queue().filter((other) => other !== id))
    this.db.prepare('UPDATE runs SET queue_position = NULL WHERE id = ?').run(id)
    this.touch(id)
  }

  queue(): string[] {
    return this.db
      .prepare('SELECT id FROM runs WHERE queue_position IS NOT NULL ORDER BY queue_position')
      .pluck()
      .all() as string[]
  }

  move(id: string, position: number): void {
    this.commits.run(() => {
      this.key(id)
      const rest = this.queue()
      const at = rest.indexOf(id)
      if (at < 0) throw new NotFoundError(`The run "${id}" is not in the queue.`)
      rest.splice(at, 1)
      rest.splice(Math.max(1, Math.floor(position)) - 1, 0, id)
      this.reorder(rest)
    })
  }

  private reorder(ids: string[]): void {
    const place = this.db.prepare(
      'UPDATE runs SET queue_position = @position WHERE id = @id AND queue_position <> @position',
    )
    ids.forEach((id, i) => {
      if (place.run({ id, position: i + 1 }).changes) this.touch(id)
    })
  }
}
