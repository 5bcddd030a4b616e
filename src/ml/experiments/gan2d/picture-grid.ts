import type { PlaneFrame } from '../../../shared/plane/frame.ts'
import type { Points } from '../../../shared/plane/geometry.ts'
import { encodePng } from '../../../shared/png.ts'

const side = 128
const generated = [0x2f, 0x6f, 0xb7] as const
const middle = [0xee, 0xee, 0xee] as const
const real = [0xe0, 0x8a, 0x1e] as const

/**
 * A small picture for lists of runs: what the discriminator says (blue: generated, orange: real, grey: it can't tell), real
 * points in dark orange and generated ones in dark blue.
 */
export function pictureGrid({ map, fake, output }: PlaneFrame, realPoints: Points) {
  const pixels = new Uint8Array(3 * side * side).fill(0xee)
  if (map) {
    const [low, high] = output === 'probability' ? [0, 1] : range(map.values)
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++) {
        const cell = (at: number) => Math.min(map.side - 1, Math.floor((at * map.side) / side))
        // Rows of the map go up, those of the picture down.
        const value = map.values[cell(side - 1 - y) * map.side + cell(x)]!
        const t = high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0.5
        const [end, weight] = t < 0.5 ? [generated, 1 - 2 * t] : [real, 2 * t - 1]
        for (let c = 0; c < 3; c++)
          pixels[3 * (y * side + x) + c] = Math.round(middle[c]! + 0.6 * weight * (end[c]! - middle[c]!))
      }
  }
  dots(pixels, realPoints, [0x8a, 0x4b, 0x00])
  if (fake) dots(pixels, fake, [0x0b, 0x3c, 0x78])
  return { columns: 1, rows: 1, tileWidth: side, tileHeight: side, png: encodePng(pixels, side, side, 3) }
}

function range(values: Float32Array): [low: number, high: number] {
  const finite = values.filter(Number.isFinite)
  return finite.length ? [Math.min(...finite), Math.max(...finite)] : [0, 0]
}

function dots(pixels: Uint8Array, points: Points, colour: readonly number[]): void {
  for (let i = 0; i < points.length; i += 2) {
    const x = Math.floor(((points[i]! + 1) / 2) * side)
    const y = Math.floor(((1 - points[i + 1]!) / 2) * side)
    for (const [dx, dy] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
    ] as const) {
      const [px, py] = [x + dx, y + dy]
      if (!(px >= 0 && px < side && py >= 0 && py < side)) continue
      pixels.set(colour, 3 * (py * side + px))
    }
  }
}
