import { z } from 'zod'
import { Drawing } from './drawing.ts'

/** Points from a file, in the plane's scale, with how they were brought there. */
export const PointSet = z.strictObject({
  version: z.literal(1),
  /** plane = (file − centre) / scale. */
  centre: z.tuple([z.number(), z.number()]),
  scale: z.number().positive(),
  /** [x, y, x, y, …] in [−1, 1]. */
  points: z
    .array(z.number().min(-1).max(1))
    .min(2)
    .refine((points) => points.length % 2 === 0, 'Points are pairs: there must be as many y as x.'),
})
export type PointSet = z.infer<typeof PointSet>

export const PlaneSetContent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('drawing'), drawing: Drawing }),
  z.object({ type: z.literal('points'), set: PointSet }),
])
export type PlaneSetContent = z.infer<typeof PlaneSetContent>

/** A distribution of the user's own, saved in the library under the hash of its content: it never changes. */
export const PlaneSet = z.object({
  id: z.string().regex(/^[0-9a-f]{16}$/),
  name: z.string().min(1).max(200),
  type: z.enum(['drawing', 'points']),
  /** Strokes or points. */
  count: z.number().int(),
  createdAt: z.number(),
})
export type PlaneSet = z.infer<typeof PlaneSet>

/** The id in a distribution's name "set:ID", or null. */
export const setIdOf = (distribution: string): string | null => /^set:([0-9a-f]{16})$/.exec(distribution)?.[1] ?? null
export const setName = (id: string) => `set:${id}`
