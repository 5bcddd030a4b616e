import type * as Tfjs from '@tensorflow/tfjs'
import { createBatches } from '../../src/ml/datasets/batches.ts'
import type { Split } from '../../src/ml/datasets/batches.ts'
import { namedSource } from '../../src/ml/datasets/plane/source.ts'
import type { Tf } from '../../src/ml/engine/open.ts'
import { createRandom } from '../../src/ml/engine/random.ts'
import { createDcganTrainer } from '../../src/ml/experiments/dcgan/step.ts'
import { createCritic, createDiscriminator, usualJudge } from '../../src/ml/experiments/divergences/judge.ts'
import { realBatches } from '../../src/ml/experiments/gan2d/measures.ts'
import { snapshot } from '../../src/ml/experiments/gan2d/snapshot.ts'
import { createPlaneGanTrainer } from '../../src/ml/experiments/gan2d/step.ts'
import { toTrainerParams } from '../../src/ml/experiments/gan2d/trainer-params.ts'
import { createM2Trainer } from '../../src/ml/experiments/m2/step.ts'
import type { ImageTrainer } from '../../src/ml/experiments/trainer.ts'
import { createVaeTrainer } from '../../src/ml/experiments/vae/step.ts'
import { createWganGpTrainer } from '../../src/ml/experiments/wgan-gp/step.ts'
import { fitSvmClassifier, predictSvmClassifier } from '../../src/ml/models/svm-classifier.ts'
import { gridPng } from '../../src/ml/run/images.ts'
import { presetParams } from '../../src/shared/experiments/index.ts'
import { encodePng } from '../../src/shared/png.ts'
import { encodeSafetensors } from '../../src/shared/safetensors.ts'

/** What a kind does again and again: a step, counted from 0, with the batch that its loop reads; now and then a record. */
export interface StepWorkload {
  step(step: number): void
  /** What its loop does at the end of an epoch: samples, measures, a checkpoint. */
  record(): void | Promise<void>
}

const image = { height: 28, width: 28, channels: 1 }
const pixels = image.height * image.width
const gan = { width: 2, latent: 4, batch: 2, seed: 0, lrG: 1e-4, lrD: 1e-4, beta1: 0.5, beta2: 0.999 }
const vae = { pixels, hidden: [24], latent: 4, seed: 0, learningRate: 1e-3, beta1: 0.9, beta2: 0.999 }
const m2 = { classes: 4, hidden: [16], latent: 4, seed: 0, beta1: 0.9, beta2: 0.999, alpha: 1, labelledShare: 0.1 }
const [shown, hidden] = [4, 8]

/** As many images as an epoch needs to end now and then. */
const split: Split = {
  count: 400,
  images: Uint8Array.from({ length: 400 * pixels }, (_, i) => (i * 2_654_435_761) >>> 24),
  labels: Uint8Array.from({ length: 400 }, (_, i) => i % 10),
}

function imageGan(tf: Tf, trainer: ImageTrainer, perStep: number): StepWorkload {
  const batches = createBatches(split, { batch: gan.batch, seed: 0 })
  const read = new Float32Array(batches.length)
  const noise = tf.keep(createRandom(tf, 0).normal<Tfjs.Rank.R2>('sample noise', 0, [16, gan.latent]))
  return {
    step(step) {
      let n = step * perStep
      trainer.step(step, () => {
        batches.read(Math.floor(n / batches.perEpoch), n++ % batches.perEpoch, read)
        return tf.tensor4d(read.slice(), [gan.batch, image.height, image.width, image.channels])
      })
    },
    record() {
      const images = trainer.sample(noise)
      gridPng(images, 4)
      images.dispose()
      encodeSafetensors(trainer.state(), {})
    },
  }
}

/** Rows of pixels in [0, 1] as an auto-encoder takes them, and images of them as its samples are. */
function rowsOf(tf: Tf, count: number) {
  const batches = createBatches(split, { batch: count, seed: 0 })
  const data = new Float32Array(batches.length)
  return (step: number) => {
    batches.read(Math.floor(step / batches.perEpoch), step % batches.perEpoch, data)
    return tf.tensor2d(
      data.map((value) => (value + 1) / 2),
      [count, pixels],
    )
  }
}

function draw(rows: Tfjs.Tensor2D): void {
  const bytes = Uint8Array.from(rows.dataSync(), (value) => Math.round(255 * value))
  encodePng(bytes, image.width, image.height * rows.shape[0], 1)
  rows.dispose()
}

function autoEncoder(tf: Tf): StepWorkload {
  const trainer = createVaeTrainer(tf, vae)
  const rows = rowsOf(tf, 32)
  const z = tf.keep(tf.zeros([8, vae.latent]) as Tfjs.Tensor2D)
  return {
    step(step) {
      const x = rows(step)
      trainer.step(step, x)
      x.dispose()
    },
    record() {
      draw(trainer.reconstruct(z))
      const x = rows(0)
      trainer.evaluate(0, x)
      tf.dispose([x, trainer.features(x)])
      encodeSafetensors(trainer.state(), {})
    },
  }
}

/** M2 on pixels, or, as in M1+M2, on features with their variance. */
function classConditional(tf: Tf, onFeatures: boolean): StepWorkload {
  const inputs = onFeatures ? 6 : pixels
  const likelihood = onFeatures ? 'gaussian' : 'bernoulli'
  const trainer = createM2Trainer(tf, { ...m2, inputs, likelihood, neglect: 0.01 })
  const images = rowsOf(tf, shown + hidden)
  const classes = Int32Array.from({ length: shown }, (_, i) => i % m2.classes)
  const features = (step: number) =>
    tf.tensor2d(
      Float32Array.from({ length: (shown + hidden) * inputs }, (_, i) => Math.sin(step + i)),
      [shown + hidden, inputs],
    )
  const rows = onFeatures ? features : images
  const z = tf.keep(tf.zeros([m2.classes, m2.latent]) as Tfjs.Tensor2D)
  const each = tf.keep(tf.range(0, m2.classes, 1, 'int32'))
  return {
    step(step) {
      const x = rows(step)
      const logVariance = onFeatures ? (tf.fill(x.shape, -4) as Tfjs.Tensor2D) : undefined
      trainer.step(step, { x, classes, ...(logVariance && { logVariance }) }, 1e-3)
      tf.dispose([x, ...(logVariance ? [logVariance] : [])])
    },
    record() {
      const generated = trainer.generate(each, z)
      if (onFeatures) generated.dispose()
      else draw(generated)
      const x = rows(0)
      const found = trainer.classify(x)
      found.dataSync()
      tf.dispose([x, found])
      encodeSafetensors(trainer.state(), {})
    },
  }
}

/** M1 and a support vector machine: the machine is fitted once, so a step of it is one that classifies. */
async function svm(tf: Tf): Promise<StepWorkload> {
  const trainer = createVaeTrainer(tf, vae)
  const rows = rowsOf(tf, 40)
  const featuresOf = (step: number) => {
    const x = rows(step)
    const features = trainer.features(x)
    const data = features.dataSync() as Float32Array
    tf.dispose([x, features])
    return data
  }
  const options = { kernel: 'rbf', transductive: false, C: 1, gamma: 0, components: 32, seed: 0 } as const
  const labels = Array.from({ length: 40 }, (_, i) => i % 4)
  const fit = () => fitSvmClassifier(tf, options, { x: featuresOf(0), rows: 40, features: vae.latent, labels }, null)
  const classifier = await fit()
  return {
    step: (step) => void predictSvmClassifier(tf, classifier, featuresOf(step), 40),
    record: async () => void (await fit()),
  }
}

function planeGan(): StepWorkload {
  const trainer = createPlaneGanTrainer(toTrainerParams({ ...presetParams('gan2d'), loss: 'wgan-gp', width: 8 }))
  const source = namedSource('eight-gaussians', 0)
  return {
    step: (step) => void trainer.step(step, realBatches(source, trainer.params.batch, step)),
    record() {
      snapshot(trainer, 0)
      encodeSafetensors(trainer.state(), {})
    },
  }
}

function divergences(): StepWorkload {
  const source = namedSource('segment', 0)
  const example = source.sample('example', 0, 256)
  const options = { ...usualJudge, seed: 0 }
  const judges = [createCritic(options, example), createDiscriminator(options, example)]
  const points = (name: string) => (index: number, count: number) => source.sample(name, index, count)
  return {
    step: (step) => judges.forEach((judge) => judge.train(points('P'), points('Q'), step, 1)),
    record: () => judges.forEach((judge) => void judge.estimate(example, example)),
  }
}

/** A small one of each kind of experiment: what leaks does so at any size. */
export const stepWorkloads: Record<string, (tf: Tf) => StepWorkload | Promise<StepWorkload>> = {
  'wgan-gp': (tf) => imageGan(tf, createWganGpTrainer(tf, { ...gan, criticSteps: 2, penaltyWeight: 10 }, image), 2),
  dcgan: (tf) => imageGan(tf, createDcganTrainer(tf, gan, image), 1),
  vae: autoEncoder,
  'vae-svm': svm,
  m2: (tf) => classConditional(tf, false),
  'm1-m2': (tf) => classConditional(tf, true),
  gan2d: planeGan,
  divergences,
}
