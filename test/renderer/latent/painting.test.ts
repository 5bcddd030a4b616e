import { describe, expect, test } from 'vitest'
import { classColour } from '../../../src/renderer/components/latent/class-colours.ts'
import { grounds, paintPoints } from '../../../src/renderer/components/latent/painting.ts'
import type { Scene } from '../../../src/renderer/components/latent/painting.ts'

const [width, height] = [60, 40]
const view = { x: 0, y: 0, scale: 10 }
const hex = (pixels: Uint8ClampedArray, x: number, y: number) => {
  const at = 4 * (y * width + x)
  return `#${[0, 1, 2].map((c) => pixels[at + c]!.toString(16).padStart(2, '0')).join('')}`
}
function painted(over: Partial<Scene> = {}, ratio = 1) {
  const scene: Scene = {
    xy: Float32Array.of(0, 0, 2, 1, -1000, 5),
    labels: Uint8Array.of(0, 1, 2),
    hidden: new Set(),
    lit: null,
    theme: 'light',
    radius: 3,
    ...over,
  }
  const pixels = new Uint8ClampedArray(4 * width * height)
  paintPoints(pixels, width, height, view, { width: width / ratio, height: height / ratio }, ratio, scene)
  return pixels
}
const away = (a: string, b: string) =>
  Math.max(
    ...[1, 3, 5].map((i) => Math.abs(Number.parseInt(a.slice(i, i + 2), 16) - Number.parseInt(b.slice(i, i + 2), 16))),
  )

describe('points', () => {
  test('stand where the view puts them, upwards for y, in the colours of their classes', () => {
    const pixels = painted()
    expect(away(hex(pixels, 30, 20), classColour(0, 'light'))).toBeLessThan(45)
    expect(away(hex(pixels, 50, 10), classColour(1, 'light'))).toBeLessThan(45)
    expect(hex(pixels, 30, 30)).toBe(grounds.light)
  })
  test('cover the ground of their theme wholly', () => {
    expect(hex(painted({ theme: 'dark' }), 0, 0)).toBe(grounds.dark)
    expect(painted()[3]).toBe(255)
  })
  test('of a hidden class are not painted', () => {
    expect(hex(painted({ hidden: new Set([0]) }), 30, 20)).toBe(grounds.light)
  })
  test('of other classes fade while one is lit', () => {
    const pixels = painted({ lit: 1 })
    expect(away(hex(pixels, 50, 10), classColour(1, 'light'))).toBeLessThan(45)
    expect(away(hex(pixels, 30, 20), grounds.light)).toBeLessThan(40)
  })
  test('are twice as large in device pixels on a screen of twice the pixels', () => {
    const area = (pixels: Uint8ClampedArray) => {
      let count = 0
      for (let i = 0; i < pixels.length; i += 4) if (pixels[i] !== 255 || pixels[i + 1] !== 255) count++
      return count
    }
    const one = Float32Array.of(0, 0)
    const labels = Uint8Array.of(0)
    expect(area(painted({ xy: one, labels }, 2)) / area(painted({ xy: one, labels }))).toBeGreaterThan(2.5)
  })
  test('at the edge are cut, and more labels than points are no harm', () => {
    expect(() => painted({ xy: Float32Array.of(3, 2, -3, -2), labels: new Uint8Array(50) })).not.toThrow()
  })
})
