import { symmetricEigen } from './symmetric-eigen.ts'

/** Directions of large variance. */
export interface Projection {
  features: number
  components: number
  /** [features] */
  mean: Float32Array
  /** [components, features], orthonormal rows. */
  axes: Float32Array
}

/** A direction whose deviation is below this share of the largest one's is left out. */
const leastDeviation = 0.1

/**
 * The principal axes of x, [rows, features], without those that hardly vary. A VAE leaves many latent dimensions unused, with means
 * that are nothing but noise around 0 (on MNIST 38 of 50): leaving them out makes distances cheaper, not worse.
 */
export function principalAxes(x: Float32Array, rows: number, features: number): Projection {
  const mean = new Float64Array(features)
  for (let i = 0; i < rows; i++) for (let j = 0; j < features; j++) mean[j]! += x[i * features + j]! / rows
  const covariance = new Float64Array(features * features)
  const row = new Float64Array(features)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < features; j++) row[j] = x[i * features + j]! - mean[j]!
    for (let j = 0; j < features; j++) {
      const value = row[j]! / rows
      for (let k = 0; k <= j; k++) covariance[j * features + k]! += value * row[k]!
    }
  }
  for (let j = 0; j < features; j++)
    for (let k = 0; k < j; k++) covariance[k * features + j] = covariance[j * features + k]!
  const { values, vectors } = symmetricEigen(covariance, features)
  const kept = values.filter((value) => value > leastDeviation ** 2 * values[0]!).length
  const components = Math.max(1, kept)
  const axes = new Float32Array(components * features)
  for (let c = 0; c < components; c++)
    for (let j = 0; j < features; j++) axes[c * features + j] = vectors[j * features + c]!
  return { features, components, mean: Float32Array.from(mean), axes }
}

/** The coordinates of each row of x along the axes, [rows, components]. */
export function project({ features, components, mean, axes }: Projection, x: Float32Array, rows: number): Float32Array {
  const out = new Float32Array(rows * components)
  const centred = new Float64Array(features)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < features; j++) centred[j] = x[i * features + j]! - mean[j]!
    for (let c = 0; c < components; c++) {
      let sum = 0
      for (let j = 0; j < features; j++) sum += axes[c * features + j]! * centred[j]!
      out[i * components + c] = sum
    }
  }
  return out
}
