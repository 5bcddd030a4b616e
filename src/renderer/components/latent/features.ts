import { decodeSafetensors } from '../../../shared/safetensors.ts'

/** Points in the latent space, a row an image. */
export interface Features {
  /** [count, dims] */
  data: Float32Array
  count: number
  dims: number
}

/** What an artifact `test-features` holds. @throws Error that says what is wrong with the file */
export function readFeatures(file: Uint8Array): Features {
  const found = decodeSafetensors(file).state['features']
  if (!found || found.shape.length !== 2 || !(found.data instanceof Float32Array))
    throw new Error('The file holds no features: it needs an array “features” of images × latent dimensions.')
  const [count, dims] = found.shape as [number, number]
  if (!count || !dims) throw new Error('The features are empty: the run encoded no test image.')
  const bad = found.data.findIndex((v) => !Number.isFinite(v))
  if (bad >= 0)
    throw new Error(
      `The features of test image ${Math.floor(bad / dims)} are not finite; the model’s training went astray. Train it with a smaller learning rate.`,
    )
  return { data: found.data, count, dims }
}

/** Mean, variance (by n) and range of each dimension. */
export interface Moments {
  mean: Float64Array
  variance: Float64Array
  low: Float64Array
  high: Float64Array
}

export function momentsOf({ data, count, dims }: Features): Moments {
  const mean = new Float64Array(dims)
  const variance = new Float64Array(dims)
  const low = new Float64Array(dims).fill(Infinity)
  const high = new Float64Array(dims).fill(-Infinity)
  for (let i = 0, at = 0; i < count; i++)
    for (let d = 0; d < dims; d++, at++) {
      const v = data[at]!
      mean[d]! += v / count
      if (v < low[d]!) low[d] = v
      if (v > high[d]!) high[d] = v
    }
  // A second pass: the square of the sum minus the sum of squares loses digits.
  for (let i = 0, at = 0; i < count; i++)
    for (let d = 0; d < dims; d++, at++) variance[d]! += (data[at]! - mean[d]!) ** 2 / count
  return { mean, variance, low, high }
}

/**
 * Dimensions by how much they tell of an image, most first: by the variance of the means of q(z | x), which is near 1
 * where a dimension is used and 0 where the encoder falls back to the prior (KL 0; Burda et al. 2016, section 5.1).
 */
export const dimsByUse = ({ variance }: Moments): number[] =>
  Array.from(variance.keys()).sort((a, b) => variance[b]! - variance[a]! || a - b)

/** A dimension that the model uses (Burda et al. 2016 draw the line at 0.01). */
export const isUsed = (variance: number) => variance > 0.01

export const rowOf = ({ data, dims }: Features, i: number): Float32Array => data.slice(i * dims, (i + 1) * dims)
