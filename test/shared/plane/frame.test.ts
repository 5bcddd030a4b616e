import { expect, it } from 'vitest'
import { decodeFrame, encodeFrame } from '../../../src/shared/plane/frame.ts'
import type { PlaneFrame } from '../../../src/shared/plane/frame.ts'

const wave = (length: number, scale: number) => Float32Array.from({ length }, (_, i) => scale * Math.sin(i * 1.7))

const frame: PlaneFrame = {
  step: 2 ** 40 + 3,
  output: 'probability',
  extent: 1.25,
  map: { side: 30, values: wave(900, 0.5).map((v) => v + 0.5) },
  fake: wave(300, 1.1),
  arrows: wave(300, 0.003),
  manifold: { rows: 21, columns: 21, points: wave(882, 0.9) },
}

const off = (a: Float32Array, b: Float32Array) => Math.max(...a.map((value, i) => Math.abs(value - b[i]!)))
const range = (a: Float32Array) => Math.max(...a) - Math.min(...a)

it('comes back within the stated error, in a few kilobytes', () => {
  const bytes = encodeFrame(frame)
  expect(bytes.length).toBe(17 + 4 * 13 + 2 * (900 + 300 + 300 + 882))
  const back = decodeFrame(bytes)
  expect(back).toMatchObject({ step: frame.step, output: 'probability', extent: 1.25 })
  expect(back.map!.side).toBe(30)
  expect(back.manifold).toMatchObject({ rows: 21, columns: 21 })
  for (const [found, given] of [
    [back.map!.values, frame.map!.values],
    [back.fake!, frame.fake!],
    [back.arrows!, frame.arrows!],
    [back.manifold!.points, frame.manifold!.points],
  ] as const)
    // Plus the rounding of float32.
    expect(off(found, given)).toBeLessThanOrEqual(range(given) / 131064 + 1e-7 * range(given))
})

it('keeps NaN and infinities, equal numbers, and layers that are not there', () => {
  const fake = Float32Array.of(NaN, Infinity, -Infinity, 1, 3, 2)
  const back = decodeFrame(encodeFrame({ ...frame, output: 'value', map: null, arrows: null, manifold: null, fake }))
  expect(back.fake).toEqual(fake)
  expect(back).toMatchObject({ output: 'value', map: null, arrows: null, manifold: null })
  const still = new Float32Array(4).fill(0.3)
  expect(decodeFrame(encodeFrame({ ...frame, fake: still })).fake).toEqual(still)
  const lost = new Float32Array(4).fill(NaN)
  expect(decodeFrame(encodeFrame({ ...frame, fake: lost })).fake).toEqual(lost)
})

it('reads bytes that lie inside others', () => {
  const bytes = encodeFrame(frame)
  const around = new Uint8Array(bytes.length + 7)
  around.set(bytes, 3)
  expect(decodeFrame(around.subarray(3, 3 + bytes.length))).toEqual(decodeFrame(bytes))
})

it('refuses what is no frame, from a later version, or cut short', () => {
  const bytes = encodeFrame(frame)
  expect(() => decodeFrame(new Uint8Array(40))).toThrow('These bytes are no frame of a GAN on the plane.')
  expect(() => decodeFrame(bytes.slice(0, -1))).toThrow(`The frame was cut short at ${bytes.length - 1} bytes.`)
  const later = bytes.slice()
  later[2] = 9
  expect(() => decodeFrame(later)).toThrow('The frame has format 9; this version of Atelier reads format 1.')
  expect(() => encodeFrame({ ...frame, map: { side: 31, values: new Float32Array(900) } })).toThrow(
    '900 numbers are no layer of 31 × 31.',
  )
})
