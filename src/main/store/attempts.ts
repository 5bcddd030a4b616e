import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import type { Problem, RunStatus } from '../../shared/run.ts'
import type { Commits } from './commits.ts'
import { NotFoundError, asLibraryError } from './errors.ts'
import { dropHalfWritten } from './half-written.ts'
import { toAttempt } from './rows.ts'
import type { AttemptRow } from './rows.ts'
import type { Runs } from './runs.ts'
import type { Attempt } from './types.ts'

const select = `SELECT runs.id, attempts.* FROM attempts JOIN runs ON runs.key = attempts.run`

/** The worker processes that runs had, one after the other. */
export class Attempts {
  private readonly db: Database
  private readonly commits: Commits
  private readonly runs: Runs
  private readonly directory: string

  constructor(commits: Commits, runs: Runs, directory: string) {
    this.db = commits.db
    this.commits = commits
    this.runs = runs
    this.directory = directory
  }

  folder(runId: string, attempt: number): string {
    return join(this.directory, 'runs', runId, `attempt-${attempt}`)
  }

  start(runId: string, at: number, resumedFrom: number | null): Attempt {
    return this.commits.run(() => {
      const run = this.runs.need(runId)
      const key = this.runs.key(runId)
      const attempt = run.attempts + 1
      this.db
        .prepare('INSERT INTO attempts (run, attempt, started_at, resumed_from) VALUES (?, ?, ?, ?)')
        .run(key, attempt, at, resumedFrom)
      this.db
        .prepare(
          `UPDATE runs SET attempts = ?, attempt_started_at = ?, started_at = coalesce(started_at, ?), problem = NULL
           WHERE key = ?`,
        )
        .run(attempt, at, at, key)
      this.runs.setStatus(runId, 'starting')
      this.runs.touch(runId)
      try {
        if (attempt > 1) dropHalfWritten(this.folder(runId, attempt - 1))
        mkdirSync(this.folder(runId, attempt), { recursive: true })
      } catch (error) {
        throw asLibraryError(error)
      }
      return this.need(runId, attempt)
    })
  }

  setProcess(runId: string, attempt: number, pid: number, processStart: string | null): void {
    this.commits.run(() => {
      const { changes } = this.db
        .prepare('UPDATE attempts SET pid = ?, process_start = ? WHERE run = ? AND attempt = ?')
        .run(pid, processStart, this.runs.key(runId), attempt)
      if (!changes) throw this.missing(runId, attempt)
    })
  }

  /** Ends an attempt and gives the run its status; one that has ended already stays as it is. */
  end(runId: string, attempt: number, status: RunStatus, problem: Problem | null, at: number): void {
    this.commits.run(() => {
      if (this.need(runId, attempt).endedAt !== null) return
      this.close(runId, attempt, status, problem, at)
    })
  }

  /** In the caller's transaction: what the worker itself said of its end, which has the last word. */
  close(runId: string, attempt: number, status: RunStatus, problem: Problem | null, at: number): void {
    const key = this.runs.key(runId)
    const { startedAt, endedAt } = this.need(runId, attempt)
    this.db.prepare('UPDATE attempts SET ended_at = ? WHERE run = ? AND attempt = ?').run(at, key, attempt)
    this.db
      .prepare(
        `UPDATE runs SET active_ms = max(0, active_ms + ?), attempt_started_at = NULL, problem = ? WHERE key = ?`,
      )
      .run(at - (endedAt ?? startedAt), problem === null ? null : JSON.stringify(problem), key)
    this.runs.setStatus(runId, status, at)
    this.runs.touch(runId)
  }

  need(runId: string, attempt: number): Attempt {
    const row = this.db
      .prepare<[number, number], AttemptRow>(`${select} WHERE attempts.run = ? AND attempts.attempt = ?`)
      .get(this.runs.key(runId), attempt)
    if (!row) throw this.missing(runId, attempt)
    return toAttempt(row)
  }

  list(runId: string): Attempt[] {
    return this.db
      .prepare<[number], AttemptRow>(`${select} WHERE attempts.run = ? ORDER BY attempts.attempt`)
      .all(this.runs.key(runId))
      .map(toAttempt)
  }

  open(): Attempt[] {
    return this.db
      .prepare<[], AttemptRow>(
        `${select} WHERE attempts.ended_at IS NULL AND runs.removed_at IS NULL ORDER BY attempts.run, attempts.attempt`,
      )
      .all()
      .map(toAttempt)
  }

  private missing(runId: string, attempt: number): NotFoundError {
    return new NotFoundError(`The run "${runId}" has no attempt ${attempt}.`)
  }
}
