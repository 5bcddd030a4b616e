import type { WorkerSpec } from '../../shared/events.ts'
import type { Params } from '../../shared/experiments/index.ts'
import type { Engine } from '../engine/index.ts'
import type { StoredState } from '../engine/parameters.ts'
import type { RunLog } from './run-log.ts'

/** What the worker gives to a training loop. */
export interface RunContext {
  engine: Engine
  spec: WorkerSpec
  /** The attempt's folder. */
  folder: string
  log: RunLog
  /** What the user wants now; looked at between steps. */
  command(): 'run' | 'pause' | 'stop'
  /** The checkpoint to go on from, or null at the beginning. */
  resume: { step: number; state: StoredState } | null
}

export interface Outcome {
  status: 'done' | 'paused' | 'stopped'
  step: number
}

/** A kind of experiment's training: runs to its end, or until it is told to pause or stop. */
export type TrainingLoop<P extends Params> = (run: RunContext, params: P) => Promise<Outcome>
