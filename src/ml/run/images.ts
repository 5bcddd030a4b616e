import type * as Tfjs from '@tensorflow/tfjs'
import { encodePng } from '../../shared/png.ts'

/** Lays images out in a grid without gaps, row by row: [count, h, w, c] bytes to [rows·h, columns·w, c]. */
export function layOutGrid(
  images: Uint8Array,
  shape: { h: number; w: number; c: number },
  columns: number,
): Uint8Array {
  const { h, w, c } = shape
  const line = w * c
  const count = images.length / (h * line)
  if (!Number.isInteger(count) || count % columns !== 0)
    throw new RangeError(`${images.length} bytes are not whole rows of ${columns} images of ${w}×${h}×${c}.`)
  const grid = new Uint8Array(images.length)
  for (let i = 0; i < count; i++) {
    const left = (i % columns) * line
    const top = Math.floor(i / columns) * h
    for (let y = 0; y < h; y++) {
      const from = (i * h + y) * line
      grid.set(images.subarray(from, from + line), (top + y) * columns * line + left)
    }
  }
  return grid
}

/** A grid of generated images [count, h, w, c] in [−1, 1] as a PNG; values outside are cut, NaN is mid-grey. */
export function gridPng(images: Tfjs.Tensor4D, columns: number) {
  const [count, h, w, c] = images.shape
  const values = images.dataSync()
  const bytes = new Uint8Array(values.length)
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!
    bytes[i] = v !== v ? 128 : Math.max(0, Math.min(255, Math.round((v + 1) * 127.5)))
  }
  const rows = count / columns
  const png = encodePng(layOutGrid(bytes, { h, w, c }, columns), columns * w, rows * h, c as 1 | 3)
  return { png, columns, rows, tileWidth: w, tileHeight: h }
}
