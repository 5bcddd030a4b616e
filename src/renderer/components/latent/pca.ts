import { largestEigen } from './eigen.ts'
import type { Features } from './features.ts'

/** A flat map of the latent space: x and y of a point are its components along two directions from a centre. */
export interface LinearMap {
  centre: Float64Array
  /** [2, dims], orthonormal rows. */
  axes: Float64Array
}

export interface Pca extends LinearMap {
  /** Shares of the whole variance along the two axes. */
  explained: [number, number]
}

/**
 * The two principal components of the features, by the eigenvectors of their covariance (Pearson 1901; Hotelling 1933).
 * The sign of each axis is such that its largest entry is positive. One dimension gives a second axis of zeros.
 */
export function principalComponents(features: Features): Pca {
  const { data, count, dims } = features
  const centre = new Float64Array(dims)
  for (let i = 0, at = 0; i < count; i++) for (let d = 0; d < dims; d++, at++) centre[d]! += data[at]! / count
  const covariance = new Float64Array(dims * dims)
  const row = new Float64Array(dims)
  for (let i = 0; i < count; i++) {
    for (let d = 0; d < dims; d++) row[d] = data[i * dims + d]! - centre[d]!
    for (let p = 0; p < dims; p++) {
      const w = row[p]! / count
      for (let q = p, at = p * dims + p; q < dims; q++, at++) covariance[at]! += w * row[q]!
    }
  }
  let total = 0
  for (let p = 0; p < dims; p++) {
    total += covariance[p * dims + p]!
    for (let q = 0; q < p; q++) covariance[p * dims + q] = covariance[q * dims + p]!
  }
  const { values, vectors } = largestEigen(covariance, dims, Math.min(2, dims))
  const axes = new Float64Array(2 * dims)
  for (let k = 0; k < Math.min(2, dims); k++) {
    const axis = vectors.subarray(k * dims, (k + 1) * dims)
    const largest = axis.reduce((most, v) => (Math.abs(v) > Math.abs(most) ? v : most), 0)
    for (let d = 0; d < dims; d++) axes[k * dims + d] = largest < 0 ? -axis[d]! : axis[d]!
  }
  const share = (k: number) => (total > 0 && k < dims ? Math.max(0, values[k]!) / total : 0)
  return { centre, axes, explained: [share(0), share(1)] }
}

/** Two of the latent dimensions as they are. */
export function dimensionMap(dims: number, x: number, y: number): LinearMap {
  const axes = new Float64Array(2 * dims)
  axes[x] = 1
  axes[dims + y] = 1
  return { centre: new Float64Array(dims), axes }
}

/** Where one point lies on the map. */
export function project({ centre, axes }: LinearMap, z: ArrayLike<number>): [number, number] {
  const dims = centre.length
  let [x, y] = [0, 0]
  for (let d = 0; d < dims; d++) {
    const v = z[d]! - centre[d]!
    x += axes[d]! * v
    y += axes[dims + d]! * v
  }
  return [x, y]
}

/** Where all points lie, [count, 2]. */
export function projectAll(map: LinearMap, { data, count, dims }: Features): Float32Array {
  const xy = new Float32Array(2 * count)
  for (let i = 0; i < count; i++) xy.set(project(map, data.subarray(i * dims, (i + 1) * dims)), 2 * i)
  return xy
}

/** The point `z` moved so that it lies at (x, y) on the map, all that the map doesn't show kept. */
export function movedTo({ centre, axes }: LinearMap, z: Float32Array, x: number, y: number): Float32Array {
  const [atX, atY] = project({ centre, axes }, z)
  const dims = centre.length
  return z.map((v, d) => v + (x - atX) * axes[d]! + (y - atY) * axes[dims + d]!)
}
