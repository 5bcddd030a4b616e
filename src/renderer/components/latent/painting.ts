import { classColour } from './class-colours.ts'
import type { Size, View } from './scatter.ts'

export interface Scene {
  /** [count, 2] */
  xy: Float32Array
  /** Class of each point. */
  labels: Uint8Array
  hidden: ReadonlySet<number>
  /** The class that stands out; the others fade. */
  lit: number | null
  theme: 'light' | 'dark'
  /** In CSS pixels. */
  radius: number
}

export const grounds = { light: '#ffffff', dark: '#09090b' } as const

const rgbOf = (hex: string) => {
  const n = Number.parseInt(hex.slice(1), 16)
  return [n >> 16, (n >> 8) & 255, n & 255] as const
}

/** How much of each pixel of a square a disc in its middle covers, 0 to 256. */
interface Mask {
  side: number
  cover: Uint16Array
}
function discMask(radius: number, opacity: number): Mask {
  const side = Math.ceil(2 * radius + 1) | 1
  const middle = (side - 1) / 2
  const cover = Uint16Array.from({ length: side * side }, (_, i) => {
    const d = Math.hypot((i % side) - middle, Math.floor(i / side) - middle)
    return Math.round(256 * opacity * Math.min(1, Math.max(0, radius + 0.5 - d)))
  })
  return { side, cover }
}

/**
 * Paints all points into the pixels of a canvas, in file order, so that no class lies over the others by its number. The
 * pixels are written here because ten thousand calls to a canvas take longer than a frame.
 * @param pixels [height, width, 4] in device pixels; all of it is overwritten
 * @param ratio device pixels a CSS pixel
 */
export function paintPoints(
  pixels: Uint8ClampedArray,
  width: number,
  height: number,
  view: View,
  size: Size,
  ratio: number,
  scene: Scene,
): void {
  const { xy, labels, hidden, lit, theme } = scene
  const ground = rgbOf(grounds[theme])
  // Red first in memory on every machine that runs this: little-endian.
  new Uint32Array(pixels.buffer, pixels.byteOffset, width * height).fill(
    (255 << 24) | (ground[2] << 16) | (ground[1] << 8) | ground[0],
  )
  const radius = scene.radius * ratio
  const bright = discMask(radius, 0.85)
  const faint = discMask(radius, 0.12)
  // A thin edge in the ground's colour keeps large dots apart where they crowd.
  const edge = scene.radius > 3 ? discMask(radius + ratio, 0.7) : null
  const colours = Array.from({ length: 256 }, (_, label) => rgbOf(classColour(label, theme)))
  const isHidden = Uint8Array.from({ length: 256 }, (_, label) => Number(hidden.has(label)))

  const stamp = ({ side, cover }: Mask, x: number, y: number, [r, g, b]: readonly [number, number, number]) => {
    const [left, top] = [x - (side >> 1), y - (side >> 1)]
    for (let row = Math.max(0, -top); row < side && top + row < height; row++)
      for (let column = Math.max(0, -left); column < side && left + column < width; column++) {
        const c = cover[row * side + column]!
        if (c === 0) continue
        const at = 4 * ((top + row) * width + left + column)
        pixels[at] = pixels[at]! + (((r - pixels[at]!) * c) >> 8)
        pixels[at + 1] = pixels[at + 1]! + (((g - pixels[at + 1]!) * c) >> 8)
        pixels[at + 2] = pixels[at + 2]! + (((b - pixels[at + 2]!) * c) >> 8)
      }
  }
  const scale = view.scale * ratio
  const left = (size.width / 2) * ratio - view.x * scale
  const top = (size.height / 2) * ratio + view.y * scale
  const most = Math.min(labels.length, xy.length / 2)
  const paint = (mask: Mask, wants: (label: number) => boolean, withEdge: boolean) => {
    for (let i = 0; i < most; i++) {
      const label = labels[i]!
      if (isHidden[label] || !wants(label)) continue
      const x = Math.round(left + xy[2 * i]! * scale)
      const y = Math.round(top - xy[2 * i + 1]! * scale)
      if (x < -radius || y < -radius || x > width + radius || y > height + radius) continue
      if (withEdge && edge) stamp(edge, x, y, ground)
      stamp(mask, x, y, colours[label]!)
    }
  }
  if (lit === null) return paint(bright, () => true, true)
  paint(faint, (label) => label !== lit, false)
  paint(bright, (label) => label === lit, true)
}
