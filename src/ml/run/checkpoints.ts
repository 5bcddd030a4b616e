import type { IntervalUnit } from '../../shared/experiments/interval.ts'
import type { StoredState } from '../../shared/safetensors.ts'
import { Cadence } from './cadence.ts'
import { saveCheckpoint } from './checkpoint.ts'
import type { RunContext } from './context.ts'
import type { Divergence, FiniteWatch } from './finite.ts'

export interface CheckpointOptions {
  /** The parameter `checkpointEvery`, and what a plain number of it counts. */
  every: number | string
  own: IntervalUnit
  /** Epochs done after a step, as a fraction. */
  epochAt(step: number): number
  /** All that a resume needs. */
  state(): StoredState
  finite: FiniteWatch
  /** The state goes on within a step: one of the same step is saved anew. */
  within?: boolean
}

/**
 * The checkpoints of an attempt: saved when they are due, and whenever the loop ends, at any step. Each is announced in
 * the log only once it is whole on the disk. None is saved of a state that has diverged, unless the run trains on regardless.
 */
export class Checkpoints {
  private readonly run: Pick<RunContext, 'folder' | 'spec' | 'log'>
  private readonly options: CheckpointOptions
  private readonly cadence: Cadence
  private newest: number | null

  constructor(run: Pick<RunContext, 'folder' | 'spec' | 'log' | 'resume'>, options: CheckpointOptions) {
    this.run = run
    this.options = options
    this.newest = run.resume?.step ?? null
    const step = this.newest ?? 0
    this.cadence = new Cadence(options.every, options.own, { step, epoch: options.epochAt(step) })
  }

  /** Step of the newest one, or null where there is none; the one that the attempt went on from counts. */
  get savedAt(): number | null {
    return this.newest
  }

  /** To be called once after each step (or part of one): saves one if it is due. Returns what keeps it from being saved, or null. */
  afterStep(step: number): Divergence | null {
    return this.cadence.due({ step, epoch: this.options.epochAt(step) }) ? this.save(step) : null
  }

  /** Saves one, unless that of this step is there. Returns what keeps it from being saved, or null. */
  save(step: number): Divergence | null {
    if (this.newest === step && !this.options.within) return null
    const { folder, spec, log } = this.run
    const state = this.options.state()
    const diverged = this.options.finite.lookAtState(step, state)
    if (diverged) return diverged
    const saved = saveCheckpoint(folder, spec, step, state)
    log.event({ type: 'checkpoint', step, epoch: this.options.epochAt(step), ...saved })
    this.newest = step
    this.cadence.saved()
    return null
  }
}
