import { applyPalette, GIFEncoder, quantize } from 'gifenc'

export interface GifOptions {
  width: number
  height: number
  /** Milliseconds that a frame is shown. */
  delay: number
}

export interface Gif {
  /** @param rgba [height, width, 4] */
  add(rgba: Uint8ClampedArray): void
  finish(): Uint8Array<ArrayBuffer>
}

/** An animation that goes on for ever, each frame with the 256 colours that suit it. */
export function newGif({ width, height, delay }: GifOptions): Gif {
  const encoder = GIFEncoder()
  return {
    add(rgba) {
      const palette = quantize(rgba, 256)
      encoder.writeFrame(applyPalette(rgba, palette), width, height, { palette, delay, repeat: 0 })
    },
    finish() {
      encoder.finish()
      return encoder.bytes()
    },
  }
}

/**
 * Which of `count` frames go into an animation of at most `most`: all, or evenly spread ones with the first and the last;
 * the last one a few times more, to be looked at before it begins again.
 */
export function chosenFrames(count: number, most: number, hold: number): number[] {
  const n = Math.min(count, most)
  const chosen = Array.from({ length: n }, (_, i) => (n === 1 ? 0 : Math.round((i * (count - 1)) / (n - 1))))
  return n ? [...chosen, ...Array<number>(hold).fill(count - 1)] : []
}
