/** For each output position: where its input pixels begin, and `taps` weights that sum to 1 (zero where unused). */
interface Kernel {
  taps: number
  start: Int32Array
  weights: Float32Array
}

/**
 * Weights of a triangle filter with half-pixel centres, widened when shrinking so that nothing is skipped: what Pillow
 * calls BILINEAR and torchvision's Resize does by default. It never leaves the range of the pixels it reads, so a black
 * background stays black.
 */
function triangleKernel(from: number, to: number): Kernel {
  const scale = from / to
  const support = Math.max(1, scale)
  const taps = Math.min(from, Math.ceil(2 * support) + 1)
  const start = new Int32Array(to)
  const weights = new Float32Array(to * taps)
  for (let o = 0; o < to; o++) {
    const centre = (o + 0.5) * scale
    start[o] = Math.min(Math.max(0, Math.floor(centre - support)), from - taps)
    const raw = Array.from({ length: taps }, (_, t) =>
      Math.max(0, 1 - Math.abs(start[o]! + t + 0.5 - centre) / support),
    )
    const sum = raw.reduce((a, b) => a + b)
    raw.forEach((w, t) => (weights[o * taps + t] = w / sum))
  }
  return { taps, start, weights }
}

/** A function that writes `count` images of one size, [count × height × width × channels], in another size. */
export type Resizer = (images: Uint8Array, count: number) => Uint8Array

export interface Dimensions {
  height: number
  width: number
  channels: number
}

/** Images of height × width resampled to size × size by the triangle filter, first along the rows. */
export function resampler({ height, width, channels }: Dimensions, size: number): Resizer {
  const across = triangleKernel(width, size)
  const down = triangleKernel(height, size)
  const rows = new Float32Array(height * size * channels)
  return (images, count) => {
    const out = new Uint8Array(count * size * size * channels)
    for (let n = 0; n < count; n++) {
      const base = n * height * width * channels
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < size; x++) {
          const from = base + (y * width + across.start[x]!) * channels
          for (let c = 0; c < channels; c++) {
            let sum = 0
            for (let t = 0; t < across.taps; t++) {
              sum += across.weights[x * across.taps + t]! * images[from + t * channels + c]!
            }
            rows[(y * size + x) * channels + c] = sum
          }
        }
      }
      const row = size * channels
      const target = n * size * row
      for (let y = 0; y < size; y++) {
        const from = down.start[y]! * row
        for (let i = 0; i < row; i++) {
          let sum = 0
          for (let t = 0; t < down.taps; t++) sum += down.weights[y * down.taps + t]! * rows[from + t * row + i]!
          out[target + y * row + i] = sum + 0.5
        }
      }
    }
    return out
  }
}

/** Images set in the middle of a black square of size × size, which must not be smaller than they are. */
export function padder({ height, width, channels }: Dimensions, size: number): Resizer {
  const top = (size - height) >> 1
  const left = (size - width) >> 1
  return (images, count) => {
    const out = new Uint8Array(count * size * size * channels)
    for (let n = 0; n < count; n++) {
      for (let y = 0; y < height; y++) {
        const from = (n * height + y) * width * channels
        out.set(images.subarray(from, from + width * channels), ((n * size + top + y) * size + left) * channels)
      }
    }
    return out
  }
}
