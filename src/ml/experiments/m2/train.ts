import type { Params } from '../../../shared/experiments/index.ts'
import type { M2Params } from '../../../shared/experiments/m2.ts'
import type { StoredState } from '../../../shared/safetensors.ts'
import { chooseLabelled } from '../../datasets/label-split.ts'
import type { OpenedDataset } from '../../datasets/open-dataset.ts'
import { permutation } from '../../datasets/shuffle.ts'
import type { Outcome, RunContext } from '../../run/context.ts'
import { likeliest, reportClassification } from '../semi-supervised/classified.ts'
import { runEpochs } from '../semi-supervised/epochs.ts'
import { requireClasses } from '../semi-supervised/images.ts'
import { headerOf, withFreshOptimiser, withoutOptimiser } from '../semi-supervised/models.ts'
import type { M2Inputs } from './inputs.ts'
import { createM2Samples } from './samples.ts'
import { createM2Trainer } from './step.ts'

/** How the parts of a run's training that are no parameters are set; chosen on training images without labels. */
export interface M2Settings {
  /** See `M2LossOptions`. */
  neglect: number
  /** Labelled images of each step, at most; there are no more than in a batch. */
  labelledPerStep: number
  /**
   * The learning rate rises linearly for the first part of a run, given as a fraction of its steps, and falls linearly to
   * 0 from `fallFrom` on. Large rates get there soonest, but from the start on some runs go astray.
   */
  riseUntil: number
  fallFrom: number
}

/** All that M2 and M1+M2 have in common: trains, measures and saves the class-conditional model. */
export async function trainM2On(
  run: RunContext,
  kind: 'm2' | 'm1-m2',
  params: M2Params & Params,
  data: OpenedDataset,
  inputs: M2Inputs,
  settings: M2Settings,
  saved: StoredState | null,
): Promise<Outcome> {
  const { log } = run
  const { tf } = run.engine
  const { seed, batch } = params
  const epochs = params.mode === 'load' ? 0 : params.epochs
  const { train: classOf, test } = requireClasses(data)
  const classes = data.classes.length
  const labelled = chooseLabelled(classOf, data.classes, params.labels, params.labelSeed)
  const hidden = unlabelledPlaces(data.train.count, labelled)
  if (hidden.length < batch)
    throw new Error(
      `${data.manifest.title} has ${hidden.length} training images without labels, fewer than one batch of ${batch}.`,
    )
  const stepsPerEpoch = Math.floor(hidden.length / batch)
  const totalSteps = epochs * stepsPerEpoch

  const trainer = createM2Trainer(tf, {
    inputs: inputs.width,
    likelihood: inputs.likelihood,
    classes,
    hidden: [params.units],
    latent: params.classLatent,
    seed,
    beta1: params.beta1,
    beta2: params.beta2,
    alpha: params.alpha,
    labelledShare: labelled.length / data.train.count,
    neglect: settings.neglect,
  })
  if (saved) trainer.load(withFreshOptimiser(saved))
  if (run.resume) trainer.load(run.resume.state)
  const samples = createM2Samples(run, trainer, { seed, latent: params.classLatent }, data, inputs)
  const classified = () => likeliest(inputs.overTest(classes, trainer.classify), classes)

  const perStep = Math.min(labelled.length, batch, settings.labelledPerStep)
  const labelledAt = cycle(labelled, perStep, seed)
  const hiddenAt = cycle(hidden, batch, seed)
  if (saved) log.info('Measuring the saved model; nothing is trained.')
  else
    log.info(
      `${run.resume ? `Going on from step ${run.resume.step}` : 'Training'}: ${labelled.length} images of ` +
        `${data.manifest.title} with labels, ${hidden.length} without, ${totalSteps} steps in ${epochs} epochs.`,
    )

  const outcome = await runEpochs(run, {
    epochs,
    stepsPerEpoch,
    imagesPerStep: batch,
    sampleEvery: params.sampleEvery,
    checkpointEvery: params.checkpointEvery,
    step(step) {
      const shown = labelledAt(step)
      const rows = inputs.train([...shown, ...hiddenAt(step)])
      const known = Int32Array.from(shown, (place) => classOf[place]!)
      const rate = params.learningRate * schedule((step + 1) / (totalSteps + 1), settings)
      const metrics = trainer.step(step, { ...rows, classes: known }, rate)
      tf.dispose([rows.x, ...(rows.logVariance ? [rows.logVariance] : [])])
      return { ...metrics }
    },
    evaluate() {
      const predicted = classified()
      return { testAccuracy: predicted.filter((p, i) => p === test.labels[i]).length / predicted.length }
    },
    sample: samples.draw,
    state: () => trainer.state(),
  })
  if (outcome.status === 'done') {
    const at = { step: outcome.step, epoch: epochs }
    reportClassification(run, at, data, test.labels, classified())
    run.saveModel(outcome.step, {
      header: headerOf(kind, params, data),
      state: { ...withoutOptimiser(trainer.state()), ...inputs.saved },
    })
  }
  samples.dispose()
  trainer.dispose()
  return outcome
}

/** The learning rate at a point of the run, 0 to 1, as a fraction of the whole one. */
const schedule = (at: number, { riseUntil, fallFrom }: M2Settings) =>
  Math.min(1, at / riseUntil, (1 - at) / (1 - fallFrom))

/** The places of all images but the labelled ones; of all where every one is labelled. */
function unlabelledPlaces(count: number, labelled: Uint32Array): Uint32Array {
  const known = new Set(labelled)
  const all = Uint32Array.from({ length: count }, (_, place) => place)
  return known.size === count ? all : all.filter((place) => !known.has(place))
}

/**
 * Takes `batch` places a step, each of them once before any comes again, in an order that is a function of (seed, step).
 * What is left over at a pass's end is left out.
 */
function cycle(places: Uint32Array, batch: number, seed: number): (step: number) => Uint32Array {
  const perPass = Math.floor(places.length / batch)
  const order = new Uint32Array(places.length)
  let ordered: number | null = null
  return (step) => {
    const pass = Math.floor(step / perPass)
    if (pass !== ordered) permutation(seed, (ordered = pass), places.length, order)
    const first = (step % perPass) * batch
    return order.subarray(first, first + batch).map((at) => places[at]!)
  }
}
