import { describe, expect, test } from 'vitest'
import { jacobi, largestEigen } from '../../../src/renderer/components/latent/eigen.ts'
import { dimsByUse, isUsed, momentsOf, readFeatures, rowOf } from '../../../src/renderer/components/latent/features.ts'
import {
  dimensionMap,
  movedTo,
  principalComponents,
  project,
  projectAll,
} from '../../../src/renderer/components/latent/pca.ts'
import { normals, someOf, uniform } from '../../../src/renderer/components/latent/random.ts'
import { layOut } from '../../../src/renderer/components/latent/umap.ts'
import { encodeSafetensors } from '../../../src/shared/safetensors.ts'

const features = (rows: number[][]) => ({
  data: Float32Array.from(rows.flat()),
  count: rows.length,
  dims: rows[0]!.length,
})

/** Symmetric, positive semi-definite, with the given eigenvalues. */
function withEigenvalues(values: number[], seed: number) {
  const n = values.length
  const basis = Array.from({ length: n }, (_, i) => Float64Array.from(normals(n, seed + i)))
  for (let i = 0; i < n; i++) {
    for (let round = 0; round < 2; round++)
      for (let j = 0; j < i; j++) {
        const w = basis[i]!.reduce((s, v, k) => s + v * basis[j]![k]!, 0)
        for (let k = 0; k < n; k++) basis[i]![k]! -= w * basis[j]![k]!
      }
    const size = Math.hypot(...basis[i]!)
    for (let k = 0; k < n; k++) basis[i]![k]! /= size
  }
  const a = new Float64Array(n * n)
  for (let p = 0; p < n; p++)
    for (let q = 0; q < n; q++) for (let i = 0; i < n; i++) a[p * n + q]! += values[i]! * basis[i]![p]! * basis[i]![q]!
  return a
}
const residual = (a: Float64Array, n: number, value: number, vector: ArrayLike<number>) => {
  let sum = 0
  for (let i = 0; i < n; i++) {
    let av = 0
    for (let j = 0; j < n; j++) av += a[i * n + j]! * vector[j]!
    sum += (av - value * vector[i]!) ** 2
  }
  return Math.sqrt(sum)
}

describe('eigenvectors', () => {
  test('of a small matrix are all found to working precision', () => {
    const wanted = [9, 4, 4, 1, 0.5, 1e-6, 0]
    const a = withEigenvalues(wanted, 1)
    const { values, vectors } = jacobi(a.slice(), 7)
    values.forEach((v, i) => expect(v).toBeCloseTo(wanted[i]!, 12))
    for (let i = 0; i < 7; i++)
      expect(residual(a, 7, values[i]!, vectors.subarray(7 * i, 7 * i + 7))).toBeLessThan(1e-12)
  })
  test('of a large one are found for the largest eigenvalues, however near the others are', () => {
    const n = 120
    const wanted = Array.from({ length: n }, (_, i) => (i < 2 ? 2 - i * 0.5 : 1.2 * 0.99 ** i))
    const a = withEigenvalues(wanted, 3)
    const { values, vectors } = largestEigen(a, n, 2)
    for (let i = 0; i < 2; i++) {
      expect(values[i]).toBeCloseTo(wanted[i]!, 8)
      expect(residual(a, n, values[i]!, vectors.subarray(n * i, n * (i + 1)))).toBeLessThan(1e-8)
    }
  })
})

describe('principal components', () => {
  // sklearn.decomposition.PCA(2).fit(X), signs by the largest entry.
  const X = [
    [2.5, 0.5, -1, 0.3],
    [0.5, 1.7, 0.2, -0.9],
    [2.2, -0.9, 1.9, 0.4],
    [1.9, 2.2, -2.2, 1.1],
    [3.1, 3, 0.4, -1.3],
    [2.3, -2.7, 1.6, 0.8],
    [2, 1.6, -1.1, 2.1],
  ]
  const axes = [
    [-0.03306911764788069, 0.8420291909417716, -0.5349829421329071, -0.060716774344125896],
    [-0.018155948427747787, -0.3008815523816294, -0.5600278278469325, 0.7716926104415903],
  ]
  const projected = [
    [0.28044398578691576, 0.5738170413463367],
    [0.7878978488662656, -1.3489934506023502],
    [-2.4459983558570437, -0.546413440503003],
    [2.325141192060844, 1.3625994531238068],
    [1.713846212517148, -2.2080275443566357],
    [-3.828749638414799, 0.47004315147187103],
    [1.1674187550406692, 1.696974789519974],
  ]
  const pca = principalComponents(features(X))
  test('are scikit-learn’s', () => {
    axes.flat().forEach((v, i) => expect(pca.axes[i]).toBeCloseTo(v, 6))
    expect(pca.explained[0]).toBeCloseTo(0.635970515213583, 6)
    expect(pca.explained[1]).toBeCloseTo(0.25154329949759713, 6)
    projected.flat().forEach((v, i) => expect(projectAll(pca, features(X))[i]).toBeCloseTo(v, 5))
  })
  test('take a code to a place on the map and leave what the map does not show', () => {
    const z = Float32Array.from(X[0]!)
    const moved = movedTo(pca, z, 1, -2)
    expect(project(pca, moved)[0]).toBeCloseTo(1, 5)
    expect(project(pca, moved)[1]).toBeCloseTo(-2, 5)
    const back = movedTo(pca, moved, ...project(pca, z))
    back.forEach((v, d) => expect(v).toBeCloseTo(z[d]!, 5))
  })
  test('of one dimension, or of equal points, are no trouble', () => {
    const line = principalComponents(features([[1], [2], [4]]))
    expect([...projectAll(line, features([[1], [2], [4]]))].filter((_, i) => i % 2)).toEqual([0, 0, 0])
    expect(line.explained).toEqual([1, 0])
    expect(principalComponents(features([[1, 2], [1, 2]])).explained).toEqual([0, 0]) // prettier-ignore
  })
})

test('two dimensions are shown as they are', () => {
  expect([...projectAll(dimensionMap(3, 2, 0), features([[1, 2, 3], [4, 5, 6]]))]).toEqual([3, 1, 6, 4]) // prettier-ignore
})

describe('features', () => {
  const file = (shape: number[], data: Float32Array | Int32Array, name = 'features') =>
    encodeSafetensors({ [name]: { shape, data } }, {})
  test('are read row by row', () => {
    const read = readFeatures(file([2, 3], Float32Array.of(1, 2, 3, 4, 5, 6)))
    expect(read).toMatchObject({ count: 2, dims: 3 })
    expect([...rowOf(read, 1)]).toEqual([4, 5, 6])
  })
  test('that are missing, empty, of another shape or not finite are refused with the reason', () => {
    expect(() => readFeatures(file([2, 1], Float32Array.of(1, 2), 'other'))).toThrow('holds no features')
    expect(() => readFeatures(file([2], Float32Array.of(1, 2)))).toThrow('images × latent dimensions')
    expect(() => readFeatures(file([0, 3], new Float32Array(0)))).toThrow('empty')
    expect(() => readFeatures(file([2, 2], Float32Array.of(1, 2, NaN, 4)))).toThrow('test image 1')
    expect(() => readFeatures(new Uint8Array(3))).toThrow('damaged')
  })
  test('are sorted by how much their dimensions vary', () => {
    const moments = momentsOf(features([[0, 5, 1e-3], [2, -5, 0], [1, 0, 0]])) // prettier-ignore
    expect(dimsByUse(moments)).toEqual([1, 0, 2])
    expect(moments.variance[0]).toBeCloseTo(2 / 3, 12)
    expect(isUsed(moments.variance[2]!)).toBe(false)
    expect([moments.low[1], moments.high[1]]).toEqual([-5, 5])
  })
})

describe('chance', () => {
  test('is a function of its seed', () => {
    expect(normals(6, 3)).toEqual(normals(6, 3))
    expect(normals(6, 3)).not.toEqual(normals(6, 4))
    expect(normals(5, 3)).toEqual(normals(6, 3).slice(0, 5))
  })
  test('draws from the normal distribution', () => {
    const draws = normals(20_000, 1)
    const mean = draws.reduce((s, v) => s + v, 0) / draws.length
    const variance = draws.reduce((s, v) => s + (v - mean) ** 2, 0) / draws.length
    expect(Math.abs(mean)).toBeLessThan(0.03)
    expect(Math.abs(variance - 1)).toBeLessThan(0.03)
  })
  test('chooses distinct images', () => {
    const some = someOf(1000, 200, 0)
    expect(new Set(some).size).toBe(200)
    expect(some.every((i) => i >= 0 && i < 1000)).toBe(true)
    expect([...someOf(5, 9, 0)]).toEqual([0, 1, 2, 3, 4])
  })
})

describe('UMAP', () => {
  /** Three clouds far apart in five dimensions. */
  const clouds = () => {
    const next = uniform(5)
    return features(
      Array.from({ length: 90 }, (_, i) => Array.from({ length: 5 }, (_, d) => (d === i % 3 ? 20 : 0) + next())),
    )
  }
  const request = () => ({ features: clouds(), indices: someOf(90, 90, 0), neighbours: 10, seed: 0 })
  test('keeps apart what is apart, tells how far it is, and repeats itself', () => {
    const shares: number[] = []
    const xy = layOut(request(), (share) => shares.push(share))
    const centre = (k: number) => {
      const own = Array.from({ length: 30 }, (_, i) => 3 * i + k)
      return [0, 1].map((c) => own.reduce((s, i) => s + xy[2 * i + c]! / 30, 0))
    }
    const centres = [0, 1, 2].map(centre)
    for (let i = 0; i < 90; i++) {
      const away = centres.map(([x, y]) => Math.hypot(xy[2 * i]! - x!, xy[2 * i + 1]! - y!))
      expect(away.indexOf(Math.min(...away))).toBe(i % 3)
    }
    expect(shares[0]).toBe(0)
    expect(shares.at(-1)).toBe(1)
    expect(layOut(request(), () => {})).toEqual(xy)
  })
  test('says so when there are too few images', () => {
    expect(() => layOut({ ...request(), indices: Int32Array.of(1, 2) }, () => {})).toThrow('at least 4 images')
  })
})
