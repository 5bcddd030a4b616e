import type { Checkpoint, LogLine, Run, Sample } from '../../shared/run.ts'
import { damaged } from './errors.ts'
import type { Attempt } from './types.ts'

export interface RunRow {
  key: number
  id: string
  kind: string
  preset: string | null
  params: string
  name: string
  tags: string
  notes: string
  status: string
  queue_position: number | null
  created_at: number
  started_at: number | null
  ended_at: number | null
  active_ms: number
  attempts: number
  attempt_started_at: number | null
  progress: string | null
  engine: string | null
  problem: string | null
  metrics: string
  thumbnail: string | null
  restart_of: string | null
  inputs: string
  live: string
}

const parse = <T>(json: string | null): T | null => (json === null ? null : (JSON.parse(json) as T))

/**
 * A row of `runs` as the API shows it; what JSON columns hold was written by us from checked values.
 * @throws LibraryError `damaged` when one is no JSON any more
 */
export function toRun(row: RunRow): Run {
  try {
    return read(row)
  } catch (error) {
    throw damaged(`run ${row.id} can't be read (${(error as Error).message})`, error)
  }
}

const read = (r: RunRow): Run => ({
  id: r.id,
  kind: r.kind,
  preset: r.preset,
  params: JSON.parse(r.params) as Run['params'],
  name: r.name,
  status: r.status as Run['status'],
  tags: JSON.parse(r.tags) as string[],
  notes: r.notes,
  createdAt: r.created_at,
  startedAt: r.started_at,
  endedAt: r.ended_at,
  activeMs: r.active_ms,
  attemptStartedAt: r.attempt_started_at,
  attempts: r.attempts,
  queuePosition: r.queue_position,
  progress: parse<Run['progress']>(r.progress),
  metrics: JSON.parse(r.metrics) as Run['metrics'],
  thumbnail: parse<Sample>(r.thumbnail),
  engine: parse<Run['engine']>(r.engine),
  problem: parse<Run['problem']>(r.problem),
  restartOf: r.restart_of,
  inputs: JSON.parse(r.inputs) as Run['inputs'],
  live: JSON.parse(r.live) as Run['live'],
})

export interface AttemptRow {
  id: string
  attempt: number
  pid: number | null
  process_start: string | null
  log_offset: number
  started_at: number
  ended_at: number | null
  resumed_from: number | null
}

export const toAttempt = (r: AttemptRow): Attempt => ({
  runId: r.id,
  attempt: r.attempt,
  pid: r.pid,
  processStart: r.process_start,
  logOffset: r.log_offset,
  startedAt: r.started_at,
  endedAt: r.ended_at,
  resumedFrom: r.resumed_from,
})

export interface SampleRow {
  step: number
  name: string
  epoch: number
  time: number
  columns: number
  rows: number
  tile_width: number
  tile_height: number
  hash: Buffer
}

export const toSample = (r: SampleRow): Sample => ({
  hash: r.hash.toString('hex'),
  columns: r.columns,
  rows: r.rows,
  tileWidth: r.tile_width,
  tileHeight: r.tile_height,
  name: r.name,
  step: r.step,
  epoch: r.epoch,
  time: r.time,
})

export const sampleColumns = `samples.step, samples.name, samples.epoch, samples.time, samples.columns, samples.rows,
  samples.tile_width, samples.tile_height, blobs.hash FROM samples JOIN blobs ON blobs.id = samples.blob`

export interface CheckpointRow {
  step: number
  epoch: number
  time: number
  bytes: number
  hash: Buffer
  name: string | null
}

export const toCheckpoint = (r: CheckpointRow): Checkpoint => ({
  hash: r.hash.toString('hex'),
  step: r.step,
  epoch: r.epoch,
  bytes: r.bytes,
  time: r.time,
  name: r.name,
})

export type LogRow = LogLine
