import type { Line } from './lines.ts'
import { fullNames } from './grouping.ts'
import { colourOf } from './palette.ts'

/** The chart as a picture that stands alone: on its ground, with its title and legend. */
export async function toPng(
  chart: HTMLCanvasElement,
  title: string,
  lines: readonly Line[],
  look: { ground: string; ink: string; font: string; dark: boolean },
): Promise<Blob> {
  const ratio = chart.width / Math.max(1, chart.clientWidth)
  const head = Math.round(40 * ratio)
  const out = document.createElement('canvas')
  out.width = chart.width
  out.height = chart.height + head
  const ctx = out.getContext('2d')
  if (!ctx) throw new Error('The browser gives no canvas to draw the picture on. Close other tabs and try again.')
  ctx.fillStyle = look.ground
  ctx.fillRect(0, 0, out.width, out.height)
  ctx.scale(ratio, ratio)
  ctx.fillStyle = look.ink
  ctx.font = `600 13px ${look.font}`
  ctx.fillText(title, 10, 16)
  ctx.font = `11px ${look.font}`
  let x = 10
  const names = fullNames(lines)
  for (const [i, line] of lines.entries()) {
    const label = names[i]!
    ctx.strokeStyle = colourOf(line.colourSlot, look.dark)
    ctx.lineWidth = 2.5
    ctx.setLineDash([...line.dash])
    ctx.beginPath()
    ctx.moveTo(x, 29)
    ctx.lineTo(x + 16, 29)
    ctx.stroke()
    ctx.fillText(label, x + 21, 33)
    x += 36 + ctx.measureText(label).width
  }
  ctx.setTransform(1, 0, 0, 1, 0, 0)
  ctx.drawImage(chart, 0, head)
  return new Promise((resolve, reject) =>
    out.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The picture could not be encoded.'))), 'image/png'),
  )
}
