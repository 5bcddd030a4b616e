import { z } from 'zod'
import { EngineInfo } from './engine.ts'

export const ParamValue = z.union([z.string(), z.number(), z.boolean()])

/** What to train, complete: no default is left implicit. */
export const RunSpec = z.object({
  kind: z.string(),
  preset: z.string().nullable(),
  params: z.record(z.string(), ParamValue),
})
export type RunSpec = z.infer<typeof RunSpec>

/**
 * queued → starting → running → done; pause and stop save a checkpoint and end the worker (pausing → paused,
 * stopping → stopped); a worker that died without a word leaves its run interrupted. Paused, stopped,
 * interrupted and failed runs resume from their newest checkpoint, by way of queued.
 */
export const RunStatus = z.enum([
  'queued',
  'starting',
  'running',
  'pausing',
  'paused',
  'stopping',
  'stopped',
  'done',
  'failed',
  'interrupted',
])
export type RunStatus = z.infer<typeof RunStatus>

/** Statuses in which a worker process has the run. */
export const activeStatuses: readonly RunStatus[] = ['starting', 'running', 'pausing', 'stopping']
export const resumableStatuses: readonly RunStatus[] = ['paused', 'stopped', 'interrupted', 'failed']

/** What a person may do to a run in a status; the window's buttons, the API and the CLI all ask here. */
export const actionsOf = (status: RunStatus) => ({
  pause: status === 'running' || status === 'starting' || status === 'queued',
  resume: resumableStatuses.includes(status),
  stop: ['queued', 'starting', 'running', 'pausing', 'paused', 'interrupted'].includes(status),
  restart: true,
  remove: !activeStatuses.includes(status),
})

/** A metric's value where JSON carries it: the non-finite ones by name. */
export const MetricValue = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])])
export type MetricValue = z.infer<typeof MetricValue>
export const toMetricValue = (v: number): MetricValue =>
  Number.isFinite(v) ? v : (String(v) as 'NaN' | 'Infinity' | '-Infinity')
export const fromMetricValue = (v: MetricValue): number => Number(v)

export const Progress = z.object({
  /** Steps (iterations) done, and in all. */
  step: z.number(),
  totalSteps: z.number(),
  /** Epochs done as a fraction (3.5 is halfway through the fourth), and in all. */
  epoch: z.number(),
  epochs: z.number(),
  stepsPerSecond: z.number().nullable(),
  etaSeconds: z.number().nullable(),
  /** What goes on when it is not training: "Preparing MNIST". */
  message: z.string().nullable(),
})
export type Progress = z.infer<typeof Progress>

/** A grid of images of one size, in one PNG without gaps, row by row. */
export const ImageGrid = z.object({
  hash: z.string(),
  columns: z.number().int(),
  rows: z.number().int(),
  tileWidth: z.number().int(),
  tileHeight: z.number().int(),
})
export type ImageGrid = z.infer<typeof ImageGrid>

/** Sample grid number `epoch` of a run: 0 is before training, 1 after the first epoch. */
export const Sample = ImageGrid.extend({
  name: z.string(),
  step: z.number(),
  epoch: z.number(),
  /** Milliseconds since 1970. */
  time: z.number(),
})
export type Sample = z.infer<typeof Sample>

export const Checkpoint = z.object({
  hash: z.string(),
  step: z.number(),
  epoch: z.number(),
  bytes: z.number(),
  time: z.number(),
  /** One with a name is kept for ever. */
  name: z.string().nullable(),
})
export type Checkpoint = z.infer<typeof Checkpoint>

/** What was wrong and what to do. */
export const Problem = z.object({ message: z.string(), hint: z.string().nullable(), detail: z.string().nullable() })
export type Problem = z.infer<typeof Problem>

/** Live parameters that were changed while a run trained: from `step` on they have these values. */
export const Change = z.object({ step: z.number(), time: z.number(), params: z.record(z.string(), ParamValue) })
export type Change = z.infer<typeof Change>

export const RunInput = z.object({ role: z.string(), runId: z.string() })
export type RunInput = z.infer<typeof RunInput>

export const Run = RunSpec.extend({
  id: z.string(),
  name: z.string(),
  status: RunStatus,
  tags: z.array(z.string()),
  notes: z.string(),
  /** Milliseconds since 1970. */
  createdAt: z.number(),
  startedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
  /** Time spent in workers, all attempts together, without the one that runs now. */
  activeMs: z.number(),
  /** Start of the attempt that runs now, or null. */
  attemptStartedAt: z.number().nullable(),
  /** Attempts started so far. */
  attempts: z.number().int(),
  /** Place in the queue from 1, or null. */
  queuePosition: z.number().int().nullable(),
  progress: Progress.nullable(),
  /** Newest value of each metric. */
  metrics: z.record(z.string(), MetricValue),
  thumbnail: Sample.nullable(),
  engine: EngineInfo.nullable(),
  problem: Problem.nullable(),
  restartOf: z.string().nullable(),
  /** Runs whose models this one builds on or waits for, by role; empty until it has looked for them. */
  inputs: z.array(RunInput),
  /** Live parameters as the user wants them now, where that differs from `params`. */
  live: z.record(z.string(), ParamValue),
})
export type Run = z.infer<typeof Run>

export const LogLine = z.object({
  seq: z.number(),
  time: z.number(),
  level: z.enum(['info', 'warning', 'error']),
  message: z.string(),
})
export type LogLine = z.infer<typeof LogLine>
