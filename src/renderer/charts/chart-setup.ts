import { Chart, LinearScale, LineController, LineElement, PointElement } from 'chart.js'
import type { ChartDataset, ChartOptions, Point } from 'chart.js'
import zoomPlugin from 'chartjs-plugin-zoom'
import { bandPlugin, nonFinitePlugin } from './drawing.ts'
import { formatTick, formatXTick } from './formats.ts'
import { padded, xExtent, yExtent } from './lines.ts'
import type { Line, Range } from './lines.ts'
import { colourOf, withAlpha } from './palette.ts'
import type { AxisMode } from './step-axis.ts'
import { logScaleFor, transform, untransform, xTicks, yTicks } from './y-scale.ts'
import type { YScale } from './y-scale.ts'

Chart.register(LineController, LineElement, PointElement, LinearScale, zoomPlugin)

export interface Theme {
  ink: string
  faint: string
  grid: string
  ground: string
  font: string
}

/** What a chart shows now. */
export interface Picture {
  lines: readonly Line[]
  hidden: ReadonlySet<string>
  mode: AxisMode
  log: boolean
  fitAll: boolean
  smoothing: number
  /** Null: all there is. */
  range: Range | null
  /** A box was drawn: these values, in the scale's own units. */
  yRange: Range | null
  dark: boolean
}

export interface Frame {
  full: Range
  x: Range
  y: Range
  scale: YScale
}

/** The axes of a picture. */
export function frameOf(picture: Picture): Frame {
  const lines = picture.lines.filter((line) => !picture.hidden.has(line.key))
  const full = xExtent(lines) ?? { min: 0, max: 1 }
  const x = picture.range ?? full
  // By all values, not those in view: the scale must not change under a hand that zooms.
  const scale: YScale = picture.log ? logScaleFor(lines.flatMap((line) => line.buckets.min)) : { kind: 'linear' }
  const extent = yExtent(lines, x, !picture.fitAll) ?? { min: 0, max: 1 }
  const bounds = { min: transform(scale, extent.min), max: transform(scale, extent.max) }
  const y = picture.yRange ?? padded(Number.isNaN(bounds.min + bounds.max) ? { min: 0, max: 1 } : bounds)
  return { full, x, y, scale }
}

/** chart.js's datasets: each line, with its raw values faint behind it where it is smoothed. */
export function datasetsOf(picture: Picture, scale: YScale): ChartDataset<'line', Point[]>[] {
  const out: ChartDataset<'line', Point[]>[] = []
  for (const line of picture.lines) {
    const colour = colourOf(line.colourSlot, picture.dark)
    const hidden = picture.hidden.has(line.key)
    const data = (values: readonly number[]): Point[] => line.x.map((x, i) => ({ x, y: transform(scale, values[i]!) }))
    const alone = line.x.length === 1
    const style = { borderDash: [...line.dash], hidden, pointRadius: alone ? 3 : 0, pointHitRadius: 0, spanGaps: false }
    if (picture.smoothing > 0)
      out.push({
        ...style,
        label: `${line.label} raw`,
        data: data(line.buckets.mean),
        borderColor: withAlpha(colour, 0.28),
        borderWidth: 1,
        borderDash: [],
        order: 2,
      })
    out.push({
      ...style,
      label: line.label,
      data: data(line.shown),
      borderColor: colour,
      backgroundColor: colour,
      borderWidth: 1.75,
      borderJoinStyle: 'round',
      order: 1,
    })
  }
  return out
}

export interface Wiring {
  theme: Theme
  mode: AxisMode
  frame: Frame
  compact: boolean
  boxMode: boolean
  /** A plain wheel zooms; else only with Ctrl or ⌘, so that a page of charts still scrolls. */
  wheel: boolean
  onStart: (how: 'wheel' | 'drag' | 'pinch') => void
  onRange: (how: 'zoom' | 'pan') => void
  /** Which directions the zoom under way has. */
  zoomMode: () => 'x' | 'xy'
}

export function optionsOf(w: Wiring): ChartOptions<'line'> {
  const { theme, frame, compact } = w
  const font = { family: theme.font, size: compact ? 10 : 11 }
  const fullWidth = frame.full.max - frame.full.min
  return {
    animation: false,
    responsive: true,
    maintainAspectRatio: false,
    parsing: false,
    normalized: true,
    // The crosshair is ours; chart.js need not look for points under the pointer at all.
    events: [],
    layout: { padding: { top: 4, right: 10, bottom: 0, left: 0 } },
    elements: { line: { tension: 0 } },
    scales: {
      x: {
        type: 'linear',
        min: frame.x.min,
        max: frame.x.max,
        grid: { color: theme.grid, drawTicks: false },
        border: { color: theme.grid },
        ticks: {
          color: theme.faint,
          font,
          padding: 6,
          maxRotation: 0,
          autoSkipPadding: 16,
          callback: (v) => formatXTick(w.mode, Number(v)),
        },
        afterBuildTicks: (axis) => {
          const target = Math.max(2, axis.width / (w.mode === 'time' ? 96 : 80))
          axis.ticks = xTicks(w.mode, axis.min, axis.max, target).map((value) => ({ value }))
        },
      },
      y: {
        type: 'linear',
        min: frame.y.min,
        max: frame.y.max,
        grid: { color: theme.grid, drawTicks: false },
        border: { display: false },
        ticks: {
          color: theme.faint,
          font,
          padding: 6,
          callback: (v) => formatTick(Number(untransform(frame.scale, Number(v)).toPrecision(10))),
        },
        afterBuildTicks: (axis) => {
          const target = Math.max(2, axis.height / (compact ? 34 : 46))
          axis.ticks = yTicks(frame.scale, axis.min, axis.max, target).map((v) => ({
            value: transform(frame.scale, v),
          }))
        },
        // A steady width keeps the charts of a column aligned while their numbers change.
        afterFit: (axis) => {
          axis.width = Math.max(axis.width, compact ? 44 : 52)
        },
      },
    },
    plugins: {
      zoom: {
        limits: {
          x: {
            min: frame.full.min,
            max: frame.full.max,
            minRange: Math.max(fullWidth / 1e6, w.mode === 'step' ? 2 : 1e-3),
          },
        },
        pan: {
          enabled: !w.boxMode,
          mode: 'x',
          threshold: 4,
          onPan: () => w.onRange('pan'),
        },
        zoom: {
          mode: w.zoomMode as unknown as 'x',
          wheel: { enabled: true, speed: 0.12, ...(w.wheel ? {} : { modifierKey: 'ctrl' }) },
          pinch: { enabled: true },
          drag: {
            enabled: true,
            ...(w.boxMode ? {} : { modifierKey: 'shift' }),
            threshold: 4,
            backgroundColor: withAlpha('#3b82f6', 0.15),
            borderColor: withAlpha('#3b82f6', 0.7),
            borderWidth: 1,
            drawTime: 'afterDraw',
          },
          onZoomStart: ({ event }) => {
            w.onStart(event.type === 'wheel' ? 'wheel' : event.type.startsWith('mouse') ? 'drag' : 'pinch')
            return true
          },
          onZoom: () => w.onRange('zoom'),
        },
      },
    },
  }
}

export function newChart(canvas: HTMLCanvasElement, options: ChartOptions<'line'>): Chart<'line', Point[]> {
  return new Chart<'line', Point[]>(canvas, {
    type: 'line',
    data: { datasets: [] },
    options,
    plugins: [bandPlugin, nonFinitePlugin],
  })
}
