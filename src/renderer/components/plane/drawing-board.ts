import { Drawing, maxDrawingPoints, thinned } from '../../../shared/plane/drawing.ts'

export type Stroke = Drawing['strokes'][number]
type Point = Stroke['points'][number]

export const brushWidths = { least: 0.02, first: 0.08, most: 0.4, step: 0.02 } as const

const within = (v: number) => Math.max(-1, Math.min(1, Number(v.toFixed(4))))

/** A point of the plane as a stroke takes it: inside, and no finer than a screen. */
export const pointAt = (x: number, y: number): Point => [within(x), within(y)]

/** The strokes with one more point on the last one; one as near as nothing to the one before is left out. */
export function extended(strokes: readonly Stroke[], point: Point): Stroke[] {
  const last = strokes.at(-1)
  if (!last) return [...strokes]
  const before = last.points.at(-1)!
  if (Math.hypot(point[0] - before[0], point[1] - before[1]) < 0.003) return [...strokes]
  return [...strokes.slice(0, -1), { width: last.width, points: [...last.points, point] }]
}

export const begun = (strokes: readonly Stroke[], width: number, point: Point): Stroke[] => [
  ...strokes,
  { width, points: [point] },
]

/** The drawing to save, or what is wrong with it. */
export function finished(
  strokes: readonly Stroke[],
  emptyMessage: string,
): { ok: true; drawing: Drawing } | { ok: false; message: string } {
  if (!strokes.length) return { ok: false, message: emptyMessage }
  const drawing = thinned({ version: 1, strokes: [...strokes] })
  const checked = Drawing.safeParse(drawing)
  if (checked.success) return { ok: true, drawing: checked.data }
  return { ok: false, message: checked.error.issues[0]?.message ?? `At most ${maxDrawingPoints} points.` }
}
