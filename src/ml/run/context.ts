import type { WorkerSpec } from '../../shared/events.ts'
import type { Params } from '../../shared/experiments/index.ts'
import type { Problem } from '../../shared/run.ts'
import type { Engine } from '../engine/index.ts'
import type { SavedModel } from '../../shared/saved-model.ts'
import type { StoredState } from '../../shared/safetensors.ts'
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
  /** Live parameters as the user wants them now; looked at between steps. */
  live(): Params
  /** The checkpoint to go on from, or null at the beginning. */
  resume: { step: number; state: StoredState } | null
  /**
   * Saved models that were given to the run, by role: those that its kind needs (`needs` in src/shared/experiments), and
   * `model`, the one to load in mode load.
   */
  inputs: Record<string, SavedModel>
  /** Leaves a file with the run, in place of an earlier one of that name. */
  artifact(step: number, artifact: { name: string; mediaType: string; description: string }, content: Uint8Array): void
  /** Leaves the trained model with the run, without its optimiser, for others to build on. */
  saveModel(step: number, model: SavedModel): void
}

export interface Outcome {
  status: 'done' | 'paused' | 'stopped'
  step: number
  /** Why it ended, where that was not the user's wish nor its own end. */
  problem?: Problem
}

/** A kind of experiment's training: runs to its end, or until it is told to pause or stop. */
export type TrainingLoop<P extends Params> = (run: RunContext, params: P) => Promise<Outcome>
