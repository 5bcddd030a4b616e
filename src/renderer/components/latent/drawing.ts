import { classColour } from './class-colours.ts'
import { toScreen } from './scatter.ts'
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

/**
 * A dot of each colour, drawn once and stamped for every point: ten thousand stamps take a few milliseconds, ten
 * thousand arcs ten times that.
 */
const stamps = new Map<string, HTMLCanvasElement>()
function stampOf(colour: string, theme: 'light' | 'dark', radius: number): HTMLCanvasElement {
  const key = `${colour}${theme}${radius.toFixed(2)}`
  let stamp = stamps.get(key)
  if (stamp) return stamp
  if (stamps.size > 400) stamps.clear()
  stamp = document.createElement('canvas')
  stamp.width = stamp.height = Math.ceil(2 * radius + 2)
  const ctx = stamp.getContext('2d')
  if (ctx) {
    const middle = stamp.width / 2
    ctx.fillStyle = colour
    ctx.beginPath()
    ctx.arc(middle, middle, radius, 0, 2 * Math.PI)
    ctx.fill()
    // A thin edge in the ground's colour keeps dots apart where they crowd.
    if (radius > 3) {
      ctx.strokeStyle = theme === 'dark' ? '#09090b' : '#ffffff'
      ctx.stroke()
    }
  }
  stamps.set(key, stamp)
  return stamp
}

/** Draws all points, in file order, so that no class lies over the others by its number. */
export function drawPoints(ctx: CanvasRenderingContext2D, view: View, size: Size, ratio: number, scene: Scene): void {
  const { xy, labels, hidden, lit, theme } = scene
  const radius = scene.radius * ratio
  ctx.setTransform(1, 0, 0, 1, 0, 0)
  ctx.clearRect(0, 0, size.width * ratio, size.height * ratio)
  const known = Array.from({ length: 256 }, (_, label) =>
    hidden.has(label) ? null : { label, stamp: null as HTMLCanvasElement | null },
  )
  const scale = view.scale * ratio
  const left = (size.width / 2) * ratio - view.x * scale
  const top = (size.height / 2) * ratio + view.y * scale
  const [right, bottom] = [size.width * ratio + radius, size.height * ratio + radius]
  for (const pass of lit === null ? ['all'] : ['others', 'lit']) {
    ctx.globalAlpha = pass === 'others' ? 0.12 : 0.85
    for (let i = 0; i < labels.length; i++) {
      const label = labels[i]!
      const shown = known[label]
      if (!shown || (pass !== 'all' && (label === lit) !== (pass === 'lit'))) continue
      const px = left + xy[2 * i]! * scale
      const py = top - xy[2 * i + 1]! * scale
      if (px < -radius || py < -radius || px > right || py > bottom) continue
      const stamp = (shown.stamp ??= stampOf(classColour(label, theme), theme, radius))
      // Whole pixels: no blending of neighbours, so a stamp is a copy.
      ctx.drawImage(stamp, Math.round(px - stamp.width / 2), Math.round(py - stamp.height / 2))
    }
  }
  ctx.globalAlpha = 1
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
