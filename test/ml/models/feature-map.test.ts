import { beforeAll, describe, expect, it, test } from 'vitest'
import { openEngine } from '../../../src/ml/engine/open.ts'
import type { Tf } from '../../../src/ml/engine/open.ts'
import { applyFourierMap, fourierMap, medianGamma } from '../../../src/ml/models/feature-map/fourier.ts'
import { normalisedAffinity } from '../../../src/ml/models/feature-map/graph.ts'
import { findNeighbours, indexNeighbours } from '../../../src/ml/models/feature-map/neighbours.ts'
import { principalAxes, project } from '../../../src/ml/models/feature-map/principal.ts'
import { largestEigenvectors } from '../../../src/ml/models/feature-map/spectrum.ts'
import { standardisation, standardise } from '../../../src/ml/models/feature-map/standardise.ts'
import { symmetricEigen } from '../../../src/ml/models/feature-map/symmetric-eigen.ts'
import { enginesHere, normals } from '../engine/finite-differences.ts'

const gaussian = (count: number, seed: number) => {
  const normal = normals(seed)
  return Float32Array.from({ length: count }, () => normal())
}
const squaredDistance = (x: Float32Array, a: number, b: number, features: number) => {
  let sum = 0
  for (let j = 0; j < features; j++) sum += (x[a * features + j]! - x[b * features + j]!) ** 2
  return sum
}

test('standardised columns have mean 0 and deviation 1, constant ones are 0', () => {
  const rows = 200
  const x = gaussian(rows * 3, 1)
  for (let i = 0; i < rows; i++) {
    x[3 * i]! *= 1000
    x[3 * i + 1] = 0.1
    x[3 * i + 2]! += 50
  }
  const out = standardise(standardisation(x, rows, 3), x, rows)
  for (const column of [0, 2]) {
    const values = Array.from({ length: rows }, (_, i) => out[3 * i + column]!)
    const mean = values.reduce((sum, value) => sum + value, 0) / rows
    expect(mean).toBeCloseTo(0, 4)
    expect(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows).toBeCloseTo(1, 4)
  }
  for (let i = 0; i < rows; i++) expect(Math.abs(out[3 * i + 1]!)).toBeLessThan(1e-6)
  expect(() => standardise(standardisation(x, rows, 3), x, rows - 1)).toThrow('hold 600 numbers')
})

test("a symmetric matrix's eigenvectors are orthonormal, and it stretches them by their eigenvalues", () => {
  const n = 30
  const half = gaussian(n * n, 2)
  const matrix = Float64Array.from({ length: n * n }, (_, e) => half[e]! + half[(e % n) * n + Math.floor(e / n)]!)
  const { values, vectors } = symmetricEigen(matrix, n)
  for (let c = 0; c < n; c++) {
    if (c > 0) expect(values[c]!).toBeLessThanOrEqual(values[c - 1]!)
    for (let i = 0; i < n; i++) {
      let image = 0
      for (let k = 0; k < n; k++) image += matrix[i * n + k]! * vectors[k * n + c]!
      expect(image).toBeCloseTo(values[c]! * vectors[i * n + c]!, 8)
    }
    for (let d = 0; d <= c; d++) {
      let product = 0
      for (let k = 0; k < n; k++) product += vectors[k * n + c]! * vectors[k * n + d]!
      expect(product).toBeCloseTo(c === d ? 1 : 0, 10)
    }
  }
})

test('principal axes leave out directions that hardly vary and keep distances', () => {
  const [rows, features] = [300, 6]
  const x = gaussian(rows * features, 3).map((value, i) => (i % features < 2 ? value : 0.01 * value))
  const projection = principalAxes(x, rows, features)
  expect(projection.components).toBe(2)
  const y = project(projection, x, rows)
  for (let i = 1; i < 50; i++)
    expect(Math.abs(squaredDistance(y, 0, i, 2) - squaredDistance(x, 0, i, features))).toBeLessThan(0.02)
})

test('the median heuristic is the inverse median of squared distances, and safe for equal rows', () => {
  // Squared distances of standard normal vectors in d dimensions are 2 χ² with d degrees of freedom; the median of χ²(10) is 9.342.
  expect(1 / medianGamma(gaussian(10_000, 4), 1000, 10, 0)).toBeCloseTo(2 * 9.342, -0.5)
  expect(medianGamma(new Float32Array(20), 10, 2, 0)).toBe(1)
})

describe.each(await enginesHere())('on the %s engine', (prefer) => {
  let tf: Tf
  beforeAll(async () => {
    tf = (await openEngine({ prefer })).tf
  })

  it("random Fourier features' products are the RBF kernel's values", () => {
    const [rows, features, components, gamma] = [40, 5, 8000, 0.2]
    const x = gaussian(rows * features, 5)
    const before = tf.memory().numTensors
    const z = applyFourierMap(tf, fourierMap(7, features, components, gamma), x, rows)
    expect(tf.memory().numTensors).toBe(before)
    for (let a = 0; a < rows; a++)
      for (let b = 0; b <= a; b++) {
        let product = 0
        for (let j = 0; j < components; j++) product += z[a * components + j]! * z[b * components + j]!
        // The deviation of the mean of 8000 products is below 0.012.
        expect(Math.abs(product - Math.exp(-gamma * squaredDistance(x, a, b, features)))).toBeLessThan(0.06)
      }
    expect(fourierMap(7, features, 10, gamma)).toEqual(fourierMap(7, features, 10, gamma))
    expect(fourierMap(8, features, 10, gamma)).not.toEqual(fourierMap(7, features, 10, gamma))
    expect(() => fourierMap(7, features, 10, -1)).toThrow('gamma is -1')
    expect(() => fourierMap(7, features, 0, 1)).toThrow('0 is no number of random features')
  })

  it('finds the nearest neighbours, all of them among few points and nearly all among many', () => {
    const features = 8
    for (const [rows, least] of [
      [500, 1],
      [9000, 0.98],
    ] as const) {
      const x = gaussian(rows * features, 6)
      const index = indexNeighbours(tf, x, rows, features, 0)
      expect([...index.origin].sort((a, b) => a - b)).toEqual(Array.from({ length: rows }, (_, i) => i))
      const queries = x.subarray(0, 60 * features)
      const before = tf.memory().numTensors
      const { place, squared } = findNeighbours(tf, index, queries, 6)
      expect(tf.memory().numTensors).toBe(before)
      let found = 0
      for (let q = 0; q < 60; q++) {
        const byDistance = Array.from({ length: rows }, (_, i) => ({ i, d: squaredDistance(x, q, i, features) }))
        const truth = new Set(
          byDistance
            .sort((a, b) => a.d - b.d)
            .slice(0, 6)
            .map(({ i }) => i),
        )
        expect(index.origin[place[q * 6]!]).toBe(q)
        for (let e = q * 6; e < (q + 1) * 6; e++) {
          const origin = index.origin[place[e]!]!
          if (truth.has(origin)) found++
          expect(squared[e]).toBeCloseTo(squaredDistance(x, q, origin, features), 3)
          if (e > q * 6) expect(squared[e]!).toBeGreaterThanOrEqual(squared[e - 1]!)
        }
      }
      expect(found / 360).toBeGreaterThanOrEqual(least)
    }
  })

  it("the graph's affinity is symmetric with largest eigenvalue 1, and its spectrum is a dense solver's", async () => {
    const rows = 240
    // Three clouds that touch, so that several eigenvalues are near 1.
    const x = gaussian(rows * 2, 7).map((value, e) => value + (e % 2 === 0 ? 3 * (Math.floor(e / 2) % 3) : 0))
    const index = indexNeighbours(tf, x, rows, 2, 0)
    const matrix = normalisedAffinity(findNeighbours(tf, index, index.points, 7))
    const dense = new Float64Array(rows * rows)
    for (let i = 0; i < rows; i++)
      for (let e = matrix.start[i]!; e < matrix.start[i + 1]!; e++)
        dense[i * rows + matrix.column[e]!] = matrix.value[e]!
    for (let i = 0; i < rows; i++) {
      expect(dense[i * rows + i]).toBe(0)
      for (let j = 0; j < i; j++) expect(dense[i * rows + j]).toBeCloseTo(dense[j * rows + i]!, 6)
    }
    const truth = symmetricEigen(dense, rows)
    expect(truth.values[0]).toBeCloseTo(1, 5)
    const { values, vectors, count } = await largestEigenvectors(tf, matrix, 20, 0)
    expect(count).toBe(20)
    for (let c = 0; c < 20; c++) expect(values[c]).toBeCloseTo(truth.values[c]!, 3)
    // The leading vector is √degree, the only one without a change of sign.
    const signs = new Set(Array.from({ length: rows }, (_, i) => Math.sign(vectors[i * 20]!)))
    expect(signs.size).toBe(1)
    for (let c = 0; c < 10; c++) {
      let residual = 0
      for (let i = 0; i < rows; i++) {
        let image = 0
        for (let e = matrix.start[i]!; e < matrix.start[i + 1]!; e++)
          image += matrix.value[e]! * vectors[matrix.column[e]! * 20 + c]!
        residual += (image - values[c]! * vectors[i * 20 + c]!) ** 2
      }
      expect(Math.sqrt(residual)).toBeLessThan(1e-2)
    }
  })
})
