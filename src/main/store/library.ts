import { statSync } from 'node:fs'
import type { Database } from 'better-sqlite3'
import type { LogLine, Problem, RunStatus } from '../../shared/run.ts'
import type { StudyDefinition } from '../../shared/studies.ts'
import { Attempts } from './attempts.ts'
import { Blobs } from './blobs.ts'
import { Charts } from './charts.ts'
import { Commits } from './commits.ts'
import { Compactor } from './compact.ts'
import { databaseFile } from './database.ts'
import { asLibraryError } from './errors.ts'
import { Findings } from './findings.ts'
import { Ingest, nothing } from './ingest.ts'
import type { LibraryLock } from './lock.ts'
import { Pictures } from './pictures.ts'
import { PlaneSets } from './plane-sets.ts'
import { Records } from './records.ts'
import { Removal } from './removal.ts'
import { Retention } from './retention.ts'
import { Runs } from './runs.ts'
import { Settings } from './settings.ts'
import { Studies } from './studies.ts'
import type { ChartQuery, CompactOptions, Library, LibraryEvent, LogBatch, NewRun, RunPatch } from './types.ts'

/** The library's rooms behind one door; open-library.ts opens it. */
export class OpenedLibrary implements Library {
  readonly directory: string
  readonly readOnly: boolean
  private readonly db: Database
  private readonly lock: LibraryLock | null
  private readonly commits: Commits
  private readonly store: Runs
  private readonly workers: Attempts
  private readonly blobs: Blobs
  private readonly findings: Findings
  private readonly sets: Studies
  private readonly settings: Settings
  private readonly pictures: Pictures
  readonly planeSets: PlaneSets
  private readonly retention: Retention
  private readonly intake: Ingest
  private readonly charts: Charts
  private readonly records: Records
  private readonly removal: Removal
  private readonly compactor: Compactor

  constructor(directory: string, db: Database, lock: LibraryLock | null) {
    this.directory = directory
    this.readOnly = lock === null
    this.db = db
    this.lock = lock
    this.commits = new Commits(db, this.readOnly)
    this.blobs = new Blobs(db)
    this.findings = new Findings(db)
    this.sets = new Studies(this.commits)
    this.settings = new Settings(this.commits)
    this.pictures = new Pictures(db)
    this.planeSets = new PlaneSets(this.commits)
    this.store = new Runs(this.commits, this.blobs, this.findings)
    this.workers = new Attempts(this.commits, this.store, directory)
    this.retention = new Retention(db, this.settings, this.blobs)
    this.intake = new Ingest(
      this.commits,
      this.store,
      this.workers,
      this.blobs,
      this.findings,
      this.pictures,
      this.retention,
    )
    this.charts = new Charts(db)
    this.records = new Records(db)
    this.removal = new Removal(this.commits, this.store, this.blobs, directory)
    this.compactor = new Compactor(this.commits, this.removal, directory)
  }

  info() {
    const file = databaseFile(this.directory)
    const size = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0
    return {
      path: this.directory,
      bytes: size(file) + size(`${file}-wal`),
      runs: this.store.count(),
      schemaVersion: this.db.pragma('user_version', { simple: true }) as number,
    }
  }

  close(): void {
    this.removal.stop()
    this.db.close()
    this.lock?.release()
  }

  subscribe(listener: (event: LibraryEvent) => void) {
    return this.commits.subscribe(listener)
  }

  batch<T>(work: () => T): T {
    return this.commits.run(work)
  }

  createRun(run: NewRun) {
    return this.store.create(run)
  }

  run(id: string) {
    return this.store.get(id)
  }

  runs() {
    return this.store.list()
  }

  updateRun(id: string, patch: RunPatch) {
    return this.store.update(id, patch)
  }

  queue() {
    return this.store.queue()
  }

  moveInQueue(id: string, position: number) {
    this.store.move(id, position)
  }

  removeRuns(ids: string[]) {
    const removed = this.removal.remove(ids)
    for (const id of removed) this.intake.forget(id)
    return removed
  }

  bin() {
    return this.removal.bin()
  }

  restoreRuns(ids: string[]) {
    return this.removal.restore(ids)
  }

  async emptyBin(which: { ids?: string[]; before?: number } = {}) {
    const deleted = this.removal.empty(which)
    return { deleted, freedBytes: deleted.length ? await this.removal.go() : 0 }
  }

  async sweep() {
    await this.removal.go()
  }

  compact(options: CompactOptions = {}) {
    return this.compactor.compact(options)
  }

  setting(name: string) {
    return this.settings.get(name)
  }

  setSetting(name: string, value: unknown) {
    this.settings.set(name, value)
  }

  studies() {
    return this.sets.list()
  }

  study(id: string) {
    return this.sets.get(id)
  }

  saveStudy(definition: StudyDefinition) {
    return this.sets.save(definition)
  }

  removeStudy(id: string) {
    this.sets.remove(id)
  }

  attemptDirectory(runId: string, attempt: number) {
    return this.workers.folder(runId, attempt)
  }

  startAttempt(runId: string, options: { at?: number; resumedFrom?: number | null } = {}) {
    return this.workers.start(runId, options.at ?? Date.now(), options.resumedFrom ?? null)
  }

  setAttemptProcess(runId: string, attempt: number, process: { pid: number; processStart: string | null }) {
    this.workers.setProcess(runId, attempt, process.pid, process.processStart)
  }

  endAttempt(runId: string, attempt: number, end: { at?: number; status: RunStatus; problem?: Problem | null }) {
    this.workers.end(runId, attempt, end.status, end.problem ?? null, end.at ?? Date.now())
    return this.store.need(runId)
  }

  attempts(runId: string) {
    return this.workers.list(runId)
  }

  openAttempts() {
    return this.workers.open()
  }

  ingest(batch: LogBatch) {
    return this.intake.ingest(batch)
  }

  async stageBlob(file: string, expected: { sha256: string; bytes: number }) {
    try {
      await this.blobs.stage(file, expected)
    } catch (error) {
      throw asLibraryError(error)
    }
  }

  metricNames(runId: string) {
    return this.charts.names(this.store.key(runId))
  }

  chart(runId: string, query: ChartQuery = {}) {
    return this.charts.chart(this.store.key(runId), query)
  }

  delta(runId: string, cursor: number) {
    return this.intake.recent.since(runId, cursor, this.charts.cursorOf(this.store.key(runId)))
  }

  metricRows(runId: string, name: string) {
    return this.charts.metricRows(this.store.key(runId), name)
  }

  samples(runId: string) {
    return this.records.samples(this.store.key(runId))
  }

  checkpoints(runId: string) {
    return this.records.checkpoints(this.store.key(runId))
  }

  nameCheckpoint(runId: string, step: number, name: string | null) {
    return this.commits.run(() => {
      this.retention.name(this.store.key(runId), step, name)
      const checkpoint = this.checkpoints(runId).find((each) => each.step === step)!
      this.commits.ingested({ ...nothing(runId, this.store.need(runId).attempts), checkpoints: [checkpoint] })
      return checkpoint
    })
  }

  results(runId: string) {
    return this.findings.results(this.store.key(runId))
  }

  artifacts(runId: string) {
    return this.findings.artifacts(this.store.key(runId))
  }

  changes(runId: string) {
    return this.pictures.changes(this.store.key(runId))
  }

  frameSteps(runId: string) {
    return this.pictures.steps(this.store.key(runId))
  }

  frameCount(runId: string) {
    return this.pictures.count(this.store.key(runId))
  }

  frames(runId: string, { from, to, limit }: { from: number; to: number; limit: number }) {
    return this.pictures.read(this.store.key(runId), from, to, limit)
  }

  given(runId: string) {
    return this.findings.given(this.store.key(runId))
  }

  note(runId: string, level: LogLine['level'], message: string) {
    this.intake.note(runId, level, message)
  }

  log(runId: string, after = -1, limit = 1000) {
    return this.records.log(this.store.key(runId), after, limit)
  }

  blob(hash: string) {
    return this.blobs.get(hash)
  }

  writeBlob(hash: string, file: string) {
    return this.blobs.write(hash, file)
  }
}
