import { expect, test } from 'vitest'
import {
  contentPoints,
  drawingPoints,
  namedPoints,
  setPoints,
} from '../../../src/renderer/components/plane/real-points.ts'
import { meanNearest, observe, trendOf, valueAtStep } from '../../../src/renderer/components/plane/reading.ts'
import { planeDistributions, planeNames } from '../../../src/shared/plane/distributions.ts'
import type { PlaneFrame } from '../../../src/shared/plane/frame.ts'

test('every named distribution shows its shape: each mode gets its share of the points', () => {
  for (const name of planeNames) {
    const points = namedPoints(name, 400)!
    expect(points.every((v) => Math.abs(v) <= 1.1)).toBe(true)
    const { modes } = planeDistributions[name]
    if (!modes) continue
    const counts = new Map<number, number>()
    for (let n = 0; n < 400; n++) {
      const distances = Array.from({ length: modes.centres.length / 2 }, (_, i) =>
        Math.hypot(points[2 * n]! - modes.centres[2 * i]!, points[2 * n + 1]! - modes.centres[2 * i + 1]!),
      )
      const nearest = distances.indexOf(Math.min(...distances))
      counts.set(nearest, (counts.get(nearest) ?? 0) + 1)
    }
    const even = 400 / (modes.centres.length / 2)
    for (const count of counts.values()) expect(Math.abs(count - even)).toBeLessThanOrEqual(3)
    expect(counts.size).toBe(modes.centres.length / 2)
  }
  expect(namedPoints('set:0123456789abcdef', 10)).toBeNull()
})

test('points of a drawing lie on its strokes, in proportion to their area', () => {
  const drawing = {
    version: 1 as const,
    strokes: [
      { width: 0.1, points: [[-0.9, 0.5] as [number, number], [0.9, 0.5] as [number, number]] },
      { width: 0.4, points: [[0, -0.5] as [number, number]] },
    ],
  }
  const points = drawingPoints(drawing, 300)
  expect(points.length).toBe(600)
  let onLine = 0
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [points[i]!, points[i + 1]!]
    if (y > 0) {
      onLine++
      expect(Math.abs(y - 0.5)).toBeLessThan(0.0501)
    } else expect(Math.hypot(x, y + 0.5)).toBeLessThan(0.2001)
  }
  const [line, disc] = [1.8 * 0.1 + Math.PI * 0.05 ** 2, Math.PI * 0.2 ** 2]
  expect(onLine / 300).toBeCloseTo(line / (line + disc), 1)
})

test('a drawing of very many points is thinned before it is looked at, and stays its shape', () => {
  const circle = Array.from({ length: 40_000 }, (_, i): [number, number] => [
    0.7 * Math.cos(i / 100),
    0.7 * Math.sin(i / 100),
  ]).slice(0, 629)
  const points = drawingPoints({ version: 1, strokes: [{ width: 0.06, points: circle }] }, 200)
  for (let i = 0; i < points.length; i += 2)
    expect(Math.abs(Math.hypot(points[i]!, points[i + 1]!) - 0.7)).toBeLessThan(0.035)
})

test('a large set is shown by some of its points, a small one by all', () => {
  const many = Array.from({ length: 20_000 }, (_, i) => (i % 2 ? 0 : i / 20_000))
  const shown = setPoints(many, 500)
  expect(shown.length).toBe(1000)
  expect(shown.at(-2)).toBeGreaterThan(0.99)
  const set = { version: 1 as const, centre: [0, 0] as [number, number], scale: 1, points: [0, 1, 0.5, 0.5] }
  expect([...contentPoints({ type: 'points', set }, 500)]).toEqual([0, 1, 0.5, 0.5])
})

const frame: PlaneFrame = {
  step: 5,
  output: 'probability',
  extent: 1,
  map: { side: 2, values: Float32Array.of(0.5, 0.45, 0.6, 0.9) },
  fake: Float32Array.of(0, 0, 0.5, 0, 3, 0),
  arrows: Float32Array.of(1, 0, 0.01, 0, 0, 0),
  manifold: null,
}

test('what one sees is counted: undecided map, moving and lost points, distances both ways', () => {
  const real = Float32Array.of(0, 0, 0.5, 0)
  const seen = observe(frame, real, { low: 0, middle: 0.5, high: 1 }, 0.1)
  expect(seen).toMatchObject({ undecided: 0.75, moving: 1, count: 3, outside: 1, broken: false, toFake: 0 })
  expect(seen.toReal).toBeCloseTo(2.5 / 3)
  const broken = observe({ ...frame, fake: Float32Array.of(NaN, 0) }, null, { low: 0, middle: 0.5, high: 1 }, 0.1)
  expect(broken.broken).toBe(true)
  expect(meanNearest(real, new Float32Array(0))).toBeNull()
})

test('a loss that fell and stays is told from one that still falls', () => {
  const series = (f: (t: number) => number) => {
    const first = Array.from({ length: 200 }, (_, i) => i * 10)
    return { first, mean: first.map((step) => f(step / 2000)) }
  }
  const settled = trendOf(
    series((t) => 0.7 + 2 * Math.exp(-12 * t)),
    2000,
  )!
  expect(settled.first).toBeGreaterThan(settled.now)
  expect(settled.settled).toBe(true)
  expect(
    trendOf(
      series((t) => 2 - t),
      2000,
    )!.settled,
  ).toBe(false)
  expect(
    trendOf(
      series((t) => t),
      50,
    ),
  ).toBeNull()
  const early = trendOf(
    series((t) => 0.7 + 2 * Math.exp(-12 * t)),
    250,
  )!
  expect(early.settled).toBe(false)
})

test('a series is read at the last point that a step has reached', () => {
  const series = { first: [0, 100, 200], mean: [3, 2, 1] }
  expect(valueAtStep(series, 150)).toBe(2)
  expect(valueAtStep(series, 200)).toBe(1)
  expect(valueAtStep(series, -1)).toBeNull()
  expect(valueAtStep(null, 1)).toBeNull()
})
