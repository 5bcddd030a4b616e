import type { PlaneFrame } from '../../../shared/plane/frame.ts'
import type { Points } from '../../../shared/plane/geometry.ts'
import { longestArrow, stillBelow } from './arrows.ts'
import { lookOf } from './colour-scale.ts'
import type { Scale } from './colour-scale.ts'
import { contour, contourLevels, paintPixels } from './decision-map.ts'
import { cellOpacities, corners } from './manifold.ts'

type Context = CanvasRenderingContext2D

/** A square of the canvas, in CSS pixels, that shows [−extent, extent]². */
export interface Box {
  left: number
  top: number
  size: number
  extent: number
}
export const toX = (box: Box, x: number) => box.left + ((x + box.extent) / (2 * box.extent)) * box.size
export const toY = (box: Box, y: number) => box.top + ((box.extent - y) / (2 * box.extent)) * box.size
export const fromX = (box: Box, x: number) => ((x - box.left) / box.size) * 2 * box.extent - box.extent
export const fromY = (box: Box, y: number) => box.extent - ((y - box.top) / box.size) * 2 * box.extent

/** Radius of points: they must stay apart on a small picture and be seen on a large one. */
const radiusIn = (box: Box) => Math.max(1.7, Math.min(3.4, box.size / 190))

function clipped(ctx: Context, box: Box, draw: () => void): void {
  ctx.save()
  ctx.beginPath()
  ctx.rect(box.left, box.top, box.size, box.size)
  ctx.clip()
  draw()
  ctx.restore()
}

/** Pixels of the map's image along a side; the canvas smooths it up to its size. */
const imageSide = 96

export interface MapImage {
  canvas: HTMLCanvasElement
  image: ImageData
}
export function newMapImage(): MapImage {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = imageSide
  return { canvas, image: new ImageData(imageSide, imageSide) }
}

/** The discriminator's map, where it reaches; `image` is written to. */
export function paintMap(
  ctx: Context,
  box: Box,
  frame: PlaneFrame,
  scale: Scale,
  table: Uint32Array,
  { canvas, image }: MapImage,
): void {
  const context = canvas.getContext('2d')
  if (!frame.map || !context) return
  paintPixels(frame.map, scale, table, imageSide, new Uint32Array(image.data.buffer))
  context.putImageData(image, 0, 0)
  clipped(ctx, box, () => {
    ctx.imageSmoothingEnabled = true
    ctx.imageSmoothingQuality = 'medium'
    const side = (box.size * frame.extent) / box.extent
    ctx.drawImage(canvas, toX(box, -frame.extent), toY(box, frame.extent), side, side)
  })
}

export function paintContours(ctx: Context, box: Box, frame: PlaneFrame, scale: Scale, dark: boolean): void {
  const { map, extent } = frame
  if (!map) return
  const look = lookOf(dark)
  clipped(ctx, box, () => {
    contourLevels(scale).forEach((level, i) => {
      const lines = contour(map, extent, level)
      ctx.strokeStyle = i === 0 ? look.boundary : look.contour
      ctx.lineWidth = i === 0 ? 1.5 : 1
      ctx.beginPath()
      for (let at = 0; at < lines.length; at += 4) {
        ctx.moveTo(toX(box, lines[at]!), toY(box, lines[at + 1]!))
        ctx.lineTo(toX(box, lines[at + 2]!), toY(box, lines[at + 3]!))
      }
      ctx.stroke()
    })
  })
}

/** Real points are discs; each has its own edge, so that one sees how many lie on each other. */
export function paintReal(ctx: Context, box: Box, points: Points, dark: boolean): void {
  const look = lookOf(dark)
  const radius = radiusIn(box)
  clipped(ctx, box, () => {
    ctx.strokeStyle = look.halo
    ctx.lineWidth = 1
    ctx.fillStyle = look.real
    for (let i = 0; i < points.length; i += 2) {
      ctx.beginPath()
      ctx.arc(toX(box, points[i]!), toY(box, points[i + 1]!), radius, 0, 2 * Math.PI)
      ctx.fill()
      ctx.stroke()
    }
  })
}

/** Generated points are diamonds. */
export function paintFake(ctx: Context, box: Box, points: Points, dark: boolean): void {
  const look = lookOf(dark)
  const reach = radiusIn(box) * 1.45
  clipped(ctx, box, () => {
    ctx.strokeStyle = look.halo
    ctx.lineWidth = 1
    ctx.fillStyle = look.fake
    for (let i = 0; i < points.length; i += 2) {
      const [x, y] = [toX(box, points[i]!), toY(box, points[i + 1]!)]
      if (Number.isNaN(x + y)) continue
      ctx.beginPath()
      ctx.moveTo(x, y - reach)
      ctx.lineTo(x + reach, y)
      ctx.lineTo(x, y + reach)
      ctx.lineTo(x - reach, y)
      ctx.closePath()
      ctx.fill()
      ctx.stroke()
    }
  })
}

/** From each generated point the way it would go to lower the generator's loss. */
export function paintArrows(ctx: Context, box: Box, points: Points, arrows: Points, gain: number, dark: boolean): void {
  const look = lookOf(dark)
  clipped(ctx, box, () => {
    ctx.strokeStyle = look.arrow
    ctx.lineWidth = 1.2
    ctx.lineCap = 'round'
    ctx.beginPath()
    for (let i = 0; i < arrows.length; i += 2) {
      const [gx, gy] = [arrows[i]!, arrows[i + 1]!]
      const size = Math.hypot(gx, gy)
      const length = Math.min(longestArrow, size * gain)
      if (!(length >= stillBelow)) continue
      const [x, y] = [toX(box, points[i]!), toY(box, points[i + 1]!)]
      const pixels = (length / (2 * box.extent)) * box.size
      const [dx, dy] = [(gx / size) * pixels, (-gy / size) * pixels]
      const [tipX, tipY] = [x + dx, y + dy]
      ctx.moveTo(x, y)
      ctx.lineTo(tipX, tipY)
      const head = Math.min(4, pixels * 0.4) / pixels
      ctx.moveTo(tipX - head * (dx + 0.6 * dy), tipY - head * (dy - 0.6 * dx))
      ctx.lineTo(tipX, tipY)
      ctx.lineTo(tipX - head * (dx - 0.6 * dy), tipY - head * (dy + 0.6 * dx))
    }
    ctx.stroke()
  })
}

/**
 * The grid of the noise, carried along: cells the fuller the denser, or a curve for noise of one dimension.
 * @param normal its noise is N(0, 1)
 */
export function paintManifold(
  ctx: Context,
  box: Box,
  manifold: NonNullable<PlaneFrame['manifold']>,
  normal: boolean,
  dark: boolean,
): void {
  const { rows, columns, points } = manifold
  const [r, g, b] = lookOf(dark).manifold
  const place = (i: number) => [toX(box, points[2 * i]!), toY(box, points[2 * i + 1]!)] as const
  clipped(ctx, box, () => {
    const opacities = cellOpacities(manifold, normal)
    opacities.forEach((opacity, cell) => {
      const ring = corners(columns, Math.floor(cell / (columns - 1)), cell % (columns - 1))
      ctx.fillStyle = `rgba(${r}, ${g}, ${b}, ${opacity.toFixed(3)})`
      ctx.beginPath()
      for (const i of ring) ctx.lineTo(...place(i))
      ctx.fill()
    })
    ctx.strokeStyle = `rgba(${r}, ${g}, ${b}, ${rows === 1 ? 0.9 : 0.45})`
    ctx.lineWidth = rows === 1 ? 2.5 : 0.75
    ctx.beginPath()
    for (let row = 0; row < rows; row++)
      for (let c = 0; c < columns; c++) {
        const at = place(row * columns + c)
        if (c === 0) ctx.moveTo(...at)
        else ctx.lineTo(...at)
      }
    for (let c = 0; rows > 1 && c < columns; c++)
      for (let row = 0; row < rows; row++) {
        const at = place(row * columns + c)
        if (row === 0) ctx.moveTo(...at)
        else ctx.lineTo(...at)
      }
    ctx.stroke()
  })
}

/**
 * Where the generated points come from: lines through their places in the frames before, fainter the older.
 * @param past oldest first; the last are the points as they are now
 */
export function paintTrails(ctx: Context, box: Box, past: readonly Points[], dark: boolean): void {
  clipped(ctx, box, () => {
    ctx.strokeStyle = lookOf(dark).fake
    ctx.lineWidth = 1
    const strength = ctx.globalAlpha
    for (let age = 1; age < past.length; age++) {
      const [from, to] = [past[age - 1]!, past[age]!]
      if (from.length !== to.length) continue
      ctx.globalAlpha = strength * 0.5 * (age / past.length)
      ctx.beginPath()
      for (let i = 0; i < to.length; i += 2) {
        ctx.moveTo(toX(box, from[i]!), toY(box, from[i + 1]!))
        ctx.lineTo(toX(box, to[i]!), toY(box, to[i + 1]!))
      }
      ctx.stroke()
    }
  })
}

export interface AxisLook {
  ink: string
  grid: string
  font: string
}

/** The frame of the plane and its ticks at −1, −½, 0, ½ and 1. */
export function paintAxes(ctx: Context, box: Box, look: AxisLook): void {
  ctx.strokeStyle = look.grid
  ctx.lineWidth = 1
  ctx.strokeRect(box.left + 0.5, box.top + 0.5, box.size - 1, box.size - 1)
  ctx.fillStyle = look.ink
  ctx.font = `11px ${look.font}`
  for (const tick of [-1, -0.5, 0, 0.5, 1]) {
    const label = String(tick).replace('-', '−')
    const [x, y] = [toX(box, tick), toY(box, tick)]
    ctx.beginPath()
    ctx.moveTo(x, box.top + box.size)
    ctx.lineTo(x, box.top + box.size + 4)
    ctx.moveTo(box.left - 4, y)
    ctx.lineTo(box.left, y)
    ctx.stroke()
    ctx.textAlign = 'center'
    ctx.textBaseline = 'top'
    ctx.fillText(label, x, box.top + box.size + 6)
    ctx.textAlign = 'right'
    ctx.textBaseline = 'middle'
    ctx.fillText(label, box.left - 6, y)
  }
}
