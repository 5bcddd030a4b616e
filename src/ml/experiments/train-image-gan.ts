import { setImmediate as breathe } from 'node:timers/promises'
import type * as Tfjs from '@tensorflow/tfjs'
import { createBatches } from '../datasets/batches.ts'
import { openDataset } from '../datasets/open-dataset.ts'
import { createRandom } from '../engine/random.ts'
import type { ImageShape } from '../models/image-networks.ts'
import { Checkpoints } from '../run/checkpoints.ts'
import type { Outcome, RunContext } from '../run/context.ts'
import { FiniteWatch } from '../run/finite.ts'
import { gridPng } from '../run/images.ts'
import { Pace } from '../run/pace.ts'
import type { ImageGanParams, ImageTrainer } from './trainer.ts'

/** What the loop itself takes from the parameters of an image GAN. */
export interface ImageGanRunParams extends ImageGanParams {
  dataset: string
  limit: number
  size: number
  epochs: number
  sampleEvery: number
  checkpointEvery: number | string
}

export interface ImageGan<P extends ImageGanRunParams> {
  createTrainer(tf: typeof Tfjs, params: P, image: ImageShape): ImageTrainer
  /** Batches of real images that one step takes. */
  batchesPerStep(params: P): number
}

const sampleColumns = 8
const sampleRows = 8
const tellEveryMs = 500

/**
 * Trains an image GAN: step, log, sample, checkpoint. Batches, noise and samples are functions of (seed, step), so a
 * run that goes on from a checkpoint repeats what an uninterrupted one would have done.
 *
 * An epoch is one pass of the real images through the critic or discriminator; a step that ends inside the next epoch
 * counts for the one it completed.
 */
export async function trainImageGan<P extends ImageGanRunParams>(
  run: RunContext,
  params: P,
  gan: ImageGan<P>,
): Promise<Outcome> {
  const { log, engine } = run
  const { tf } = engine
  const { batch, epochs, seed, latent } = params

  const progress = {
    step: run.resume?.step ?? 0,
    totalSteps: 0,
    epoch: 0,
    epochs,
    stepsPerSecond: null,
    etaSeconds: null,
  }
  const prepare = (message: string) => log.progress({ ...progress, message })
  prepare(`Opening ${params.dataset}`)
  const data = await openDataset(run.spec.cacheDirectory, params.dataset, {
    size: params.size,
    limit: params.limit,
    onProgress: ({ message }) => prepare(message),
  })
  if (data.train.count < batch)
    throw new Error(`${data.manifest.title} has ${data.train.count} images, fewer than one batch of ${batch}.`)
  const image: ImageShape = { height: data.height, width: data.width, channels: data.channels }
  const batches = createBatches(data.train, { batch, seed })
  const perStep = gan.batchesPerStep(params)
  const totalSteps = Math.ceil((epochs * batches.perEpoch) / perStep)
  const epochAt = (step: number) => Math.min(epochs, (step * perStep) / batches.perEpoch)

  prepare('Building the networks')
  const trainer = gan.createTrainer(tf, params, image)
  if (run.resume) trainer.load(run.resume.state)
  const pixels = new Float32Array(batches.length)
  const sampleNoise = tf.keep(
    createRandom(tf, seed).normal<Tfjs.Rank.R2>('sample noise', 0, [sampleColumns * sampleRows, latent]),
  )

  function batchesOf(step: number): () => Tfjs.Tensor4D {
    let n = step * perStep
    return () => {
      batches.read(Math.floor(n / batches.perEpoch), n % batches.perEpoch, pixels)
      n++
      return tf.tensor4d(pixels.slice(), [batch, image.height, image.width, image.channels])
    }
  }
  function sample(step: number, epoch: number): void {
    const images = trainer.sample(sampleNoise)
    const { png, ...grid } = gridPng(images, sampleColumns)
    images.dispose()
    log.sample({ name: 'samples', step, epoch, ...grid }, png)
  }
  const finite = new FiniteWatch(log, run.spec.onNonFinite)
  const checkpoints = new Checkpoints(run, {
    every: params.checkpointEvery,
    own: 'epochs',
    epochAt,
    state: () => trainer.state(),
    finite,
  })

  let step = run.resume?.step ?? 0
  log.info(
    `${step ? `Going on from step ${step}` : 'Training'}: ${data.train.count} images of ${data.manifest.title}, ` +
      `${totalSteps} steps in ${epochs} epochs.`,
  )
  if (step === 0) sample(0, 0)

  const pace = new Pace()
  pace.add(step)
  const tell = () => {
    const rates = { stepsPerSecond: pace.stepsPerSecond(), etaSeconds: pace.etaSeconds(totalSteps) }
    log.progress({ ...progress, step, totalSteps, epoch: epochAt(step), ...rates, message: null })
    if (rates.stepsPerSecond !== null)
      log.metrics(step, epochAt(step), { imagesPerSecond: rates.stepsPerSecond * perStep * batch })
  }
  let told = performance.now()

  while (step < totalSteps) {
    const command = run.command()
    if (command !== 'run') {
      const diverged = checkpoints.save(step)
      tell()
      if (diverged) return finite.outcome(diverged, checkpoints.savedAt)
      return { status: command === 'pause' ? 'paused' : 'stopped', step }
    }

    const values = trainer.step(step, batchesOf(step))
    const epochBefore = Math.floor(epochAt(step))
    step++
    pace.add(step)
    log.metrics(step, epochAt(step), values)
    let diverged = finite.look(step, values)

    const epoch = Math.floor(epochAt(step))
    if (epoch > epochBefore) {
      const crossed = (every: number) => Math.floor(epoch / every) > Math.floor(epochBefore / every)
      if (crossed(params.sampleEvery) || step === totalSteps) sample(step, epoch)
    }
    diverged ??= checkpoints.afterStep(step)
    if (diverged) {
      tell()
      return finite.outcome(diverged, checkpoints.savedAt)
    }
    if (performance.now() - told > tellEveryMs) {
      tell()
      told = performance.now()
      await breathe() // lets signals through
    }
  }
  const diverged = checkpoints.save(step)
  tell()
  trainer.dispose()
  sampleNoise.dispose()
  return diverged ? finite.outcome(diverged, checkpoints.savedAt) : { status: 'done', step }
}
