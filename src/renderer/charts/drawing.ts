import type { Chart, Plugin } from 'chart.js'
import { colourOf, withAlpha } from './palette.ts'
import type { Line, Range } from './lines.ts'
import { transform } from './y-scale.ts'
import type { YScale } from './y-scale.ts'

/** What our plugins draw besides chart.js's lines; set before each update. */
export interface Drawing {
  lines: readonly Line[]
  hidden: ReadonlySet<string>
  scale: YScale
  dark: boolean
}

const drawings = new WeakMap<Chart, Drawing>()
export const setDrawing = (chart: Chart, drawing: Drawing) => drawings.set(chart, drawing)

const BAND = 0.22
const SPIKE = 0.6
/** A bucket whose band is this many times the usual is drawn as a spike. */
const UNUSUAL = 4

/**
 * The band from minimum to maximum behind each line. Where it is far higher than usual, an upright stroke of a whole
 * pixel makes it stand out: a spike of one step is seen however many steps share its pixel.
 */
export const bandPlugin: Plugin<'line'> = {
  id: 'band',
  beforeDatasetsDraw(chart) {
    const drawing = drawings.get(chart)
    const { x: xs, y: ys } = chart.scales
    if (!drawing || !xs || !ys) return
    const { ctx, chartArea: area } = chart
    ctx.save()
    ctx.beginPath()
    ctx.rect(area.left, area.top, area.width, area.height)
    ctx.clip()
    for (const line of drawing.lines) {
      if (drawing.hidden.has(line.key)) continue
      const { min, max } = line.buckets
      const view: Range = { min: xs.min, max: xs.max }
      const colour = colourOf(line.colourSlot, drawing.dark)
      const place = (v: number) => {
        const t = transform(drawing.scale, v)
        // A minimum at or below zero on a logarithmic axis reaches to its bottom.
        return ys.getPixelForValue(Number.isNaN(t) ? ys.min : t)
      }
      const top: [number, number][] = []
      const bottom: [number, number][] = []
      const flush = () => {
        if (top.length > 1) {
          ctx.beginPath()
          for (const [px, py] of top) ctx.lineTo(px, py)
          for (let i = bottom.length - 1; i >= 0; i--) ctx.lineTo(bottom[i]![0], bottom[i]![1])
          ctx.fillStyle = withAlpha(colour, BAND)
          ctx.fill()
        }
        top.length = bottom.length = 0
      }
      const strokes = new Path2D()
      const usual = usualHeight(line)
      let any = false
      for (let i = 0; i < line.x.length; i++) {
        const at = line.x[i]!
        const beside = line.x[i + 1] ?? at
        if (beside < view.min) continue
        if ((line.x[i - 1] ?? at) > view.max) break
        if (Number.isNaN(min[i]!) || Number.isNaN(max[i]!)) {
          flush()
          continue
        }
        const px = xs.getPixelForValue(at)
        const high = place(max[i]!)
        const low = place(min[i]!)
        if (min[i] !== max[i]) any = true
        top.push([px, high])
        bottom.push([px, low])
        if (max[i]! - min[i]! > UNUSUAL * usual) {
          strokes.moveTo(px, high)
          strokes.lineTo(px, low)
        }
      }
      if (!any) continue
      flush()
      ctx.lineWidth = 1
      ctx.strokeStyle = withAlpha(colour, SPIKE)
      ctx.stroke(strokes)
    }
    ctx.restore()
  },
}

/** The median height of the band over the whole line, where it has any. */
function usualHeight({ buckets: { min, max } }: Line): number {
  const heights = max.flatMap((high, i) => (high > min[i]! ? [high - min[i]!] : [])).sort((a, b) => a - b)
  return heights[heights.length >> 1] ?? 0
}

/** Triangles on the bottom edge where values are not finite: upright for +∞, overturned for −∞, a diamond for NaN. */
export const nonFinitePlugin: Plugin<'line'> = {
  id: 'nonFinite',
  afterDatasetsDraw(chart) {
    const drawing = drawings.get(chart)
    const xs = chart.scales.x
    if (!drawing || !xs) return
    const { ctx, chartArea: area } = chart
    ctx.save()
    let row = 0
    for (const line of drawing.lines) {
      if (drawing.hidden.has(line.key) || !line.marks.length) continue
      ctx.fillStyle = colourOf(line.colourSlot, drawing.dark)
      const y = area.bottom - 6 - (row++ % 3) * 9
      for (const { x, mark } of line.marks) {
        if (!(x >= xs.min && x <= xs.max)) continue
        markPath(ctx, xs.getPixelForValue(x), y, mark.value)
        ctx.fill()
      }
    }
    ctx.restore()
  },
}

function markPath(ctx: CanvasRenderingContext2D, x: number, y: number, value: string): void {
  const r = 4.5
  ctx.beginPath()
  if (value === 'NaN') {
    ctx.moveTo(x, y - r)
    ctx.lineTo(x + r, y)
    ctx.lineTo(x, y + r)
    ctx.lineTo(x - r, y)
  } else {
    const up = value === 'Infinity' ? -1 : 1
    ctx.moveTo(x, y + up * r)
    ctx.lineTo(x + r, y - up * r * 0.8)
    ctx.lineTo(x - r, y - up * r * 0.8)
  }
  ctx.closePath()
}

/** The crosshair and a ring on every line, on a canvas of its own so that a hover never redraws the chart. */
export function drawCrosshair(
  canvas: HTMLCanvasElement,
  chart: Chart,
  at: number | null,
  rings: readonly { x: number; y: number; colour: string }[],
  ground: string,
  ink: string,
): void {
  const ctx = canvas.getContext('2d')
  if (!ctx) return
  const ratio = chart.currentDevicePixelRatio
  if (canvas.width !== Math.round(chart.width * ratio) || canvas.height !== Math.round(chart.height * ratio)) {
    canvas.width = Math.round(chart.width * ratio)
    canvas.height = Math.round(chart.height * ratio)
  }
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0)
  ctx.clearRect(0, 0, chart.width, chart.height)
  if (at === null) return
  const { top, bottom, left, right } = chart.chartArea
  if (at < left - 0.5 || at > right + 0.5) return
  ctx.strokeStyle = ink
  ctx.lineWidth = 1
  ctx.beginPath()
  ctx.moveTo(Math.round(at) + 0.5, top)
  ctx.lineTo(Math.round(at) + 0.5, bottom)
  ctx.stroke()
  for (const { x, y, colour } of rings) {
    if (!Number.isFinite(y) || y < top - 1 || y > bottom + 1) continue
    ctx.beginPath()
    ctx.arc(x, y, 3.5, 0, Math.PI * 2)
    ctx.fillStyle = colour
    ctx.fill()
    ctx.lineWidth = 1.5
    ctx.strokeStyle = ground
    ctx.stroke()
  }
}
