import type * as Tfjs from '@tensorflow/tfjs'
import type { StoredArray } from '../../../shared/safetensors.ts'
import type { Split } from '../../datasets/batches.ts'
import type { OpenedDataset } from '../../datasets/open-dataset.ts'
import type { M2Inputs } from '../m2/inputs.ts'
import { overAll, overRows } from '../semi-supervised/images.ts'
import type { VaeTrainer } from '../vae/step.ts'

type Tensor2D = Tfjs.Tensor2D

/** A latent dimension whose means of q(z | x) spread less than this is one that model M1 does not use. */
const leastDeviation = 0.1

/** Of each image, the numbers in the chosen columns of its row. */
function columnsOf(rows: Float32Array, width: number, columns: ArrayLike<number>): Float32Array {
  const count = rows.length / width
  const chosen = new Float32Array(count * columns.length)
  for (let row = 0, o = 0; row < count; row++)
    for (let c = 0; c < columns.length; c++) chosen[o++] = rows[row * width + columns[c]!]!
  return chosen
}

/** The dimensions that M1 uses: those whose mean varies from image to image, as in the authors' program. */
function usedDimensions(means: Float32Array, latent: number): Int32Array {
  const count = means.length / latent
  const used = Array.from({ length: latent }, (_, d) => d).filter((d) => {
    let sum = 0
    for (let at = d; at < means.length; at += latent) sum += means[at]!
    const mean = sum / count
    let square = 0
    for (let at = d; at < means.length; at += latent) square += (means[at]! - mean) ** 2
    return Math.sqrt(square / count) > leastDeviation
  })
  if (used.length === 0)
    throw new Error('The auto-encoder uses none of its latent dimensions, so it gives no features. Train it longer.')
  return Int32Array.from(used)
}

/**
 * The features of all images by model M1: mean and log-variance of q(z₁ | x), of which M2 draws at each step, in the
 * dimensions that M1 uses.
 *
 * @param kept those dimensions, where they were found before
 * @throws Error if there are none, or a feature is not finite
 */
export function createFeatures(
  tf: typeof Tfjs,
  vae: VaeTrainer,
  data: OpenedDataset,
  latent: number,
  kept: ArrayLike<number> | null,
) {
  const of = (split: Split) => {
    const both = overAll(tf, split, 2 * latent, vae.posterior)
    if (!both.every((value) => Number.isFinite(value)))
      throw new Error('The auto-encoder gives features that are not finite; its training went astray. Train it again.')
    return both
  }
  const all = Array.from({ length: latent }, (_, d) => d)
  const train = of(data.train)
  const columns = Int32Array.from(kept ?? usedDimensions(columnsOf(train, 2 * latent, all), latent))
  const width = columns.length
  const means = columnsOf(train, 2 * latent, columns)
  const logVariances = columnsOf(
    train,
    2 * latent,
    columns.map((d) => latent + d),
  )
  const test = columnsOf(of(data.test!), 2 * latent, columns)

  const rowsAt = (rows: Float32Array, places: ArrayLike<number>): Tensor2D => {
    const chosen = new Float32Array(places.length * width)
    for (let i = 0; i < places.length; i++)
      chosen.set(rows.subarray(places[i]! * width, (places[i]! + 1) * width), i * width)
    return tf.tensor2d(chosen, [places.length, width])
  }
  // Puts features back where M1 has them; 0, the mean of the prior, in the dimensions that it does not use.
  const scatter = new Float32Array(width * latent)
  columns.forEach((d, c) => (scatter[c * latent + d] = 1))

  const inputs: M2Inputs = {
    width,
    likelihood: 'gaussian',
    train: (places) => ({ x: rowsAt(means, places), logVariance: rowsAt(logVariances, places) }),
    overTest: (columns, f) => overRows(tf, test, width, columns, f),
    firstOfTest: (count) => rowsAt(test, [...Array(count).keys()]),
    pixels: (rows) => tf.tidy(() => vae.reconstruct(tf.matMul(rows, tf.tensor2d(scatter, [width, latent])))),
    saved: {},
  }
  const dimensions: StoredArray = { shape: [width], data: columns }
  return { inputs, kept: dimensions }
}
