import { readFileSync } from 'node:fs'
import path from 'node:path'
import { setImmediate as breathe, setTimeout as sleep } from 'node:timers/promises'
import type { Params } from '../../../shared/experiments/index.ts'
import type { Gan2dParams } from '../../../shared/experiments/gan2d.ts'
import { encodeFrame } from '../../../shared/plane/frame.ts'
import type { Outcome, RunContext } from '../../run/context.ts'
import { Checkpoints } from '../../run/checkpoints.ts'
import { FiniteWatch } from '../../run/finite.ts'
import type { Divergence } from '../../run/finite.ts'
import { Pace } from '../../run/pace.ts'
import { openPlaneSource } from '../../datasets/plane/open-source.ts'
import { changeSchedule } from './live-changes.ts'
import { cheapMeasures, exactMeasure, realBatches } from './measures.ts'
import { pictureGrid } from './picture-grid.ts'
import { snapshot } from './snapshot.ts'
import { createPlaneGanTrainer } from './step.ts'
import { toTrainerParams } from './trainer-params.ts'

const tellEveryMs = 500
/** The thread lets go of itself at least this often, so that signals and the control file are heard. */
const breatheEveryMs = 20
/** Exact distances cost as much as a hundred steps; every so many measures there is one. */
const exactEvery = 5

/**
 * Trains a GAN on the plane: step, log, picture, measure, checkpoint. Points, noise and changes are functions of (seed,
 * step) and of the list of changes, so a run that goes on repeats what an uninterrupted one would have done.
 */
export async function trainGan2d(run: RunContext, params: Gan2dParams): Promise<Outcome> {
  const { log, spec } = run
  const total = params.steps
  const source = openPlaneSource(params.distribution, params.seed, (file) =>
    readFileSync(path.join(run.folder, spec.sets[file] ?? file), 'utf8'),
  )

  let step = run.resume?.step ?? 0
  const changes = changeSchedule(params, spec.changes, step)
  const trainer = createPlaneGanTrainer(toTrainerParams(changes.params))
  if (run.resume) trainer.load(run.resume.state)

  const pace = new Pace()
  pace.add(step)
  const tell = () => {
    const rates = { stepsPerSecond: pace.stepsPerSecond(), etaSeconds: pace.etaSeconds(total) }
    log.progress({ step, totalSteps: total, epoch: step / total, epochs: 1, ...rates, message: null })
    if (rates.stepsPerSecond !== null) log.metrics(step, step / total, { stepsPerSecond: rates.stepsPerSecond })
  }
  let picturedAt = -1
  function picture(): void {
    if (picturedAt === step) return
    log.frame(step, encodeFrame(snapshot(trainer, step)))
    picturedAt = step
  }
  function measure(): void {
    const { klPQ, klQP, js, sliced, modes, good, estimate } = cheapMeasures(trainer, source, step)
    const values: Record<string, number | undefined> = {
      slicedWasserstein: sliced,
      kl: klPQ,
      klReverse: klQP,
      js,
      modesCovered: modes,
      goodSamples: good,
      criticEstimate: estimate,
    }
    if (step === total || Math.round(step / params.measureEvery) % exactEvery === 0)
      values['wasserstein'] = exactMeasure(trainer, source, step)
    const known = Object.entries(values).filter((entry): entry is [string, number] => entry[1] !== undefined)
    log.metrics(step, step / total, Object.fromEntries(known))
    picture()
  }
  function thumbnail(): void {
    const { png, ...grid } = pictureGrid(snapshot(trainer, step), source.sample('real', 0, 400))
    log.sample({ name: 'picture', step, epoch: step / total, ...grid }, png)
  }
  const finite = new FiniteWatch(
    log,
    spec.onNonFinite,
    'Lower its learning rates (lrD first, then lrG), which may be changed before it is resumed, or choose the optimiser ' +
      'adam or another loss.',
  )
  const checkpoints = new Checkpoints(run, {
    every: params.checkpointEvery,
    own: 'steps',
    epochAt: (at) => at / total,
    state: () => trainer.state(),
    finite,
  })
  const diverged = (found: Divergence): Outcome => {
    tell()
    return finite.outcome(found, checkpoints.savedAt)
  }
  function change(changed: Params): void {
    const before = Object.keys(changed).map((name) => `${name} ${changes.params[name]} → ${changed[name]}`)
    changes.make(changed)
    const rebuilt = trainer.change(toTrainerParams(changes.params))
    log.event({ type: 'change', step, params: changed })
    const anew = rebuilt.length ? ` The ${rebuilt.join(' and the ')} began anew.` : ''
    log.info(`At step ${step}: ${before.join(', ')}.${anew}`)
  }

  log.info(
    `${step ? `Going on from step ${step}` : 'Training'}: ${total} steps on ${params.distribution}, ${params.loss} loss.`,
  )
  if (step === 0) {
    measure()
    thumbnail()
  }

  let [told, breathed, due] = [performance.now(), performance.now(), performance.now()]
  let framed = performance.now()
  while (step < total) {
    const command = run.command()
    if (command !== 'run') {
      const found = checkpoints.save(step)
      if (found) return diverged(found)
      picture()
      tell()
      return { status: command === 'pause' ? 'paused' : 'stopped', step }
    }
    for (const changed of changes.due(step, run.live())) change(changed)

    const values = trainer.step(step, realBatches(source, trainer.params.batch, step))
    step++
    pace.add(step)
    // A network that is not updated has no loss.
    const losses = Object.entries(values).filter(
      ([name]) => Number(changes.params[name === 'generatorLoss' ? 'generatorSteps' : 'discriminatorSteps']) > 0,
    )
    log.metrics(step, step / total, Object.fromEntries(losses))
    let found = finite.look(step, Object.fromEntries(losses))
    if (!found && (step % params.measureEvery === 0 || step === total)) measure()
    found ??= checkpoints.afterStep(step)
    if (found) return diverged(found)
    const now = performance.now()
    const fps = Number(changes.params['framesPerSecond'])
    if (fps > 0 && now - framed >= 1000 / fps - 1) {
      picture()
      framed = now
    }
    if (now - told > tellEveryMs) {
      tell()
      told = now
    }
    const wanted = Number(changes.params['pace'])
    due = wanted > 0 ? Math.max(due + 1000 / wanted, now - 100) : now
    if (due > now + 1) await waitUntil(due, run)
    else if (now - breathed > breatheEveryMs) await breathe()
    else continue
    breathed = performance.now()
  }
  const found = checkpoints.save(step)
  if (found) return diverged(found)
  picture()
  thumbnail()
  tell()
  return { status: 'done', step }
}

/** Waits for a time of `performance.now()`, but not past a command or a change of the pace. */
async function waitUntil(due: number, run: RunContext): Promise<void> {
  const pace = run.live()['pace']
  for (;;) {
    const left = due - performance.now()
    if (left <= 0 || run.command() !== 'run' || run.live()['pace'] !== pace) return
    await sleep(Math.min(left, 100))
  }
}
