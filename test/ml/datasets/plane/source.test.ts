import { describe, expect, it } from 'vitest'
import { drawnSource, namedSource, pointsSource, transformed } from '../../../../src/ml/datasets/plane/source.ts'
import { sampleStream } from '../../../../src/ml/datasets/plane/uniform.ts'
import { planeNames } from '../../../../src/shared/plane/distributions.ts'
import type { Drawing } from '../../../../src/shared/plane/drawing.ts'
import { rotation, scaling, shift } from '../../../../src/shared/plane/geometry.ts'

const cross: Drawing = {
  version: 1,
  strokes: [
    {
      width: 0.2,
      points: [
        [-0.5, 0],
        [0.5, 0],
        [-0.5, 0],
      ],
    },
    {
      width: 0.2,
      points: [
        [0, -0.5],
        [0, 0.5],
      ],
    },
  ],
}
/** Two rectangles of 1 × 0.2 that share a square of 0.2 × 0.2, with half discs on the four ends. */
const crossArea = 2 * 0.2 - 0.04 + 2 * Math.PI * 0.01

const sources = (seed: number) => [
  ...planeNames.map((name) => [name, namedSource(name, seed)] as const),
  ['a drawing', drawnSource(cross, seed)] as const,
  [
    'given points',
    pointsSource(
      Float32Array.from({ length: 100 }, (_, i) => i / 100),
      seed,
    ),
  ] as const,
]

describe.each(sources(1))('samples of %s', (name, source) => {
  it('are functions of seed, purpose, index and position', () => {
    const points = source.sample('real', 7, 50)
    source.sample('real', 8, 10)
    expect(source.sample('real', 7, 50)).toEqual(points)
    expect(source.sample('real', 7, 20)).toEqual(points.slice(0, 40))
    const again = sources(1).find(([other]) => other === name)![1]
    expect(again.sample('real', 7, 50)).toEqual(points)
    for (const other of [source.sample('real', 8, 50), source.sample('measures', 7, 50)])
      expect(other).not.toEqual(points)
    expect(
      sources(2)
        .find(([other]) => other === name)![1]
        .sample('real', 7, 50),
    ).not.toEqual(points)
  })
})

it('streams of large indices differ', () => {
  const streams = [0, 1, 2 ** 32, 2 ** 32 + 1, 2 ** 40].map((index) => sampleStream('real', index))
  expect(new Set(streams).size).toBe(5)
})

it('spreads samples as evenly as chance does', () => {
  // Uniform on the segment: χ² of 20 000 draws in 50 cells has mean 49 and sd 10.
  const source = namedSource('segment', 3)
  const cells = new Float64Array(50)
  for (let batch = 0; batch < 100; batch++)
    for (const [i, y] of source.sample('real', batch, 200).entries()) if (i % 2) cells[Math.floor(y * 50)]!++
  const chi2 = cells.reduce((sum, n) => sum + (n - 400) ** 2 / 400, 0)
  expect(chi2).toBeGreaterThan(20)
  expect(chi2).toBeLessThan(85)
})

describe('a drawing', () => {
  const source = drawnSource(cross, 5)
  const points = source.sample('real', 0, 40_000)

  it('is sampled on the painted area and nowhere else', () => {
    for (let i = 0; i < points.length; i += 2) {
      const [x, y] = [Math.abs(points[i]!), Math.abs(points[i + 1]!)]
      const toLine = (along: number, across: number) => Math.hypot(Math.max(0, along - 0.5), across)
      expect(Math.min(toLine(x, y), toLine(y, x))).toBeLessThanOrEqual(0.1 + 1e-6)
    }
  })

  it('is uniform, however often it was painted over', () => {
    // The middle square was crossed three times, the horizontal bar painted twice.
    const within = (left: number, right: number, bottom: number, top: number) => {
      let count = 0
      for (let i = 0; i < points.length; i += 2)
        if (points[i]! >= left && points[i]! < right && points[i + 1]! >= bottom && points[i + 1]! < top) count++
      return count / 40_000
    }
    // Three standard errors of a fraction near 0.1.
    const tolerance = 3 * Math.sqrt(0.1 / 40_000)
    expect(Math.abs(within(-0.1, 0.1, -0.1, 0.1) - 0.04 / crossArea)).toBeLessThan(tolerance)
    expect(Math.abs(within(0.2, 0.4, -0.1, 0.1) - 0.04 / crossArea)).toBeLessThan(tolerance)
    expect(Math.abs(within(-0.1, 0.1, 0.2, 0.4) - 0.04 / crossArea)).toBeLessThan(tolerance)
    expect(Math.abs(within(0.5, 1, -1, 1) - (Math.PI * 0.005) / crossArea)).toBeLessThan(tolerance)
  })

  it('knows its density', () => {
    expect(Math.exp(-source.logDensity!(0.3, 0.05)) / crossArea).toBeCloseTo(1, 2)
    expect(source.logDensity!(0.3, 0.3)).toBe(-Infinity)
    expect(source.logDensity!(5, 5)).toBe(-Infinity)
  })

  it('may be a dot, or a line thinner than the cells it is cut into', () => {
    const dot = drawnSource({ version: 1, strokes: [{ width: 0.005, points: [[1, 1]] }] }, 1)
    for (const value of dot.sample('real', 0, 50)) expect(Math.abs(value - 1)).toBeLessThan(0.0026)
    const thin = drawnSource(
      {
        version: 1,
        strokes: [
          {
            width: 0.005,
            points: [
              [-1, -1],
              [1, 1],
            ],
          },
        ],
      },
      1,
    )
    const drawn = thin.sample('real', 0, 500)
    for (let i = 0; i < 1000; i += 2)
      expect(Math.abs(drawn[i]! - drawn[i + 1]!) / Math.SQRT2).toBeLessThan(0.0025 + 1e-6)
    expect(() => drawnSource({ version: 1, strokes: [] }, 1)).toThrow('The drawing is empty; draw at least one stroke.')
  })
})

describe('a source that is moved', () => {
  it('moves its points, its density and its modes', () => {
    const source = namedSource('eight-gaussians', 1)
    const moved = transformed(transformed(source, scaling(0.5)), shift(0.3, -0.1))
    const [before, after] = [source.sample('real', 0, 10), moved.sample('real', 0, 10)]
    before.forEach((value, i) => expect(after[i]).toBeCloseTo(value / 2 + (i % 2 ? -0.1 : 0.3), 6))
    expect(moved.modes!.sd).toBeCloseTo(0.015, 9)
    expect(moved.modes!.centres[0]).toBeCloseTo(0.675, 6)
    // Densities per area grow by four when lengths halve.
    expect(moved.logDensity!(0.675, -0.1)).toBeCloseTo(source.logDensity!(0.75, 0) + Math.log(4), 6)
  })

  it('keeps a rotated mode round, and gives up on a sheared one', () => {
    const source = namedSource('two-gaussians', 1)
    expect(transformed(source, rotation(Math.PI / 2)).modes!.centres[3]).toBeCloseTo(0.5, 6)
    expect(transformed(source, { matrix: [1, 1, 0, 1], offset: [0, 0] }).modes).toBeNull()
  })
})

it('refuses to draw from no points', () => {
  expect(() => pointsSource(new Float32Array(0), 1)).toThrow('There are no points to draw from')
})
