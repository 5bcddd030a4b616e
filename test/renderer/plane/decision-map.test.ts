import { expect, test } from 'vitest'
import {
  colourAt,
  colourTable,
  positionOn,
  scaleFor,
  tableIndex,
} from '../../../src/renderer/components/plane/colour-scale.ts'
import type { Scale } from '../../../src/renderer/components/plane/colour-scale.ts'
import { contour, paintPixels, valueAt } from '../../../src/renderer/components/plane/decision-map.ts'
import type { PlaneFrame } from '../../../src/shared/plane/frame.ts'

/** A map of a function at the middles of side × side squares over [−extent, extent]². */
function mapOf(f: (x: number, y: number) => number, side = 40, extent = 1) {
  const place = (i: number) => -extent + ((i + 0.5) * 2 * extent) / side
  const values = Float32Array.from({ length: side * side }, (_, i) => f(place(i % side), place(Math.floor(i / side))))
  return { side, values }
}
const frameOf = (map: PlaneFrame['map'], output: PlaneFrame['output']): PlaneFrame => ({
  step: 1,
  output,
  extent: 1,
  map,
  fake: null,
  arrows: null,
  manifold: null,
})

test('the contour of a cone is a circle: every piece lies on it and together they are as long', () => {
  const lines = contour(
    mapOf((x, y) => Math.hypot(x, y)),
    1,
    0.6,
  )
  let length = 0
  for (let i = 0; i < lines.length; i += 4) {
    expect(Math.hypot(lines[i]!, lines[i + 1]!)).toBeCloseTo(0.6, 2)
    length += Math.hypot(lines[i + 2]! - lines[i]!, lines[i + 3]! - lines[i + 1]!)
  }
  expect(length).toBeCloseTo(2 * Math.PI * 0.6, 1)
})

test('contours of a saddle never cross: the middle of the cell decides', () => {
  // Corners against the clock: 1, 0, 1, 0 around a middle of 0.5.
  const cell = (level: number) => contour({ side: 2, values: Float32Array.of(1, 0, 0, 1) }, 1, level)
  for (const level of [0.3, 0.7]) {
    const lines = cell(level)
    expect(lines.length).toBe(8)
    // At 0.7 each piece cuts off a corner that is 1 (x = y), at 0.3 one that is 0 (x = −y).
    for (let i = 0; i < 8; i += 4) {
      const [x, y] = [lines[i]! + lines[i + 2]!, lines[i + 1]! + lines[i + 3]!]
      expect(Math.sign(x) * Math.sign(y)).toBe(level > 0.5 ? 1 : -1)
    }
  }
})

test('cells with a value that is not finite have no contour, the others keep theirs', () => {
  const map = mapOf((x) => x, 10)
  const whole = contour(map, 1, 0.05).length
  map.values[0] = NaN
  map.values[44] = Infinity
  expect(contour(map, 1, 0.05).length).toBeLessThan(whole)
  expect(contour(map, 1, 0.05).every(Number.isFinite)).toBe(true)
})

test('reading the map is exact for a plane, level beyond the outermost middles and null outside', () => {
  const map = mapOf((x, y) => 2 * x - y, 30)
  for (const [x, y] of [
    [0, 0],
    [0.31, -0.77],
    [-0.9, 0.9],
  ] as const)
    expect(valueAt(map, 1, x, y)).toBeCloseTo(2 * x - y, 5)
  expect(valueAt(map, 1, 1, 0)).toBeCloseTo(valueAt(map, 1, 0.98, 0)!, 5)
  expect(valueAt(map, 1, 1.01, 0)).toBeNull()
})

test('pixels have y upwards and the colours of their values', () => {
  const pixels = new Uint32Array(16)
  const table = colourTable(false)
  paintPixels(
    mapOf((_, y) => (y > 0 ? 1 : 0), 4),
    { low: 0, middle: 0.5, high: 1 },
    table,
    4,
    pixels,
  )
  expect(pixels[0]).toBe(table[tableIndex(1)])
  expect(pixels[15]).toBe(table[tableIndex(-1)])
})

test('probabilities and targets have a fixed scale; 0.5 is grey', () => {
  const frame = frameOf(
    mapOf((x) => 0.5 + x / 100),
    'probability',
  )
  expect(scaleFor(frame, 'non-saturating')).toEqual({ low: 0, middle: 0.5, high: 1 })
  expect(scaleFor(frameOf(frame.map, 'value'), 'hinge')).toEqual({ low: -1, middle: 0, high: 1 })
  expect(scaleFor(frameOf(frame.map, 'value'), 'least-squares')).toEqual({ low: 0, middle: 0.5, high: 1 })
  const [r, g, b] = colourAt(positionOn({ low: 0, middle: 0.5, high: 1 }, 0.5), false)
  expect(Math.max(r, g, b) - Math.min(r, g, b)).toBeLessThan(4)
})

test("a critic's scale is round, holds the map, and stays while the map changes a little", () => {
  const at = (size: number, previous: Scale | null = null) =>
    scaleFor(
      frameOf(
        mapOf((x) => 7.3 + size * x),
        'value',
      ),
      'wgan-gp',
      previous,
    )
  const first = at(1.7)
  expect(first.high - first.middle).toBeCloseTo(2, 10)
  expect(first.low).toBeLessThan(7.3 - 1.5)
  expect(first.high).toBeGreaterThan(7.3 + 1.5)
  expect(at(1.5, first)).toBe(first)
  expect(at(1.2, first)).toBe(first)
  expect(at(0.3, first)).not.toEqual(first)
  expect(at(30, first).high).toBeGreaterThan(30)
  expect(
    scaleFor(
      frameOf(
        mapOf(() => NaN),
        'value',
      ),
      'wgan-gp',
      first,
    ),
  ).toBe(first)
})

test('orange and blue differ in how blue they are, which red-green blind eyes see, on either ground', () => {
  for (const dark of [false, true]) {
    const [orange, grey, blue] = [-1, 0, 1].map((p) => colourAt(p, dark))
    expect(blue![2] - blue![0]).toBeGreaterThan(60)
    expect(orange![0] - orange![2]).toBeGreaterThan(60)
    expect(Math.abs(grey![2] - grey![0])).toBeLessThan(8)
  }
})
