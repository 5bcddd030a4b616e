import type { VaeParams } from '../../../shared/experiments/vae.ts'
import { createBatches } from '../../datasets/batches.ts'
import type { TrainingLoop } from '../../run/context.ts'
import { runEpochs } from '../semi-supervised/epochs.ts'
import { openImages, overAll, pixelsAt, preparing } from '../semi-supervised/images.ts'
import { givenModel, headerOf, withFreshOptimiser, withoutOptimiser } from '../semi-supervised/models.ts'
import { saveFeatures, vaeShape } from './model.ts'
import { createVaeSamples } from './samples.ts'
import { createVaeTrainer } from './step.ts'

/** The KL divergence warms up over this part of a run. */
const warmUpShare = 0.1

/** Trains a variational auto-encoder, model M1 of Kingma et al. 2014, on images as flat vectors of pixels. */
export const trainVae: TrainingLoop<VaeParams> = async (run, params) => {
  const { log } = run
  const { tf } = run.engine
  const { batch, seed } = params
  const epochs = params.mode === 'load' ? 0 : params.epochs
  const prepare = preparing(run, epochs)
  const data = await openImages(run, params, prepare)
  const { train } = data
  if (train.count < batch)
    throw new Error(`${data.manifest.title} has ${train.count} images, fewer than one batch of ${batch}.`)
  const batches = createBatches(train, { batch, seed })
  const stepsPerEpoch = batches.perEpoch

  prepare('Building the networks')
  const warmUpSteps = Math.round(warmUpShare * epochs * stepsPerEpoch)
  const trainer = createVaeTrainer(tf, { ...params, ...vaeShape(params, data), warmUpSteps })
  if (params.mode === 'load') trainer.load(withFreshOptimiser(givenModel(run, 'model', 'vae', params, data).state))
  if (run.resume) trainer.load(run.resume.state)
  const samples = createVaeSamples(run, trainer, params, data)

  /** −ELBO of the test images. */
  const evaluate = (): Record<string, number> => {
    if (!data.test) return {}
    let sum = 0
    overAll(tf, data.test, 0, (pixels, first) => {
      const { reconstruction, kl } = trainer.evaluate(first, pixels)
      sum += (reconstruction + kl) * pixels.shape[0]
      return tf.zeros([0])
    })
    return { testLoss: sum / data.test.count }
  }

  if (params.mode === 'load') log.info('Measuring the saved model; nothing is trained.')
  else
    log.info(
      `${run.resume ? `Going on from step ${run.resume.step}` : 'Training'}: ${train.count} images of ` +
        `${data.manifest.title}, ${epochs * stepsPerEpoch} steps in ${epochs} epochs.`,
    )
  const outcome = await runEpochs(run, {
    epochs,
    stepsPerEpoch,
    imagesPerStep: batch,
    sampleEvery: params.sampleEvery,
    checkpointEvery: params.checkpointEvery,
    step(step) {
      const pixels = pixelsAt(tf, train, batches.indices(Math.floor(step / stepsPerEpoch), step % stepsPerEpoch))
      const { loss, reconstruction, kl } = trainer.step(step, pixels)
      pixels.dispose()
      return { loss, reconstruction, kl, elbo: -loss }
    },
    evaluate,
    sample: samples.draw,
    state: () => trainer.state(),
  })
  if (outcome.status === 'done') {
    if (params.mode === 'load') log.metrics(0, 0, evaluate())
    run.saveModel(outcome.step, {
      header: headerOf('vae', params, data),
      state: withoutOptimiser(trainer.state()),
    })
    if (data.test)
      saveFeatures(run, outcome.step, overAll(tf, data.test, params.latent, trainer.features), params.latent)
  }
  samples.dispose()
  trainer.dispose()
  return outcome
}
