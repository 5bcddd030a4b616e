import type * as Tfjs from '@tensorflow/tfjs'
import { createDcganTrainer } from '../../src/ml/experiments/dcgan/step.ts'
import { createPlaneGanTrainer } from '../../src/ml/experiments/gan2d/step.ts'
import { createVaeTrainer } from '../../src/ml/experiments/vae/step.ts'
import { createWganGpTrainer } from '../../src/ml/experiments/wgan-gp/step.ts'
import { deepSize, kernelSize, pyramid } from '../../src/ml/models/image-networks.ts'

type Tf = typeof Tfjs

export interface Workload {
  /** Steps timed in one repeat. */
  steps: number
  /** Multiplications and additions of one step's products and convolutions, in GFLOP, padding included. */
  gflop: number
  /** Makes the step; its argument counts from 0. */
  make(tf: Tf): (step: number) => unknown
}

const image = { height: 28, width: 28, channels: 1 }
const gan = { width: 64, latent: 128, batch: 64, seed: 0 }
const vae = { pixels: 784, hidden: [600, 600], latent: 50 }
const vaeBatch = 128
const plane = { latent: 2, hidden: [8, 8], batch: 150 }

/** The reference networks, with the settings and the data of reference_steps.py. */
export const workloads: Record<string, Workload> = {
  'wgan-gp': {
    steps: 3,
    gflop: wganGpGflop(),
    make: (tf) => {
      const adam = { lrG: 1e-4, lrD: 1e-4, beta1: 0.5, beta2: 0.9 }
      const trainer = createWganGpTrainer(tf, { ...gan, ...adam, criticSteps: 5, penaltyWeight: 10 }, image)
      const real = realImages(tf)
      return (step) => trainer.step(step, () => real.clone())
    },
  },
  dcgan: {
    steps: 8,
    gflop: dcganGflop(),
    make: (tf) => {
      const trainer = createDcganTrainer(tf, { ...gan, lrG: 2e-4, lrD: 2e-4, beta1: 0.5, beta2: 0.999 }, image)
      const real = realImages(tf)
      return (step) => trainer.step(step, () => real.clone())
    },
  },
  vae: {
    steps: 60,
    gflop: vaeGflop(),
    make: (tf) => {
      const trainer = createVaeTrainer(tf, { ...vae, seed: 0, learningRate: 1e-3, beta1: 0.9, beta2: 0.999 })
      const x = tf.randomUniform<Tfjs.Rank.R2>([vaeBatch, vae.pixels])
      return (step) => trainer.step(step, x)
    },
  },
  gan2d: {
    steps: 400,
    gflop: planeGflop(),
    make: () => {
      const trainer = createPlaneGanTrainer({
        latent: plane.latent,
        generatorHidden: plane.hidden,
        discriminatorHidden: plane.hidden,
        batch: plane.batch,
        optimiser: 'adam',
        noise: 'uniform',
        activation: 'relu',
        loss: 'nonSaturating',
        penaltyWeight: 0,
        clip: 0,
        discriminatorSteps: 1,
        generatorSteps: 1,
        lrG: 1e-3,
        lrD: 1e-3,
        beta1: 0.9,
        beta2: 0.999,
        seed: 0,
      })
      const real = Float32Array.from({ length: 2 * plane.batch }, (_, i) => Math.sin(i))
      return (step) => trainer.step(step, () => real)
    },
  },
}

function realImages(tf: Tf): Tfjs.Tensor4D {
  return tf.randomUniform<Tfjs.Rank.R4>([gan.batch, image.height, image.width, image.channels], -1, 1)
}

/** Multiply-adds of one image through the convolutions of the critic (the generator's are the same), first one apart. */
function convolutions() {
  const { sizes, channels, depth } = pyramid({ image, width: gan.width })
  const layer = (i: number) => sizes[i]! ** 2 * kernelSize ** 2 * channels[i - 1]! * channels[i]!
  const all = Array.from({ length: depth }, (_, i) => layer(i + 1)).reduce((a, b) => a + b)
  return { all, first: layer(1), dense: gan.latent * deepSize ** 2 * channels[depth]! }
}

function perStep(multiplyAdds: number, batch: number): number {
  return (2 * multiplyAdds * batch) / 1e9
}

function wganGpGflop(): number {
  const { all, first, dense } = convolutions()
  // Generated, real and mixed images forward, backward (to the image for the mixed ones) and into the filters; the
  // tangents of the penalty forward; the generator forward.
  const critic = 3 * all + 3 * (all - first) + first + 3 * all + all + (all + dense)
  return perStep(5 * critic + generatorStep(), gan.batch)
}

/** The generator's images forward and backward through the critic, then backward and into the generator's filters. */
function generatorStep(): number {
  const { all, dense } = convolutions()
  return all + all + 2 * all + dense + (all + dense)
}

function dcganGflop(): number {
  const { all, first } = convolutions()
  // Real and generated images forward, backward and into the filters. The generator's images are made once.
  return perStep(2 * (all + all - first + all) + generatorStep(), gan.batch)
}

function vaeGflop(): number {
  const product = (sizes: number[]) => sizes.slice(1).reduce((sum, size, i) => sum + size * sizes[i]!, 0)
  const encoder = product([vae.pixels, ...vae.hidden, 2 * vae.latent])
  const decoder = product([vae.latent, ...vae.hidden.toReversed(), vae.pixels])
  // Forward, into the kernels, and backward to all but the images.
  return perStep(3 * (encoder + decoder) - vae.pixels * vae.hidden[0]!, vaeBatch)
}

function planeGflop(): number {
  const product = (sizes: number[]) => sizes.slice(1).reduce((sum, size, i) => sum + size * sizes[i]!, 0)
  const generator = product([plane.latent, ...plane.hidden, 2])
  const discriminator = product([2, ...plane.hidden, 1])
  return perStep(4 * generator + 8 * discriminator, plane.batch)
}
