import { setImmediate as breathe } from 'node:timers/promises'
import type { StoredState } from '../../../shared/safetensors.ts'
import { saveCheckpoint } from '../../run/checkpoint.ts'
import type { Outcome, RunContext } from '../../run/context.ts'
import { Pace } from '../../run/pace.ts'

export interface Epochs {
  /** 0 where a saved model is only measured: then there are samples and nothing else. */
  epochs: number
  stepsPerEpoch: number
  /** For the rate that is shown. */
  imagesPerStep: number
  /** Samples are drawn, and checkpoints saved, after each time this many epochs. */
  sampleEvery: number
  checkpointEvery: number
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
  let savedAt = run.resume?.step ?? -1

  const checkpoint = () => {
    if (savedAt === step) return
    const saved = saveCheckpoint(run.folder, run.spec, step, loop.state())
    log.event({ type: 'checkpoint', step, epoch: step / stepsPerEpoch, ...saved })
    savedAt = step
  }
  const pace = new Pace()
  pace.add(step)
  const tell = () => {
    const stepsPerSecond = pace.stepsPerSecond()
    const etaSeconds = pace.etaSeconds(totalSteps)
    const epoch = step / stepsPerEpoch
    log.progress({ step, totalSteps, epoch, epochs, stepsPerSecond, etaSeconds, message: null })
    if (stepsPerSecond !== null) log.metrics(step, epoch, { imagesPerSecond: stepsPerSecond * loop.imagesPerStep })
  }
  const strange = new Set<string>()
  const warnOfStrange = (values: Record<string, number>) => {
    for (const [name, value] of Object.entries(values))
      if (!Number.isFinite(value) && !strange.has(name)) {
        strange.add(name)
        log.warning(`${name} is ${value} at step ${step}; the run has diverged. A smaller learning rate may help.`)
      }
  }

  if (step === 0) loop.sample(0, 0)
  if (totalSteps === 0) return { status: 'done', step: 0 }
  let told = performance.now()
  while (step < totalSteps) {
    const command = run.command()
    if (command !== 'run') {
      checkpoint()
      tell()
      return { status: command === 'pause' ? 'paused' : 'stopped', step }
    }
    const values = loop.step(step)
    step++
    pace.add(step)
    log.metrics(step, step / stepsPerEpoch, values)
    warnOfStrange(values)

    if (step % stepsPerEpoch === 0) {
      const epoch = step / stepsPerEpoch
      log.metrics(step, epoch, loop.evaluate())
      if (epoch % loop.sampleEvery === 0 || step === totalSteps) loop.sample(step, epoch)
      if (epoch % loop.checkpointEvery === 0) checkpoint()
    }
    if (performance.now() - told > tellEveryMs) {
      tell()
      told = performance.now()
      await breathe() // lets signals through
    }
  }
  checkpoint()
  tell()
  return { status: 'done', step }
}
