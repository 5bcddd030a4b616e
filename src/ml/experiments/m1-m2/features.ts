import type * as Tfjs from '@tensorflow/tfjs'
import { expectStored } from '../../engine/parameters.ts'
import type { StoredState } from '../../../shared/safetensors.ts'
import type { Split } from '../../datasets/batches.ts'
import type { OpenedDataset } from '../../datasets/open-dataset.ts'
import type { M2Inputs } from '../m2/inputs.ts'
import { overAll, overRows } from '../semi-supervised/images.ts'
import type { VaeTrainer } from '../vae/step.ts'

type Tensor2D = Tfjs.Tensor2D

/** A latent dimension whose means of q(z₁ | x) spread less than this is one that model M1 does not use. */
const leastDeviation = 0.1

/** Which dimensions of z₁ M2 sees, and the mean and deviation of z₁ in each, by which it sees them. */
export interface FeatureScale {
  dimensions: Int32Array
  mean: Float32Array
  deviation: Float32Array
}

/**
 * The dimensions that M1 uses, those whose mean varies from image to image, as in the authors' program. They are scaled to
 * mean 0 and variance 1, which a trained M1 is near to by itself; one that is not would make M2 diverge.
 *
 * @param posterior mean and log-variance of q(z₁ | x) of each image, [images, 2 latent]
 * @throws Error if there are none
 */
export function measureScale(posterior: Float32Array, latent: number): FeatureScale {
  const count = posterior.length / (2 * latent)
  const found: { dimension: number; mean: number; deviation: number }[] = []
  for (let dimension = 0; dimension < latent; dimension++) {
    let [sum, within] = [0, 0]
    for (let at = dimension; at < posterior.length; at += 2 * latent) {
      sum += posterior[at]!
      within += Math.exp(posterior[at + latent]!)
    }
    const mean = sum / count
    let between = 0
    for (let at = dimension; at < posterior.length; at += 2 * latent) between += (posterior[at]! - mean) ** 2
    if (Math.sqrt(between / count) > leastDeviation)
      found.push({ dimension, mean, deviation: Math.sqrt((between + within) / count) })
  }
  if (found.length === 0)
    throw new Error('The auto-encoder uses none of its latent dimensions, so it gives no features. Train it longer.')
  return {
    dimensions: Int32Array.from(found, (f) => f.dimension),
    mean: Float32Array.from(found, (f) => f.mean),
    deviation: Float32Array.from(found, (f) => f.deviation),
  }
}

/** The scale as arrays of a saved model, and out of them. */
export const storeScale = ({ dimensions, mean, deviation }: FeatureScale): StoredState => {
  const shape = [dimensions.length]
  return {
    dimensions: { shape, data: dimensions },
    mean: { shape, data: mean },
    deviation: { shape, data: deviation },
  }
}

/** @throws Error if the state has no such arrays */
export function loadScale(state: StoredState): FeatureScale {
  const shape = [state['dimensions']?.shape[0] ?? 0]
  expectStored(state, [
    ['dimensions', shape],
    ['mean', shape],
    ['deviation', shape],
  ])
  return {
    dimensions: Int32Array.from(state['dimensions']!.data),
    mean: Float32Array.from(state['mean']!.data),
    deviation: Float32Array.from(state['deviation']!.data),
  }
}

/**
 * Mean and log-variance of q(z₁ | x) of all images of a split, [images, 2 latent].
 *
 * @throws Error if they are not finite
 */
export function posteriors(tf: typeof Tfjs, vae: VaeTrainer, split: Split, latent: number): Float32Array {
  const all = overAll(tf, split, 2 * latent, vae.posterior)
  if (all.every((value) => Number.isFinite(value))) return all
  throw new Error('The auto-encoder gives features that are not finite; its training went astray. Train it again.')
}

/** What M2 sees of `posteriors`: scaled means, and the log-variances that go with them, each [images, dimensions]. */
function scaled(posterior: Float32Array, latent: number, { dimensions, mean, deviation }: FeatureScale) {
  const count = posterior.length / (2 * latent)
  const width = dimensions.length
  const means = new Float32Array(count * width)
  const logVariances = new Float32Array(count * width)
  for (let row = 0, o = 0; row < count; row++)
    for (let c = 0; c < width; c++, o++) {
      const at = 2 * row * latent + dimensions[c]!
      means[o] = (posterior[at]! - mean[c]!) / deviation[c]!
      logVariances[o] = posterior[at + latent]! - 2 * Math.log(deviation[c]!)
    }
  return { means, logVariances }
}

/**
 * The features of all images as M2 is trained on them: the distribution q(z₁ | x), of which it draws at each step, for
 * training images, and its mean for test images.
 *
 * @param train `posteriors` of the training images; null where M2 is not trained
 */
export function featureInputs(
  tf: typeof Tfjs,
  vae: VaeTrainer,
  data: OpenedDataset,
  latent: number,
  scale: FeatureScale,
  train: Float32Array | null,
): Omit<M2Inputs, 'saved'> {
  const width = scale.dimensions.length
  const seen = train && scaled(train, latent, scale)
  const test = scaled(posteriors(tf, vae, data.test!, latent), latent, scale).means
  const rowsAt = (rows: Float32Array, places: ArrayLike<number>): Tensor2D => {
    const chosen = new Float32Array(places.length * width)
    for (let i = 0; i < places.length; i++)
      chosen.set(rows.subarray(places[i]! * width, (places[i]! + 1) * width), i * width)
    return tf.tensor2d(chosen, [places.length, width])
  }
  // Puts features back where M1 has them; 0, the mean of the prior, in the dimensions that it does not use.
  const back = new Float32Array(width * latent)
  const offset = new Float32Array(latent)
  scale.dimensions.forEach((d, c) => {
    back[c * latent + d] = scale.deviation[c]!
    offset[d] = scale.mean[c]!
  })
  return {
    width,
    likelihood: 'gaussian',
    train(places) {
      if (!seen) throw new Error('The features of the training images were not computed.')
      return { x: rowsAt(seen.means, places), logVariance: rowsAt(seen.logVariances, places) }
    },
    overTest: (columns, f) => overRows(tf, test, width, columns, f),
    firstOfTest: (count) => rowsAt(test, [...Array(count).keys()]),
    pixels: (rows) =>
      tf.tidy(() => {
        const z = tf.add(tf.matMul(rows, tf.tensor2d(back, [width, latent])), tf.tensor1d(offset))
        return vae.reconstruct(z as Tensor2D)
      }),
  }
}
