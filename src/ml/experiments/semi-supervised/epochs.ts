import { setImmediate as breathe } from 'node:timers/promises'
import type { StoredState } from '../../../shared/safetensors.ts'
import { Checkpoints } from '../../run/checkpoints.ts'
import type { Outcome, RunContext } from '../../run/context.ts'
import { FiniteWatch } from '../../run/finite.ts'
import type { Divergence } from '../../run/finite.ts'
import { Pace } from '../../run/pace.ts'
import { DivergedError } from './classified.ts'

export interface Epochs {
  /** 0 where a saved model is only measured: then there are samples and nothing else. */
  epochs: number
  stepsPerEpoch: number
  /** For the rate that is shown. */
  imagesPerStep: number
  /** Samples are drawn after each time this many epochs. */
  sampleEvery: number
  /** Checkpoints are saved after so many epochs, or "500 steps", or "10 minutes". */
  checkpointEvery: number | string
  /** One training step, counted from 0; returns the metrics. */
  step(step: number): Record<string, number>
  /** Metrics of the model as it is, after each epoch. */
  evaluate(): Record<string, number>
  /** Draws and logs the samples of an epoch; 0 is before training. */
  sample(step: number, epoch: number): void
  state(): StoredState
}

const tellEveryMs = 500

/**
 * Runs the steps of an experiment that goes over its images epoch by epoch: step, log, evaluate, sample, checkpoint, and
 * between steps a look at what the user wants. Everything that `step` does must be a function of (seed, step), so that a
 * run that goes on from a checkpoint repeats what an uninterrupted one would have done.
 */
export async function runEpochs(run: RunContext, loop: Epochs): Promise<Outcome> {
  const { log } = run
  const { epochs, stepsPerEpoch } = loop
  const totalSteps = epochs * stepsPerEpoch
  const first = run.resume?.step ?? 0
  let step = first
  const epochAt = (at: number) => at / stepsPerEpoch

  const finite = new FiniteWatch(log, run.spec.onNonFinite)
  const checkpoints = new Checkpoints(run, {
    every: loop.checkpointEvery,
    own: 'epochs',
    epochAt,
    state: () => loop.state(),
    finite,
  })
  const pace = new Pace()
  pace.add(step)
  const tell = () => {
    const stepsPerSecond = pace.stepsPerSecond()
    const etaSeconds = pace.etaSeconds(totalSteps)
    const epoch = epochAt(step)
    log.progress({ step, totalSteps, epoch, epochs, stepsPerSecond, etaSeconds, message: null })
    if (stepsPerSecond !== null) log.metrics(step, epoch, { imagesPerSecond: stepsPerSecond * loop.imagesPerStep })
  }
  /** Returns what the run shall end for, or null. */
  const evaluate = (epoch: number): Divergence | null => {
    try {
      const measured = loop.evaluate()
      log.metrics(step, epoch, measured)
      return finite.look(step, measured)
    } catch (error) {
      // A model that has diverged can't be measured, but trains on if that is wanted.
      if (error instanceof DivergedError) return finite.lookAtState(step, loop.state())
      throw error
    }
  }
  const diverged = (found: Divergence): Outcome => {
    tell()
    return finite.outcome(found, checkpoints.savedAt)
  }

  if (step === 0) loop.sample(0, 0)
  if (totalSteps === 0) return { status: 'done', step: 0 }
  let told = performance.now()
  while (step < totalSteps) {
    const command = run.command()
    if (command !== 'run') {
      const found = checkpoints.save(step)
      if (found) return diverged(found)
      tell()
      return { status: command === 'pause' ? 'paused' : 'stopped', step }
    }
    const values = loop.step(step)
    step++
    pace.add(step)
    log.metrics(step, epochAt(step), values)
    let found = finite.look(step, values)

    if (!found && step % stepsPerEpoch === 0) {
      const epoch = step / stepsPerEpoch
      found = evaluate(epoch)
      if (epoch % loop.sampleEvery === 0 || step === totalSteps) loop.sample(step, epoch)
    }
    found ??= checkpoints.afterStep(step)
    if (found) return diverged(found)
    if (performance.now() - told > tellEveryMs) {
      tell()
      told = performance.now()
      await breathe() // lets signals through
    }
  }
  const found = checkpoints.save(step)
  if (found) return diverged(found)
  tell()
  return { status: 'done', step }
}
