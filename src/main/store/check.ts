import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { Run } from '../../shared/run.ts'
import { leftovers, list, logState, sizeOf } from './attempt-files.ts'
import { users } from './blobs.ts'
import { StepCheck, changedSets } from './check-records.ts'
import { RollupCheck } from './check-rollups.ts'
import { databaseFile, openDatabase } from './database.ts'
import { LibraryError } from './errors.ts'
import { loadMigrations } from './migrate.ts'
import { toRun } from './rows.ts'
import type { RunRow } from './rows.ts'

/** What a check looked at, in the order in which it does. */
export type CheckPart =
  'database' | 'references' | 'runs' | 'contents' | 'roll-ups' | 'points' | 'sets' | 'logs' | 'leftovers'

export interface CheckFinding {
  /** A problem: something is lost or wrong. A note: nothing is, but it can be mended or takes space. */
  level: 'problem' | 'note'
  part: CheckPart
  message: string
  /** What to do. */
  hint: string
}

export interface CheckReport {
  path: string
  /** No problem was found. */
  ok: boolean
  findings: CheckFinding[]
  checked: {
    runs: number
    contents: number
    contentBytes: number
    series: number
    points: number
    /** Nodes of the roll-ups that were compared with what they summarise. */
    summaries: number
  }
  /** Bytes that `compact` would free at least. */
  reclaimableBytes: number
}

const MOST_MESSAGES = 20
const restore =
  'Restore library.db from a backup (`atelier library backup` makes one, an upgrade leaves one in the backups folder).'
const compact = '`atelier library compact` frees the space.'

/**
 * Looks at all of a library without changing it, also while a core works on it: SQLite's own integrity check, foreign
 * keys, every run's row, the hash of every stored content, roll-ups against points, points against the steps logged, logs,
 * and what nothing refers to.
 * @throws LibraryError when the folder holds no library that this version reads (damage is reported, not thrown)
 */
export async function checkLibrary(directory: string): Promise<CheckReport> {
  const folder = resolve(directory)
  const checked = { runs: 0, contents: 0, contentBytes: 0, series: 0, points: 0, summaries: 0 }
  const report: CheckReport = { path: folder, ok: true, findings: [], checked, reclaimableBytes: 0 }
  let db: Database.Database
  try {
    db = openDatabase(folder, loadMigrations(), true)
  } catch (error) {
    if (!(error instanceof LibraryError) || error.code !== 'damaged') throw error
    const message = error.message.replace(/ Nothing was changed\..*$/, '')
    return { ...report, ok: false, findings: [{ level: 'problem', part: 'database', message, hint: restore }] }
  }
  try {
    // One view of the library for all checks, whatever a core commits meanwhile.
    db.exec('BEGIN')
    await new Check(db, folder, report).all()
  } finally {
    db.close()
  }
  report.ok = report.findings.every(({ level }) => level === 'note')
  return report
}

class Check {
  private readonly db: Database.Database
  private readonly folder: string
  private readonly report: CheckReport

  constructor(db: Database.Database, folder: string, report: CheckReport) {
    this.db = db
    this.folder = folder
    this.report = report
  }

  async all(): Promise<void> {
    this.database()
    // The rest reads by those very trees, and would only repeat what is broken about them.
    if (this.report.findings.length > 0) return
    this.references()
    this.runs()
    await this.contents()
    await this.rollups()
    await this.points()
    this.sets()
    this.logs()
    this.leftovers()
  }

  private problem(part: CheckPart, message: string, hint: string): void {
    this.report.findings.push({ level: 'problem', part, message, hint })
  }

  private note(part: CheckPart, message: string, bytes: number): void {
    this.report.reclaimableBytes += bytes
    this.report.findings.push({ level: 'note', part, message, hint: compact })
  }

  private database(): void {
    const rows = this.db.pragma(`integrity_check(${MOST_MESSAGES})`) as { integrity_check: string }[]
    for (const { integrity_check: found } of rows)
      if (found !== 'ok') this.problem('database', `The database is damaged: ${found}.`, restore)
  }

  private references(): void {
    const rows = this.db.pragma('foreign_key_check') as { table: string; parent: string }[]
    const counts = new Map<string, number>()
    for (const { table, parent } of rows) {
      const which = `${table} that refer to missing ${parent}`
      counts.set(which, (counts.get(which) ?? 0) + 1)
    }
    for (const [which, count] of counts) this.problem('references', `There are ${count} rows of ${which}.`, restore)
  }

  private runs(): void {
    const rows = this.db.prepare<[], RunRow>('SELECT * FROM runs WHERE deleted_at IS NULL').all()
    for (const row of rows) {
      const why = unreadable(row)
      if (why) this.problem('runs', `Run ${row.id} can't be read: ${why}.`, restore)
    }
    this.report.checked.runs = rows.length
  }

  private async contents(): Promise<void> {
    const { checked } = this.report
    const parts = this.db.prepare<[number], Buffer>('SELECT data FROM blob_parts WHERE blob = ? ORDER BY part').pluck()
    const used = this.db
      .prepare<[{ id: number }], string>(
        users
          .map((table) => `SELECT runs.id FROM ${table} JOIN runs ON runs.key = ${table}.run WHERE blob = @id`)
          .join(' UNION '),
      )
      .pluck()
    const rows = this.db
      .prepare<[], { id: number; hash: Buffer; bytes: number; complete: number }>(
        'SELECT id, hash, bytes, complete FROM blobs',
      )
      .all()
    const loose = { count: 0, bytes: 0 }
    for (const { id, hash, bytes, complete } of rows) {
      const owners = used.all({ id })
      const digest = createHash('sha256')
      let length = 0
      for (const data of parts.iterate(id)) {
        digest.update(data)
        length += data.length
      }
      await nextTurn()
      if (owners.length === 0) {
        loose.count++
        loose.bytes += length
      } else if (!complete || length !== bytes || !digest.digest().equals(hash))
        this.problem(
          'contents',
          `The content ${hash.toString('hex').slice(0, 12)}… (${bytes} bytes) of run ${owners.join(', ')} is not what was stored.`,
          `${restore} Everything else of the run is whole.`,
        )
      checked.contents++
      checked.contentBytes += length
    }
    if (loose.count > 0)
      this.note('contents', `No run refers to ${loose.count} stored contents (${loose.bytes} bytes).`, loose.bytes)
  }

  private async rollups(): Promise<void> {
    const { checked } = this.report
    const check = new RollupCheck(this.db)
    const series = this.db
      .prepare<[], { id: number; name: string; run: string }>(
        `SELECT series.id, series.name, runs.id AS run FROM series JOIN runs ON runs.key = series.run
         WHERE runs.deleted_at IS NULL`,
      )
      .all()
    for (const { id, name, run } of series) {
      const { points, nodes, faults } = check.series(id)
      checked.series++
      checked.points += points
      checked.summaries += nodes
      if (faults.length > 0)
        this.problem(
          'roll-ups',
          `Charts of ${name} of run ${run} are not right: ${faults[0]}${faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''}.`,
          `Its points are whole: \`atelier metrics ${run} --csv\` gives them. ${restore}`,
        )
      await nextTurn()
    }
  }

  private async points(): Promise<void> {
    const check = new StepCheck(this.db)
    const runs = this.db.prepare<[], { key: number; id: string }>('SELECT key, id FROM runs WHERE deleted_at IS NULL')
    for (const { key, id } of runs.all()) {
      const fault = check.run(key)
      if (fault) this.problem('points', `The points of run ${id} are not as it logged them: ${fault}.`, restore)
      await nextTurn()
    }
  }

  private sets(): void {
    for (const name of changedSets(this.db))
      this.problem('sets', `The distribution "${name}" is not what was saved.`, `Draw or import it again. ${restore}`)
  }

  private logs(): void {
    const taken = { count: 0, bytes: 0 }
    const attempts = this.db
      .prepare<[], { id: string; attempt: number; offset: number }>(
        `SELECT runs.id, attempts.attempt, attempts.log_offset AS offset FROM attempts JOIN runs ON runs.key = attempts.run
         WHERE attempts.ended_at IS NOT NULL AND runs.deleted_at IS NULL`,
      )
      .all()
    for (const { id, attempt, offset } of attempts) {
      const folder = join(this.folder, 'runs', id, `attempt-${attempt}`)
      const state = logState(folder, offset)
      if (state === 'taken') {
        const files = leftovers(folder)
        taken.count += files.length > 0 ? 1 : 0
        for (const { bytes } of files) taken.bytes += bytes
      } else
        this.report.findings.push({
          level: 'note',
          part: 'logs',
          message:
            state === 'damaged'
              ? `The log of run ${id}, attempt ${attempt}, is damaged at byte ${offset}. All before that is in the library.`
              : `The log of run ${id}, attempt ${attempt}, has events from byte ${offset} on that are not in the library.`,
          hint: 'Resume the run: it goes on from its newest checkpoint and records them again.',
        })
    }
    if (taken.count > 0)
      this.note(
        'logs',
        `${taken.count} attempts that have ended still have files that the library has taken in (${taken.bytes} bytes).`,
        taken.bytes,
      )
  }

  private leftovers(): void {
    const known = this.db.prepare<[string], number>('SELECT 1 FROM runs WHERE id = ?').pluck()
    const orphans = list(join(this.folder, 'runs')).filter((id) => known.get(id) === undefined)
    const bytes = orphans.reduce((sum, id) => sum + sizeOf(join(this.folder, 'runs', id)), 0)
    if (orphans.length > 0)
      this.note('leftovers', `${orphans.length} folders belong to no run (${bytes} bytes).`, bytes)
    const free =
      (this.db.pragma('freelist_count', { simple: true }) as number) *
      (this.db.pragma('page_size', { simple: true }) as number)
    const size = statSync(databaseFile(this.folder)).size
    if (free > size / 10 && free > 1 << 20)
      this.note('leftovers', `${free} of the database's ${size} bytes are free within it.`, free)
  }
}

function unreadable(row: RunRow): string | null {
  try {
    const read = Run.safeParse(toRun(row))
    if (read.success) return null
    const { path, message } = read.error.issues[0]!
    return `${path.join('.')}: ${message}`
  } catch (error) {
    return (error as Error).message
  }
}
