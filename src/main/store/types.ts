import type { BinnedRun, FrameCount, LibraryInfo } from '../../shared/api.ts'
import type { Chart, ChartDelta } from '../../shared/chart.ts'
import type { EngineInfo } from '../../shared/engine.ts'
import type { WorkerEvent } from '../../shared/events.ts'
import type { PlaneSet, PlaneSetContent } from '../../shared/plane/sets.ts'
import type { Artifact, Result } from '../../shared/results.ts'
import type {
  Change,
  Checkpoint,
  LogLine,
  Problem,
  Progress,
  Run,
  RunInput,
  RunSpec,
  RunStatus,
  Sample,
} from '../../shared/run.ts'
import type { StudyDefinition } from '../../shared/studies.ts'
import type { z } from 'zod'

/** Who has a library open; times in milliseconds since 1970. */
export interface LibraryOwner {
  pid: number
  host: string
  openedAt: number
}

export interface OpenOptions {
  /** Opens beside a running core; every writing call then throws LibraryError `read-only`. SQLite still makes a log's index. */
  readOnly?: boolean
  /** Where the numbered .sql files are; by default the `migrations` folder of the installation. */
  migrations?: string
}

export interface NewRun extends RunSpec {
  /** By default `<kind> <number>`. */
  name?: string
  tags?: string[]
  notes?: string
  /** `queued` (the default) puts it at the end of the queue. */
  status?: RunStatus
  restartOf?: string | null
  inputs?: RunInput[]
  /** Contents of the library that it keeps, by role: hashes in hex. */
  given?: Record<string, string>
}

/** What may be changed of a run; what is left out stays. Setting `queued` queues it last, leaving it unqueues it. */
export interface RunPatch {
  name?: string
  tags?: string[]
  notes?: string
  status?: RunStatus
  progress?: Progress | null
  problem?: Problem | null
  engine?: EngineInfo | null
  inputs?: RunInput[]
  live?: Run['live']
}

/** Distributions on the plane of the user's own, each under the hash of its content. */
export interface PlaneSetStore {
  /** Newest first. */
  list(): PlaneSet[]
  /** @throws NotFoundError */
  set(id: string): PlaneSet
  /** @throws NotFoundError */
  content(id: string): PlaneSetContent
  has(id: string): boolean
  /** The same content again gets the new name. */
  save(name: string, content: PlaneSetContent): PlaneSet
  /** @throws NotFoundError */
  remove(id: string): void
}

/** A set of runs, as it is kept. */
export interface SavedStudy extends StudyDefinition {
  id: string
  createdAt: number
}

export type { BinnedRun }

/** One worker process of a run. Its folder is `attemptDirectory(runId, attempt)`. */
export interface Attempt {
  runId: string
  /** From 1. */
  attempt: number
  /** Null until the process is known. */
  pid: number | null
  /** When the process began, in the executor's own measure; tells a process from a later one of the same pid. */
  processStart: string | null
  /** Bytes of events.log that are in the library. */
  logOffset: number
  startedAt: number
  endedAt: number | null
  /** Step of the checkpoint that it went on from, or null; as its `hello` says once that is in. */
  resumedFrom: number | null
}

/** A stretch of one attempt's events.log, decoded. */
export interface LogBatch {
  runId: string
  attempt: number
  events: WorkerEvent[]
  /** The offset where the stretch begins; has to be the stored one. */
  from: number
  /** The offset after its last event, stored in the same transaction. */
  to: number
}

/** What a committed batch brought. */
export interface IngestResult {
  runId: string
  attempt: number
  /** Metric values taken in. */
  points: number
  samples: Sample[]
  checkpoints: Checkpoint[]
  /** Steps of older checkpoints that need not be kept any more and are gone. */
  dropped: number[]
  results: Result[]
  artifacts: Artifact[]
  /** Live parameters that were changed. */
  changes: Change[]
  /** Pictures taken in. */
  frames: number
  log: LogLine[]
  /** What was recorded after this step was taken back (-1: all), or null. */
  superseded: number | null
  /** Status that the attempt ended with, or null. */
  ended: 'done' | 'paused' | 'stopped' | 'failed' | 'interrupted' | null
}

export type LibraryEvent =
  | { type: 'runs'; changed: string[]; removed: string[] }
  /** Comes after the `runs` event of the same commit. */
  | { type: 'ingested'; result: IngestResult }

export interface ChartQuery {
  /** Series by name; by default all of the run. Unknown names are left out of the answer. */
  names?: string[]
  /** First and last step, inclusive; by default everything. */
  from?: number
  to?: number
  /** At most this many buckets a series; 1000 by default. */
  buckets?: number
}

export interface MetricRow {
  step: number
  epoch: number | null
  /** Milliseconds since 1970. */
  time: number | null
  value: number
}

export interface Compaction {
  /** Bytes of the database file, with its write-ahead log, that went back to the disk. */
  databaseBytes: number
  /** Bytes of worker logs and files that the library has taken in, and of folders that belong to no run. */
  fileBytes: number
  freedBytes: number
}

export interface CompactOptions {
  /** Runs whose workers, or their last words, are still being looked after: their folders are left alone. */
  busy?: ReadonlySet<string>
  /** Also writes the database anew, in order; holds up everything else meanwhile and needs as much space again. */
  full?: boolean
}

/**
 * An open library. All calls are synchronous and short unless they return a promise; each writing call is one
 * transaction. Ids of runs that don't exist throw NotFoundError, except in the calls that return null.
 */
export interface Library {
  readonly directory: string
  readonly readOnly: boolean
  info(): z.infer<typeof LibraryInfo>
  /** Commits nothing more, moves the write-ahead log into the file and gives the lock back. */
  close(): void
  /** Hears of every commit, after it. Returns a function that ends it. */
  subscribe(listener: (event: LibraryEvent) => void): () => void

  /** Does several writing calls as one transaction: all of them, or, when `work` throws, none. */
  batch<T>(work: () => T): T

  /** @throws NotFoundError when the library lacks something that it shall be given. */
  createRun(run: NewRun): Run
  run(id: string): Run | null
  /** All runs, newest first. */
  runs(): Run[]
  updateRun(id: string, patch: RunPatch): Run
  /** Ids of the queued runs, first to start first. */
  queue(): string[]
  /** Moves a queued run to a position from 1; beyond the end is the end. Throws when it isn't queued. */
  moveInQueue(id: string, position: number): void
  /** Puts runs into the bin: they vanish from every other call, and lose nothing. Unknown ids are ignored. */
  removeRuns(ids: string[]): string[]
  /** Removed runs, the last removed first. */
  bin(): BinnedRun[]
  /** Takes runs out of the bin; ids that aren't in it are ignored. One that had been queued comes back stopped. */
  restoreRuns(ids: string[]): string[]
  /**
   * Deletes what is in the bin for good (these runs, or all removed before a time; by default all) and gives the space back
   * to the disk. The runs leave the bin at once; the deleting goes on in slices of some milliseconds.
   */
  emptyBin(which?: { ids?: string[]; before?: number }): Promise<{ deleted: string[]; freedBytes: number }>
  /** Goes on with deletions and blob intakes that a crash cut off; to be called once after opening. */
  sweep(): Promise<void>

  /** Frees what is needed no more: loose contents, free pages, logs and files of ended attempts that are taken in. */
  compact(options?: CompactOptions): Promise<Compaction>

  /** A small JSON value kept with the library (slots, for example), or null. */
  setting(name: string): unknown
  setSetting(name: string, value: unknown): void

  /** By name. */
  studies(): SavedStudy[]
  study(id: string): SavedStudy | null
  /** One of the same name keeps its id and gets the new definition. */
  saveStudy(definition: StudyDefinition): SavedStudy
  /** @throws NotFoundError. */
  removeStudy(id: string): void

  /** `<library>/runs/<id>/attempt-<n>`: spec.json, control.json, events.log, checkpoint files. */
  attemptDirectory(runId: string, attempt: number): string
  /** Begins the next attempt and makes its folder; the run's `attempts` and `attemptStartedAt` follow. */
  startAttempt(runId: string, options?: { at?: number; resumedFrom?: number | null }): Attempt
  setAttemptProcess(runId: string, attempt: number, process: { pid: number; processStart: string | null }): void
  /** Ends an attempt whose log has no `ended` event (killed, or never started), with the run's status. */
  endAttempt(runId: string, attempt: number, end: { at?: number; status: RunStatus; problem?: Problem | null }): Run
  attempts(runId: string): Attempt[]
  /** Attempts that haven't ended, of all runs: what a starting core has to adopt or to mark interrupted. */
  openAttempts(): Attempt[]

  /**
   * Commits a batch of events and the offset in one transaction; on any error nothing of it is in.
   * @throws Error when `from` isn't the stored offset or the attempt isn't the newest.
   */
  ingest(batch: LogBatch): IngestResult
  /**
   * Takes a file into the library's blobs in slices, so that a following `ingest` of its event is short.
   * @throws Error when the file's size or SHA-256 isn't the given one.
   */
  stageBlob(file: string, expected: { sha256: string; bytes: number }): Promise<void>

  metricNames(runId: string): string[]
  chart(runId: string, query?: ChartQuery): Chart
  /** What has come since a cursor of `chart` or `delta`; `superseded` -1 when it is too long ago: ask `chart` again. */
  delta(runId: string, cursor: number): ChartDelta
  /** All points of a series in the order of steps. */
  metricRows(runId: string, name: string): IterableIterator<MetricRow>
  /** In the order of steps. */
  samples(runId: string): Sample[]
  checkpoints(runId: string): Checkpoint[]
  /** One with a name is kept for ever; null takes the name back. @throws NotFoundError if there is none of that step. */
  nameCheckpoint(runId: string, step: number, name: string | null): Checkpoint
  /** By name. */
  results(runId: string): Result[]
  /** By name. */
  artifacts(runId: string): Artifact[]
  /** Live parameters that were changed while it trained, in the order of steps. */
  changes(runId: string): Change[]
  /** Steps that have a picture, in order. */
  frameSteps(runId: string): number[]
  frameCount(runId: string): z.infer<typeof FrameCount>
  /** Pictures of steps from `from` to `to`: u32 length | bytes, one after the other, at most 8 MiB but at least one. */
  frames(runId: string, range: { from: number; to: number; limit: number }): Uint8Array<ArrayBuffer>
  /** Distributions on the plane of the user's own. */
  readonly planeSets: PlaneSetStore
  /** Hashes of the contents that a run was given when it was made, by role. */
  given(runId: string): Record<string, string>
  /** Adds a line of the core's own to a run's log. */
  note(runId: string, level: LogLine['level'], message: string): void
  /** Lines with `seq` greater than `after`, oldest first. */
  log(runId: string, after?: number, limit?: number): LogLine[]
  /** A blob by its SHA-256 in hex, or null. @throws LibraryError `damaged` when it isn't what its hash says. */
  blob(hash: string): Uint8Array | null
  /** Writes a blob to a file, by way of a temporary name, fsynced. @throws NotFoundError. */
  writeBlob(hash: string, file: string): Promise<void>
}
