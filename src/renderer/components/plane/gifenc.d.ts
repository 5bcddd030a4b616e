/** The parts of gifenc 1.0 that are used; it comes without types. */
declare module 'gifenc' {
  type Palette = number[][]
  export function quantize(rgba: Uint8ClampedArray | Uint8Array, maxColors: number): Palette
  export function applyPalette(rgba: Uint8ClampedArray | Uint8Array, palette: Palette): Uint8Array
  export interface Encoder {
    writeFrame(
      index: Uint8Array,
      width: number,
      height: number,
      /** `delay` in ms, in whole hundredths of a second; `repeat` 0 is for ever, and only the first frame's counts. */
      options: { palette: Palette; delay: number; repeat?: number },
    ): void
    finish(): void
    bytes(): Uint8Array<ArrayBuffer>
  }
  export function GIFEncoder(): Encoder
}
