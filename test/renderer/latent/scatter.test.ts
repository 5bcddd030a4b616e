import { describe, expect, test } from 'vitest'
import { classColour, classColours } from '../../../src/renderer/components/latent/class-colours.ts'
import { normals } from '../../../src/renderer/components/latent/random.ts'
import {
  panned,
  pointIndex,
  toData,
  toScreen,
  viewOfAll,
  zoomed,
} from '../../../src/renderer/components/latent/scatter.ts'
import { contrast, deficiencies, distance, seen } from '../colour-vision.ts'

const size = { width: 400, height: 300 }

describe('the view', () => {
  const xy = Float32Array.of(-1, 0, 3, 1, 0, -2)
  const view = viewOfAll(xy, size)
  test('shows all points within the margin', () => {
    for (let i = 0; i < xy.length; i += 2) {
      const [x, y] = toScreen(view, size, xy[i]!, xy[i + 1]!)
      expect(x).toBeGreaterThanOrEqual(23.9)
      expect(x).toBeLessThanOrEqual(376.1)
      expect(y).toBeGreaterThanOrEqual(23.9)
      expect(y).toBeLessThanOrEqual(276.1)
    }
  })
  test('leads there and back', () => {
    expect(toData(view, size, ...toScreen(view, size, 0.3, -0.7))[1]).toBeCloseTo(-0.7, 10)
  })
  test('moves with the pointer', () => {
    const [x, y] = toScreen(view, size, 1, 1)
    const [px, py] = toScreen(panned(view, 30, -20), size, 1, 1)
    expect([px - x, py - y]).toEqual([expect.closeTo(30, 8), expect.closeTo(-20, 8)])
  })
  test('zooms about the pointer, within bounds', () => {
    const at = toData(view, size, 100, 50)
    const closer = zoomed(view, size, 3, 100, 50, view.scale)
    expect(closer.scale).toBeCloseTo(3 * view.scale, 10)
    expect(toData(closer, size, 100, 50)[0]).toBeCloseTo(at[0], 10)
    expect(zoomed(view, size, 1e9, 0, 0, view.scale).scale).toBeLessThan(1000 * view.scale)
    expect(zoomed(view, size, 0, 0, 0, view.scale).scale).toBeGreaterThan(0)
  })
  test('of no points, or of one, is still a view', () => {
    expect(viewOfAll(new Float32Array(0), size).scale).toBe(1)
    expect(Number.isFinite(viewOfAll(Float32Array.of(2, 3), size).scale)).toBe(true)
  })
})

describe('the nearest point', () => {
  const xy = normals(4000, 9)
  const index = pointIndex(xy)
  const brute = (x: number, y: number, radius: number, isShown: (i: number) => boolean) => {
    let [best, least] = [-1, radius ** 2]
    for (let i = 0; i < xy.length / 2; i++) {
      const d = (xy[2 * i]! - x) ** 2 + (xy[2 * i + 1]! - y) ** 2
      if (d <= least && isShown(i)) [best, least] = [i, d]
    }
    return best
  }
  test('is the one that a search through all finds', () => {
    const places = normals(400, 1)
    for (let k = 0; k < 200; k++) {
      const [x, y] = [2 * places[2 * k]!, 2 * places[2 * k + 1]!]
      expect(index.nearest(x, y, 0.1, () => true)).toBe(brute(x, y, 0.1, () => true))
      expect(index.nearest(x, y, 0.3, (i) => i % 3 === 0)).toBe(brute(x, y, 0.3, (i) => i % 3 === 0))
      expect(index.nearest(x, y, Infinity, () => true)).toBe(brute(x, y, Infinity, () => true))
    }
  })
  test('is none far from all', () => expect(index.nearest(50, 50, 1, () => true)).toBe(-1))
})

describe.each([
  ['light', '#ffffff'],
  ['dark', '#09090b'],
] as const)('the class colours on %s ground', (theme, ground) => {
  const colours = classColours[theme]
  test('are ten that stand out from it', () => {
    expect(new Set(colours).size).toBe(10)
    for (const colour of colours) expect(contrast(colour, ground), colour).toBeGreaterThanOrEqual(2.5)
  })
  test.each(Object.entries(deficiencies))('are well apart under %s', (name, m) => {
    for (let i = 0; i < 10; i++)
      for (let j = 0; j < i; j++)
        expect(distance(seen(colours[i]!, m), seen(colours[j]!, m)), `${colours[i]} ${colours[j]}`).toBeGreaterThan(
          name === 'normal' ? 40 : 23,
        )
  })
  test('start anew after ten, and an unknown class is none of them', () => {
    expect(classColour(13, theme)).toBe(colours[3])
    expect(colours).not.toContain(classColour(255, theme))
  })
})
