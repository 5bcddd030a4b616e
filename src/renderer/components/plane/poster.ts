import { lookOf, scaleGradientStops } from './colour-scale.ts'
import type { Picture } from './picture.ts'
import { paintPicture } from './picture.ts'

/** What stands around a picture that leaves the window. */
export interface PosterWords {
  title: string
  subtitle: string
  scaleTitle: string
  scaleWords: readonly string[]
  scaleTicks: readonly string[]
  layers: Record<'real' | 'fake' | 'arrows' | 'manifold', string>
}
export interface PosterLook {
  ground: string
  ink: string
  faint: string
  font: string
}

const head = 50
const foot = 52
export const posterHeight = (width: number) => width + head + foot - 8

/** A picture that stands alone: with its title, its axes and what its colours and shapes mean. Sizes are in units of the context. */
export function paintPoster(
  ctx: CanvasRenderingContext2D,
  width: number,
  scene: Omit<Picture, 'box'>,
  words: PosterWords,
  look: PosterLook,
): void {
  const extent = Math.max(1, scene.frame?.extent ?? 1)
  ctx.fillStyle = look.ground
  ctx.fillRect(0, 0, width, posterHeight(width))
  ctx.textAlign = 'left'
  ctx.textBaseline = 'alphabetic'
  ctx.fillStyle = look.ink
  ctx.font = `600 14px ${look.font}`
  ctx.fillText(words.title, 12, 20, width - 24)
  ctx.font = `11px ${look.font}`
  ctx.fillStyle = look.faint
  ctx.fillText(words.subtitle, 12, 37, width - 24)
  paintPicture(ctx, { ...scene, box: { left: 36, top: head, size: width - 48, extent } })
  paintFoot(ctx, head + width - 48 + 24, width, scene, words, look)
}

function paintFoot(
  ctx: CanvasRenderingContext2D,
  top: number,
  width: number,
  { dark, layers }: Omit<Picture, 'box'>,
  words: PosterWords,
  look: PosterLook,
): void {
  const colours = lookOf(dark)
  ctx.font = `11px ${look.font}`
  ctx.textBaseline = 'alphabetic'
  ctx.textAlign = 'left'
  ctx.fillStyle = look.ink
  const barLeft = 36
  const barWidth = Math.min(220, width * 0.44)
  const gradient = ctx.createLinearGradient(barLeft, 0, barLeft + barWidth, 0)
  for (const [at, colour] of scaleGradientStops(dark)) gradient.addColorStop(at, colour)
  ctx.fillText(words.scaleTitle, barLeft, top + 6, barWidth)
  ctx.fillStyle = gradient
  ctx.fillRect(barLeft, top + 26, barWidth, 9)
  ctx.fillStyle = look.faint
  for (const [i, align] of (['left', 'center', 'right'] as const).entries()) {
    ctx.textAlign = align
    const x = barLeft + (barWidth * i) / 2
    ctx.fillText(words.scaleWords[i] ?? '', x, top + 21, barWidth / 2.6)
    ctx.fillText(words.scaleTicks[i] ?? '', x, top + 47, barWidth / 2.6)
  }
  ctx.textAlign = 'left'
  const entries = (['real', 'fake', 'arrows', 'manifold'] as const).filter((name) => layers[name])
  let x = barLeft + barWidth + 22
  let y = top + 21
  for (const name of entries) {
    const text = words.layers[name]
    if (x + 16 + ctx.measureText(text).width > width - 8) {
      x = barLeft + barWidth + 22
      y += 18
    }
    ctx.beginPath()
    ctx.fillStyle =
      name === 'real' ? colours.real : name === 'fake' ? colours.fake : `rgb(${colours.manifold.join(',')})`
    ctx.strokeStyle = colours.arrow
    if (name === 'real') ctx.arc(x + 4, y - 4, 4, 0, 2 * Math.PI)
    else if (name === 'manifold') ctx.rect(x, y - 8, 8, 8)
    else if (name === 'fake')
      for (const [dx, dy] of [
        [4, -9],
        [9, -4],
        [4, 1],
        [-1, -4],
      ] as const)
        ctx.lineTo(x + dx, y + dy)
    else
      for (const [dx, dy] of [
        [0, 0],
        [9, -8],
        [4, -8],
        [9, -8],
        [9, -3],
      ] as const)
        ctx.lineTo(x + dx, y + dy)
    if (name === 'arrows') ctx.stroke()
    else ctx.fill()
    ctx.fillStyle = look.ink
    ctx.fillText(text, x + 14, y)
    x += 28 + ctx.measureText(text).width
  }
}
