import * as tf from '@tensorflow/tfjs'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { gridPng, layOutGrid } from '../../../src/ml/run/images.ts'

describe('sample grids', () => {
  it('lie row by row without gaps', () => {
    // four images of 1×2 grey pixels
    expect([...layOutGrid(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), { h: 1, w: 2, c: 1 }, 2)]).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8,
    ])
    // two images of 2×1 side by side: rows interleave
    expect([...layOutGrid(Uint8Array.of(1, 2, 3, 4), { h: 2, w: 1, c: 1 }, 2)]).toEqual([1, 3, 2, 4])
    expect(() => layOutGrid(new Uint8Array(3), { h: 1, w: 1, c: 1 }, 2)).toThrow(RangeError)
  })

  it.each([1, 3])('turn [-1, 1] into bytes of a PNG, %i channel(s)', async (c) => {
    const values = Float32Array.from({ length: 4 * 2 * 2 * c }, (_, i) => (i % 5) / 2 - 1)
    values[0] = NaN
    values[1] = 7
    const { png, ...grid } = gridPng(tf.tensor4d(values, [4, 2, 2, c]), 2)
    expect(grid).toEqual({ columns: 2, rows: 2, tileWidth: 2, tileHeight: 2 })
    const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true })
    expect([info.width, info.height]).toEqual([4, 4])
    const channels = info.channels
    const at = (x: number, y: number, k: number) => data[(y * 4 + x) * channels + (channels === 1 ? 0 : k)]
    expect(at(0, 0, 0)).toBe(128)
    const expectAt = (image: number, y: number, x: number, k: number) => {
      const v = values[((image * 2 + y) * 2 + x) * c + k]!
      return Number.isNaN(v) ? 128 : Math.max(0, Math.min(255, Math.round((v + 1) * 127.5)))
    }
    for (let image = 0; image < 4; image++)
      for (let y = 0; y < 2; y++)
        for (let x = 0; x < 2; x++)
          for (let k = 0; k < c; k++)
            expect(at((image % 2) * 2 + x, Math.floor(image / 2) * 2 + y, k)).toBe(expectAt(image, y, x, k))
  })
})
