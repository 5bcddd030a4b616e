import type { NonFinitePolicy } from '../../shared/settings.ts'
import type { StoredState } from '../../shared/safetensors.ts'
import type { Outcome } from './context.ts'
import type { RunLog } from './run-log.ts'

/** A value that is NaN or infinite: what it is of, and after which step it was seen. */
export interface Divergence {
  name: string
  value: number
  step: number
}

/**
 * Looks for values that are not finite, says so once for each name, and tells a loop whether it shall end: never under
 * `continue`, at the first one under `pause` and `stop`. A loop that ends so saves no checkpoint of what has diverged;
 * the run is then resumed from the newest one before.
 */
export class FiniteWatch {
  private readonly log: Pick<RunLog, 'warning'>
  private readonly policy: NonFinitePolicy
  private readonly advice: string
  private readonly said = new Set<string>()

  /** @param advice what to do about it, as a whole sentence */
  constructor(
    log: Pick<RunLog, 'warning'>,
    policy: NonFinitePolicy,
    advice = 'Restart it with a smaller learning rate.',
  ) {
    this.log = log
    this.policy = policy
    this.advice = advice
  }

  /** Looks at the metrics of a step. Returns the first that is not finite if the loop shall end for it, else null. */
  look(step: number, values: Record<string, number>): Divergence | null {
    let found: Divergence | null = null
    for (const [name, value] of Object.entries(values)) {
      if (Number.isFinite(value)) continue
      found ??= { name, value, step }
      if (this.said.has(name)) continue
      this.said.add(name)
      this.log.warning(`${name} is ${value} at step ${step}; the run has diverged. A smaller learning rate may help.`)
    }
    return this.policy === 'continue' ? null : found
  }

  /** The same for what a checkpoint is to hold: losses are of the weights before a step, and may look well once more. */
  lookAtState(step: number, state: StoredState): Divergence | null {
    if (this.policy === 'continue') return null
    for (const [name, { data }] of Object.entries(state)) {
      const value = firstNonFinite(data)
      if (value !== null) return this.look(step, { [name]: value })
    }
    return null
  }

  /**
   * How a run ends that has diverged.
   * @param savedAt step of its newest checkpoint, or null when it has none
   */
  outcome({ name, value, step }: Divergence, savedAt: number | null): Outcome {
    const status = this.policy === 'pause' ? 'paused' : 'stopped'
    const from = savedAt ? `the checkpoint of step ${savedAt}` : 'the beginning'
    const problem = {
      message: `${name} became ${value} at step ${step}: the run has diverged and was ${status}.`,
      hint:
        `${this.advice} Resumed as it is, it goes on from ${from} and the same happens again; ` +
        'to let it train on regardless, set what happens at non-finite values to “continue” first.',
      detail: null,
    }
    return { status, step, problem }
  }
}

function firstNonFinite(data: ArrayLike<number>): number | null {
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return data[i]!
  return null
}
