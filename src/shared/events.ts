import { z } from 'zod'
import { EngineInfo } from './engine.ts'
import { Artifact, Result } from './results.ts'
import { Change, ImageGrid, ParamValue, Problem, Progress, RunSpec } from './run.ts'
import { NonFinitePolicy } from './settings.ts'

/** What the worker is told at its start: `spec.json` in the attempt's folder. */
export const WorkerSpec = RunSpec.extend({
  runId: z.string(),
  attempt: z.number().int().min(1),
  /** Where data sets are kept. */
  cacheDirectory: z.string(),
  engine: z.enum(['auto', 'native', 'wasm']),
  threads: z.number().int().min(1).nullable(),
  /** A checkpoint file to go on from, relative to the attempt's folder, and its step. */
  resume: z.object({ file: z.string(), step: z.number() }).nullable(),
  /**
   * What other runs, or files, give to this one, by role: saved models in safetensors format. `file` is relative to the
   * attempt's folder; `runId` is null for a file from outside the library.
   */
  inputs: z.record(z.string(), z.object({ file: z.string(), runId: z.string().nullable() })).default({}),
  /** Distributions on the plane that the parameters name, by "set:ID": files with a PlaneSetContent as JSON. */
  sets: z.record(z.string(), z.string()).default({}),
  /** What to do once a metric is not finite. */
  onNonFinite: NonFinitePolicy.default('continue'),
  /** Changes of live parameters that earlier attempts made, in their order; those after `resume` are made again. */
  changes: z.array(Change).default([]),
})
export type WorkerSpec = z.infer<typeof WorkerSpec>

/** `control.json` in the attempt's folder; the worker looks at it between steps. */
export const Control = z.object({
  command: z.enum(['run', 'pause', 'stop']),
  /** Live parameters as the user wants them now, over those of the spec. */
  params: z.record(z.string(), ParamValue).default({}),
})
export type Control = z.infer<typeof Control>

const at = { time: z.number() }

/** First event of an attempt. Points, samples and checkpoints of earlier attempts after `resumedFrom` are superseded. */
const Hello = z.object({
  type: z.literal('hello'),
  ...at,
  attempt: z.number().int(),
  pid: z.number().int(),
  engine: EngineInfo,
  resumedFrom: z.number().nullable(),
})
/** Also the heartbeat: one at least every two seconds while the worker lives and is not inside a step. */
const ProgressEvent = z.object({ type: z.literal('progress'), ...at, ...Progress.shape })
/** Names the columns of the metrics frames that follow with this set number. */
const SeriesSet = z.object({ type: z.literal('series'), set: z.number().int(), names: z.array(z.string()).min(1) })
const LogEvent = z.object({
  type: z.literal('log'),
  ...at,
  level: z.enum(['info', 'warning', 'error']),
  message: z.string(),
})
/** The checkpoint lies whole in `file`, relative to the attempt's folder, in safetensors format. */
const CheckpointEvent = z.object({
  type: z.literal('checkpoint'),
  ...at,
  step: z.number(),
  epoch: z.number(),
  file: z.string(),
  bytes: z.number(),
  sha256: z.string(),
})
/** Something that the run found out, for its page and the results table. */
const ResultEvent = Result.extend({ type: z.literal('result') })
/** From `step` on, these live parameters have these values. */
const ChangeEvent = Change.extend({ type: z.literal('change') })
/** A file that the run leaves lies whole in `file`, relative to the attempt's folder. */
const ArtifactEvent = Artifact.omit({ hash: true }).extend({
  type: z.literal('artifact'),
  file: z.string(),
  sha256: z.string(),
})
/** Last event of an attempt; a log without one belongs to a worker that lives or was killed. */
const Ended = z.object({
  type: z.literal('ended'),
  ...at,
  /** `interrupted`: the system told the worker to end, nobody else did. */
  status: z.enum(['done', 'paused', 'stopped', 'failed', 'interrupted']),
  step: z.number(),
  problem: Problem.nullable(),
})
export const JsonEvent = z.discriminatedUnion('type', [
  Hello,
  ProgressEvent,
  SeriesSet,
  LogEvent,
  CheckpointEvent,
  ResultEvent,
  ArtifactEvent,
  ChangeEvent,
  Ended,
])
export type JsonEvent = z.infer<typeof JsonEvent>

/** Travels with its PNG in one frame. */
export const SampleHeader = ImageGrid.omit({ hash: true }).extend({
  type: z.literal('sample'),
  ...at,
  name: z.string(),
  step: z.number(),
  epoch: z.number(),
})
export type SampleHeader = z.infer<typeof SampleHeader>
export type SampleEvent = SampleHeader & { png: Uint8Array }

/** A picture of the run at a step as bytes (src/shared/plane/frame.ts), in a compact frame of the log. */
export interface FrameEvent {
  type: 'frame'
  step: number
  /** Milliseconds since 1970. */
  time: number
  bytes: Uint8Array
}

/** Values of one step, in the order of its set's names; a compact binary frame. */
export interface MetricsEvent {
  type: 'metrics'
  set: number
  step: number
  /** Epochs done, as a fraction. */
  epoch: number
  /** Milliseconds since 1970. */
  time: number
  values: Float64Array
}

export type WorkerEvent = JsonEvent | SampleEvent | MetricsEvent | FrameEvent
