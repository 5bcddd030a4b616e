import { rmSync } from 'node:fs'
import { isAbsolute, join, relative, resolve } from 'node:path'
import Database from 'better-sqlite3'
import type { WorkerEvent } from '../../shared/events.ts'
import type { LogLine } from '../../shared/run.ts'
import type { Attempts } from './attempts.ts'
import type { Blobs } from './blobs.ts'
import type { Commits } from './commits.ts'
import { IngestError } from './errors.ts'
import type { Findings } from './findings.ts'
import type { Pictures } from './pictures.ts'
import { Recent } from './recent.ts'
import { RunRecord, isStep } from './run-record.ts'
import type { Retention } from './retention.ts'
import type { Runs } from './runs.ts'
import { SeriesStatements } from './series-writer.ts'
import { BulkInsert, wellFormed } from './sql.ts'
import type { IngestResult, LogBatch } from './types.ts'

const RECORDS_KEPT = 32

type EventOf<T extends WorkerEvent['type']> = Extract<WorkerEvent, { type: T }>

/** What an intake that brought nothing tells. */
export const nothing = (runId: string, attempt: number): IngestResult => ({
  runId,
  attempt,
  points: 0,
  samples: [],
  checkpoints: [],
  dropped: [],
  results: [],
  artifacts: [],
  changes: [],
  frames: 0,
  log: [],
  superseded: null,
  ended: null,
})

/** Where a worker's file is, or null when that is outside the attempt's folder. */
export function fileInside(folder: string, file: string): string | null {
  const inside = relative(folder, resolve(folder, file))
  return !inside || inside.startsWith('..') || isAbsolute(inside) ? null : join(folder, inside)
}

/** A batch on its way in. */
interface Intake {
  record: RunRecord
  result: IngestResult
  /** Files of checkpoints and artifacts that the commit makes superfluous. */
  files: string[]
  /** Why events were left out, each said once in the run's log. */
  refusals: Set<string>
}

/** Takes worker events into the library: a batch and the offset after it in one transaction, so each counts once. */
export class Ingest {
  readonly recent = new Recent()
  private readonly db: Database.Database
  private readonly commits: Commits
  private readonly runs: Runs
  private readonly attempts: Attempts
  private readonly blobs: Blobs
  private readonly findings: Findings
  private readonly pictures: Pictures
  private readonly retention: Retention
  private readonly series: SeriesStatements
  private readonly marks: BulkInsert
  /** What is known of the runs that log now, so that a batch needn't read it; dropped when a batch fails. */
  private readonly records = new Map<string, RunRecord>()

  constructor(
    commits: Commits,
    runs: Runs,
    attempts: Attempts,
    blobs: Blobs,
    findings: Findings,
    pictures: Pictures,
    retention: Retention,
  ) {
    this.db = commits.db
    this.commits = commits
    this.runs = runs
    this.attempts = attempts
    this.blobs = blobs
    this.findings = findings
    this.pictures = pictures
    this.retention = retention
    this.series = new SeriesStatements(this.db)
    this.marks = new BulkInsert(this.db, 'marks', ['run', 'step', 'epoch', 'time'])
  }

  ingest(batch: LogBatch): IngestResult {
    const { runId, attempt, events } = batch
    let intake: Intake
    try {
      intake = this.commits.run(() => {
        const intake = this.begin(batch)
        for (const event of events) this.take(intake, event)
        this.finish(intake, batch.to)
        return intake
      })
    } catch (error) {
      this.records.delete(runId)
      throw error
    }
    const { record, result, files } = intake
    for (const file of files) rmSync(file, { force: true })
    const recent = record.takeRecent()
    if (recent) this.recent.push(runId, recent)
    if (result.ended) this.records.delete(runId)
    this.commits.ingested(result)
    return { ...result, attempt }
  }

  /** Forgets a removed run. */
  forget(runId: string): void {
    this.records.delete(runId)
    this.recent.forget(runId)
  }

  private begin({ runId, attempt, from, to }: LogBatch): Intake {
    const row = this.attempts.need(runId, attempt)
    const run = this.runs.need(runId)
    if (attempt !== run.attempts)
      throw new IngestError(
        `Attempt ${attempt} of run ${runId} isn't its newest one, ${run.attempts}; its log is closed.`,
      )
    if (row.logOffset !== from || to < from)
      throw new IngestError(
        `The log of run ${runId}, attempt ${attempt}, is in the library up to byte ${row.logOffset}; a batch from ${from} to ${to} doesn't follow.`,
      )
    let record = this.records.get(runId)
    if (!record || record.attempt !== attempt) {
      record = new RunRecord(this.db, this.series, this.marks, this.runs.key(runId), attempt)
      this.records.set(runId, record)
      if (this.records.size > RECORDS_KEPT) this.records.delete(this.records.keys().next().value!)
    }
    const result = nothing(runId, attempt)
    return { record, result, files: [], refusals: new Set() }
  }

  private take(intake: Intake, event: WorkerEvent): void {
    const { record, result } = intake
    switch (event.type) {
      case 'metrics':
        if (!isStep(event.step)) intake.refusals.add(`metrics at step ${event.step}: a step is a whole number from 0`)
        else if (!record.metrics(event))
          intake.refusals.add(
            `metrics of set ${event.set} with ${event.values.length} values: no such set was announced`,
          )
        else result.points += event.values.length
        return
      case 'series':
        record.announce(event.set, event.names)
        return
      case 'progress': {
        const { type: _, time: __, ...progress } = event
        record.progress = progress
        return
      }
      case 'log':
        result.log.push(record.logLine(event.time, event.level, event.message))
        return
      case 'hello':
        return this.hello(intake, event)
      case 'sample':
        return this.sample(intake, event)
      case 'checkpoint':
        return this.checkpoint(intake, event)
      case 'result':
        if (isStep(event.step)) result.results.push(this.findings.result(record.key, event))
        else intake.refusals.add(`the result ${event.name} of step ${event.step}: a step is a whole number from 0`)
        return
      case 'artifact':
        return this.artifact(intake, event)
      case 'change':
        if (isStep(event.step)) result.changes.push(this.pictures.change(record.key, event))
        else intake.refusals.add(`a change at step ${event.step}: a step is a whole number from 0`)
        return
      case 'frame':
        if (isStep(event.step)) {
          this.pictures.frame(record.key, event.step, event.time, event.bytes)
          result.frames++
        } else intake.refusals.add(`a picture of step ${event.step}: a step is a whole number from 0`)
        return
      case 'ended':
        // Points first: a status must not be seen before what it speaks of.
        record.flush()
        result.ended = event.status
        this.attempts.close(result.runId, result.attempt, event.status, event.problem, event.time)
        return
    }
  }

  private hello(intake: Intake, event: EventOf<'hello'>): void {
    const { record, result } = intake
    const { runId, attempt } = result
    const key = record.key
    this.db
      .prepare('UPDATE attempts SET pid = ?, resumed_from = ? WHERE run = ? AND attempt = ?')
      .run(event.pid, event.resumedFrom, key, attempt)
    this.db.prepare('UPDATE runs SET engine = ? WHERE key = ?').run(JSON.stringify(event.engine), key)
    if (this.runs.need(runId).status === 'starting') this.runs.setStatus(runId, 'running')
    if (attempt === 1) return
    const release = (blob: number) => this.blobs.release(blob)
    const from = event.resumedFrom ?? -1
    const found = this.findings.cut(key, from, release)
    const pictured = this.pictures.cut(key, from)
    result.superseded = record.supersede(from, release, found || pictured)
  }

  private sample(intake: Intake, event: EventOf<'sample'>): void {
    const { png, type: _, ...header } = event
    if (!isStep(event.step)) {
      intake.refusals.add(`a sample at step ${event.step}: a step is a whole number from 0`)
      return
    }
    const { id, hash } = this.blobs.put(png)
    const name = wellFormed(header.name)
    intake.result.samples.push(intake.record.sample({ ...header, name, hash }, id, (blob) => this.blobs.release(blob)))
  }

  private checkpoint(intake: Intake, event: EventOf<'checkpoint'>): void {
    const { record, result } = intake
    const blob = this.takeFile(intake, event, `the checkpoint of step ${event.step} (${event.file})`)
    if (blob === null) return
    result.checkpoints.push(record.checkpoint(event, blob, (old) => this.blobs.release(old)))
    for (const step of this.retention.apply(record.key)) {
      result.dropped.push(step)
      result.checkpoints = result.checkpoints.filter((checkpoint) => checkpoint.step !== step)
    }
  }

  private artifact(intake: Intake, event: EventOf<'artifact'>): void {
    const { record, result } = intake
    const blob = this.takeFile(intake, event, `the artifact ${event.name} of step ${event.step} (${event.file})`)
    if (blob === null) return
    const artifact = { ...event, hash: event.sha256 }
    result.artifacts.push(this.findings.artifact(record.key, artifact, blob, (old) => this.blobs.release(old)))
  }

  /** Takes in the file of a checkpoint or an artifact. Returns its blob, or null, having said why not. */
  private takeFile(intake: Intake, event: EventOf<'checkpoint' | 'artifact'>, what: string): number | null {
    const refuse = (why: string): null => {
      intake.refusals.add(`${what}: ${why}`)
      return null
    }
    if (!isStep(event.step)) return refuse('a step is a whole number from 0')
    const { runId, attempt } = intake.result
    const file = fileInside(this.attempts.folder(runId, attempt), event.file)
    if (file === null) return refuse('it is outside the attempt’s folder')
    let blob = this.blobs.key(event.sha256)
    if (blob === null) {
      try {
        blob = this.blobs.stageNow(file, event)
      } catch (error) {
        // What SQLite says is about the library, and stops the batch; the rest is about this file.
        if (error instanceof Database.SqliteError) throw error
        return refuse((error as Error).message)
      }
    }
    intake.files.push(file)
    return blob
  }

  /** Adds a line of the core's own to a run's log. */
  note(runId: string, level: LogLine['level'], message: string): void {
    // What is known of a run that logs counts its lines.
    this.records.delete(runId)
    this.commits.run(() => {
      const { attempts } = this.runs.need(runId)
      const key = this.runs.key(runId)
      const seq = this.db
        .prepare<[number], number>('UPDATE runs SET log_lines = log_lines + 1 WHERE key = ? RETURNING log_lines - 1')
        .pluck()
        .get(key)!
      const line = { seq, time: Date.now(), level, message: wellFormed(message) }
      this.db
        .prepare('INSERT INTO log (run, seq, attempt, time, level, message) VALUES (?, ?, ?, ?, ?, ?)')
        .run(key, seq, attempts, line.time, level, line.message)
      this.commits.ingested({ ...nothing(runId, attempts), log: [line] })
    })
  }

  private finish(intake: Intake, offset: number): void {
    const { record, result } = intake
    for (const why of intake.refusals)
      result.log.push(record.logLine(Date.now(), 'warning', `Not taken into the library: ${why}.`))
    record.finish(offset)
    this.runs.touch(result.runId)
  }
}
