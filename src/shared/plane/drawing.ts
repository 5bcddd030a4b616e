import { z } from 'zod'

/** Points of all strokes together; an hour's scribbling stays below. */
export const maxDrawingPoints = 50_000

const coordinate = z
  .number({ error: 'A coordinate of the drawing is not a finite number; draw it again.' })
  .min(-1, { error: 'The drawing leaves the plane: coordinates go from -1 to 1.' })
  .max(1, { error: 'The drawing leaves the plane: coordinates go from -1 to 1.' })

/** What one movement of the brush painted: all points at most `width` / 2 from the polyline; one point paints a disc. */
export const Stroke = z.strictObject({
  /** Diameter of the brush, in units of the plane, which is 2 wide. */
  width: z
    .number()
    .min(0.005, { error: 'The brush must be at least 0.005 wide (the plane is 2 wide).' })
    .max(1, { error: 'The brush must be at most 1 wide (the plane is 2 wide).' }),
  points: z
    .array(z.tuple([coordinate, coordinate]))
    .min(1, { error: 'A stroke of the drawing has no points; draw it again.' }),
})
export type Stroke = z.infer<typeof Stroke>

/** A distribution drawn by hand: uniform on the area that the strokes cover, however often they cover it. */
export const Drawing = z
  .strictObject({
    version: z.literal(1),
    strokes: z.array(Stroke).min(1, { error: 'The drawing is empty; draw at least one stroke.' }),
  })
  .refine(({ strokes }) => strokes.reduce((sum, { points }) => sum + points.length, 0) <= maxDrawingPoints, {
    error: `The drawing has more than ${maxDrawingPoints} points; use fewer or shorter strokes.`,
  })
export type Drawing = z.infer<typeof Drawing>

/** Leaves out points that lie closer than `spacing` to their predecessor, but no stroke's last: a mouse reports many. */
export function thinned({ version, strokes }: Drawing, spacing = 0.004): Drawing {
  const thin = (points: Stroke['points']) => {
    const kept = [points[0]!]
    for (const point of points.slice(1)) {
      const last = kept.at(-1)!
      if (Math.hypot(point[0] - last[0], point[1] - last[1]) >= spacing) kept.push(point)
    }
    const end = points.at(-1)!
    if (kept.length > 1 && kept.at(-1) !== end) kept[kept.length - 1] = end
    return kept
  }
  return { version, strokes: strokes.map(({ width, points }) => ({ width, points: thin(points) })) }
}
