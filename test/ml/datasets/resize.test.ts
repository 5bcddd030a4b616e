import { expect, test } from 'vitest'
import { padder, resampler } from '../../../src/ml/datasets/resize.ts'

const noise = (length: number) => Uint8Array.from({ length }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 24) & 255)

test('the same size gives the same pixels', () => {
  const images = noise(2 * 5 * 7 * 3)
  expect(resampler({ height: 7, width: 7, channels: 3 }, 7)(noise(2 * 7 * 7 * 3), 2)).toEqual(noise(2 * 7 * 7 * 3))
  expect(resampler({ height: 5, width: 7, channels: 3 }, 6)(images, 2)).toHaveLength(2 * 6 * 6 * 3)
})

test('values are those of the triangle filter with half-pixel centres', () => {
  const up = resampler({ height: 1, width: 2, channels: 1 }, 4)(Uint8Array.of(0, 200), 1)
  expect([...up.subarray(0, 4)]).toEqual([0, 50, 150, 200])
  // Down by two: weights 1/8, 3/8, 3/8, 1/8 around each centre, the edges renormalised over 3/8 + 3/8 + 1/8.
  const down = resampler({ height: 2, width: 4, channels: 1 }, 2)(Uint8Array.of(0, 70, 140, 210, 0, 70, 140, 210), 1)
  expect([...down]).toEqual([50, 160, 50, 160])
})

test('constants stay, at every size', () => {
  for (const value of [0, 1, 127, 254, 255]) {
    for (const [from, to] of [
      [28, 64],
      [28, 32],
      [64, 28],
      [64, 32],
      [33, 10],
    ] as const) {
      const out = resampler({ height: from, width: from, channels: 1 }, to)(new Uint8Array(from * from).fill(value), 1)
      expect(out.every((x) => x === value)).toBe(true)
    }
  }
})

test('images and channels do not run into one another', () => {
  const [h, w, c] = [4, 4, 3]
  const images = new Uint8Array(3 * h * w * c)
  images.fill(255, h * w * c, 2 * h * w * c)
  for (let i = 0; i < h * w; i++) images[i * c + 1] = 90
  const out = resampler({ height: h, width: w, channels: c }, 6)(images, 3)
  const pixel = [0, 90, 0]
  for (let i = 0; i < 6 * 6 * c; i++) {
    expect(out[i]).toBe(pixel[i % c])
    expect(out[6 * 6 * c + i]).toBe(255)
    expect(out[2 * 6 * 6 * c + i]).toBe(0)
  }
})

test('the result is that of Pillow, but for the rounding between its two passes', () => {
  // Image.resize((10, 10), Image.BILINEAR) of the same 16 × 16 pixels, Pillow 12; and the first row at 40 × 40.
  const shrunk = [
    106, 148, 118, 134, 161, 108, 133, 104, 120, 150, 82, 117, 145, 131, 134, 133, 139, 130, 117, 126, 119, 125, 104,
    137, 161, 113, 135, 144, 123, 163, 117, 119, 150, 95, 128, 102, 114, 161, 118, 122, 181, 97, 132, 138, 103, 153, 83,
    122, 175, 92, 138, 163, 102, 147, 108, 121, 149, 88, 132, 165, 90, 132, 142, 134, 145, 110, 130, 128, 120, 135, 98,
    120, 128, 135, 147, 137, 138, 118, 121, 143, 106, 120, 113, 123, 148, 96, 133, 163, 109, 150, 152, 112, 156, 79,
    123, 130, 98, 148, 149, 107,
  ]
  const enlarged = [158, 148, 109, 70, 107, 171, 208, 169, 130, 91, 52, 39]
  const to = (size: number) => resampler({ height: 16, width: 16, channels: 1 }, size)(noise(256), 1)
  const furthest = (ours: Uint8Array, theirs: number[]) => Math.max(...theirs.map((x, i) => Math.abs(x - ours[i]!)))
  expect(to(10)).toHaveLength(shrunk.length)
  expect(furthest(to(10), shrunk)).toBeLessThanOrEqual(1)
  expect(furthest(to(40), enlarged)).toBeLessThanOrEqual(1)
})

test('padding sets the image in the middle of black', () => {
  const out = padder({ height: 2, width: 2, channels: 1 }, 4)(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), 2)
  expect([...out]).toEqual([
    0, 0, 0, 0, 0, 1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 6, 0, 0, 7, 8, 0, 0, 0, 0, 0,
  ])
})
