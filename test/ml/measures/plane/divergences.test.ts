import { describe, expect, it } from 'vitest'
import { namedSource, transformed } from '../../../../src/ml/datasets/plane/source.ts'
import { densityDivergences } from '../../../../src/ml/measures/plane/densities.ts'
import { gridDivergences, histogram } from '../../../../src/ml/measures/plane/histogram.ts'
import { modeCoverage } from '../../../../src/ml/measures/plane/modes.ts'
import { neighbourJs, neighbourKl } from '../../../../src/ml/measures/plane/neighbours.ts'
import { normals, uniforms } from '../../../../src/ml/engine/random.ts'
import { gaussianKl } from '../../../../src/shared/plane/closed-forms.ts'
import { planeDistributions } from '../../../../src/shared/plane/distributions.ts'
import { shift } from '../../../../src/shared/plane/geometry.ts'

const gaussian = (seed: number, n: number, x: number, sd: number) =>
  normals(Int32Array.of(seed, 2), 2 * n).map((value, i) => sd * value + (i % 2 ? 0 : x))
const rectangle = (seed: number, n: number, left: number, right: number) =>
  uniforms(Int32Array.of(seed, 3), 2 * n).map((u, i) => (i % 2 ? u - 0.5 : left + (right - left) * u))

const gaussianLog = (x: number, sd: number) => (a: number, b: number) =>
  -((a - x) ** 2 + b * b) / (2 * sd * sd) - Math.log(2 * Math.PI * sd * sd)

/** JS of N((±d/2, 0), sd² I) by the rule of rectangles on a line; the other axis adds nothing. */
function gaussianJs(distance: number, sd: number): number {
  const density = (x: number, m: number) => Math.exp(-((x - m) ** 2) / (2 * sd * sd)) / (sd * Math.sqrt(2 * Math.PI))
  let sum = 0
  const h = sd / 100
  for (let x = -10 * sd; x < distance + 10 * sd; x += h) {
    const [p, q] = [density(x, 0), density(x, distance)]
    if (p > 0) sum += (h / 2) * p * Math.log((2 * p) / (p + q))
    if (q > 0) sum += (h / 2) * q * Math.log((2 * q) / (p + q))
  }
  return sum
}

describe('on a grid', () => {
  it('counts every point, those outside too', () => {
    const counts = histogram(Float32Array.of(-1, -1, 1, 1, 0.99, -0.99, 7, 0, NaN, 0, 0, Infinity), 2)
    expect([...counts]).toEqual([1, 1, 0, 1, 3])
  })

  it('JS of uniforms that overlap by half is log 2 / 2, within 0.01', () => {
    // Half of each has the density ratio 1, half no partner. Edges fall on those of the cells.
    const [p, q] = [rectangle(1, 20_000, -0.5, 0.5), rectangle(2, 20_000, 0, 1)]
    expect(Math.abs(gridDivergences(p, q).js - Math.LN2 / 2)).toBeLessThan(0.01)
  })

  it('KL of a uniform in one of twice its width is log 2, within 0.02', () => {
    const [p, q] = [rectangle(1, 50_000, 0, 0.5), rectangle(2, 50_000, -0.5, 0.5)]
    expect(Math.abs(gridDivergences(p, q).klPQ - Math.LN2)).toBeLessThan(0.02)
  })

  it('KL and JS of Gaussians, within 0.05 and 0.01', () => {
    const [p, q] = [gaussian(1, 100_000, 0, 0.2), gaussian(2, 100_000, 0.2, 0.2)]
    const { klPQ, klQP, js } = gridDivergences(p, q)
    expect(Math.abs(klPQ - gaussianKl(0.2, 0.2, 0.2))).toBeLessThan(0.05)
    expect(Math.abs(klQP - gaussianKl(0.2, 0.2, 0.2))).toBeLessThan(0.05)
    expect(Math.abs(js - gaussianJs(0.2, 0.2))).toBeLessThan(0.01)
  })

  it('JS of disjoint samples is log 2 at any distance, and 0 of a sample with itself', () => {
    const p = rectangle(1, 500, -0.4, -0.3)
    for (const at of [-0.1, 0.5, 3])
      expect(gridDivergences(p, rectangle(2, 500, at, at + 0.1)).js).toBeCloseTo(Math.LN2, 9)
    expect(gridDivergences(p, p)).toEqual({ klPQ: 0, klQP: 0, js: 0 })
  })

  it('comes out too large by about shared cells / 4n on equal distributions', () => {
    const source = namedSource('two-gaussians', 1)
    const { js } = gridDivergences(source.sample('p', 0, 4096), source.sample('q', 0, 4096))
    expect(js).toBeGreaterThan(0.004)
    expect(js).toBeLessThan(0.015)
  })

  it('refuses an empty sample', () => {
    expect(() => gridDivergences(new Float32Array(0), new Float32Array(2))).toThrow('at least one point of each')
  })
})

describe('by nearest neighbours', () => {
  it('KL of Gaussians, within 0.1 (mean of eight samples of 512)', () => {
    for (const [distance, s1, s2] of [
      [0.2, 0.2, 0.2],
      [0, 0.1, 0.2],
    ] as const) {
      let mean = 0
      for (let k = 0; k < 8; k++)
        mean += neighbourKl(gaussian(2 * k, 512, 0, s1), gaussian(2 * k + 1, 512, distance, s2)) / 8
      const exact = gaussianKl(distance, s1, s2)
      expect(Math.abs(mean - exact)).toBeLessThan(0.1 * Math.max(1, exact))
    }
  })

  it('comes out too small where P reaches beyond all points of Q', () => {
    const exact = gaussianKl(0, 0.2, 0.1)
    const estimate = neighbourKl(gaussian(1, 512, 0, 0.2), gaussian(2, 512, 0, 0.1))
    expect(estimate).toBeGreaterThan(0.2 * exact)
    expect(estimate).toBeLessThan(0.8 * exact)
  })

  it('KL of a uniform in one of twice its width, within 0.1', () => {
    let mean = 0
    for (let k = 0; k < 8; k++)
      mean += neighbourKl(rectangle(2 * k, 512, 0, 0.5), rectangle(2 * k + 1, 512, -0.5, 0.5)) / 8
    expect(Math.abs(mean - Math.LN2)).toBeLessThan(0.1)
  })

  it('JS of Gaussians, within 0.06 (mean of eight samples of 1024)', () => {
    for (const distance of [0, 0.3, 0.6]) {
      let mean = 0
      for (let k = 0; k < 8; k++)
        mean += neighbourJs(gaussian(2 * k, 1024, 0, 0.2), gaussian(2 * k + 1, 1024, distance, 0.2)) / 8
      expect(Math.abs(mean - gaussianJs(distance, 0.2))).toBeLessThan(0.06)
    }
  })

  it('fails on disjoint segments: finite where KL is infinite, and larger the farther apart', () => {
    const p = namedSource('segment', 1)
    const at = (theta: number) =>
      neighbourKl(p.sample('p', 0, 512), transformed(p, shift(theta, 0)).sample('q', 0, 512))
    expect(at(0.1)).toBeGreaterThan(2)
    expect(at(1)).toBeGreaterThan(at(0.1) + 2)
    expect(at(1)).toBeLessThan(20)
  })

  it('refuses samples without enough neighbours', () => {
    expect(() => neighbourKl(new Float32Array(10), new Float32Array(20))).toThrow(
      'Neighbour 5 needs at least 6 points of P and 5 of Q, not 5 and 10.',
    )
    expect(() => neighbourJs(new Float32Array(10), new Float32Array(20))).toThrow('expected as many in both')
  })
})

describe('from densities', () => {
  it('KL and JS of Gaussians, within four standard errors', () => {
    const [p, q] = [gaussian(1, 20_000, 0, 0.2), gaussian(2, 20_000, 0.3, 0.1)]
    const { klPQ, klQP, errors } = densityDivergences(p, q, gaussianLog(0, 0.2), gaussianLog(0.3, 0.1))
    expect(Math.abs(klPQ - gaussianKl(0.3, 0.2, 0.1))).toBeLessThan(4 * errors.klPQ)
    expect(Math.abs(klQP - gaussianKl(0.3, 0.1, 0.2))).toBeLessThan(4 * errors.klQP)
    expect(errors.klPQ / klPQ).toBeLessThan(0.02)
    const same = densityDivergences(p, gaussian(2, 20_000, 0.3, 0.2), gaussianLog(0, 0.2), gaussianLog(0.3, 0.2))
    expect(Math.abs(same.js - gaussianJs(0.3, 0.2))).toBeLessThan(4 * same.errors.js)
  })

  it('disjoint supports: KL infinite, JS log 2 without error', () => {
    const blobs = namedSource('blobs', 1)
    const away = transformed(blobs, shift(0, 0.9))
    const result = densityDivergences(
      blobs.sample('p', 0, 999),
      away.sample('q', 0, 999),
      blobs.logDensity!,
      away.logDensity!,
    )
    expect(result).toMatchObject({ klPQ: Infinity, klQP: Infinity })
    expect(result.js).toBeCloseTo(Math.LN2, 12)
    expect(result.errors.js).toBeCloseTo(0, 12)
  })

  it('far-apart Gaussians: JS reaches log 2, KL the square of the distance', () => {
    const source = namedSource('two-gaussians', 1)
    const away = transformed(source, shift(0, 3))
    const { klPQ, js } = densityDivergences(
      source.sample('p', 0, 999),
      away.sample('q', 0, 999),
      source.logDensity!,
      away.logDensity!,
    )
    expect(js).toBeCloseTo(Math.LN2, 9)
    expect(klPQ / gaussianKl(3, 0.1, 0.1)).toBeCloseTo(1, 1)
  })
})

describe('modes', () => {
  const modes = planeDistributions['grid-25'].modes!

  it('of the mixture itself are all covered, and 98.9 % of its samples good', () => {
    const coverage = modeCoverage(namedSource('grid-25', 1).sample('real', 0, 5000), modes)
    expect(coverage).toMatchObject({ covered: 25, total: 25 })
    expect(coverage.good).toBeCloseTo(1 - Math.exp(-4.5), 2)
  })

  it('need a good sample: one between them covers none', () => {
    const at = Float32Array.of(-0.8, -0.8, -0.79, -0.8, 0, 0.061, 0.2, 0.2, NaN, 0)
    expect(modeCoverage(at, modes)).toEqual({ covered: 1, total: 25, good: 0.4 })
    expect(modeCoverage(new Float32Array(0), modes).good).toBe(0)
  })
})
