import { paintPoints } from './painting.ts'
import type { Scene } from './painting.ts'
import { toScreen } from './scatter.ts'
import type { Size, View } from './scatter.ts'

/** Draws all points on a canvas that has their pixels to itself. */
export function drawPoints(ctx: CanvasRenderingContext2D, view: View, size: Size, ratio: number, scene: Scene): void {
  const { width, height } = ctx.canvas
  const image = imageOf(width, height)
  paintPoints(image.data, width, height, view, size, ratio, scene)
  ctx.putImageData(image, 0, 0)
}

/** One buffer, kept from frame to frame: a new one each time is megabytes to clear and collect. */
let kept: ImageData | null = null
function imageOf(width: number, height: number): ImageData {
  if (kept?.width !== width || kept.height !== height) kept = new ImageData(width, height)
  return kept
}

/** A ring around a point, in two colours so that it shows on any ground. */
export function drawRing(
  ctx: CanvasRenderingContext2D,
  view: View,
  size: Size,
  ratio: number,
  at: readonly [number, number],
  radius: number,
  theme: 'light' | 'dark',
): void {
  const [x, y] = toScreen(view, size, ...at)
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0)
  for (const [width, colour] of [
    [4, theme === 'dark' ? '#09090b' : '#ffffff'],
    [2, theme === 'dark' ? '#ffffff' : '#18181b'],
  ] as const) {
    ctx.lineWidth = width
    ctx.strokeStyle = colour
    ctx.beginPath()
    ctx.arc(x, y, radius, 0, 2 * Math.PI)
    ctx.stroke()
  }
}

/** A cross where the sliders stand. */
export function drawCross(
  ctx: CanvasRenderingContext2D,
  view: View,
  size: Size,
  ratio: number,
  at: readonly [number, number],
  theme: 'light' | 'dark',
): void {
  const [x, y] = toScreen(view, size, ...at)
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0)
  for (const [width, colour] of [
    [5, theme === 'dark' ? '#09090b' : '#ffffff'],
    [2, theme === 'dark' ? '#ffffff' : '#18181b'],
  ] as const) {
    ctx.lineWidth = width
    ctx.strokeStyle = colour
    ctx.beginPath()
    ctx.moveTo(x - 8, y)
    ctx.lineTo(x + 8, y)
    ctx.moveTo(x, y - 8)
    ctx.lineTo(x, y + 8)
    ctx.stroke()
  }
}
