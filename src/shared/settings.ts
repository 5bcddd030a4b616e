import { z } from 'zod'

/** What a run does once a metric is NaN or infinite: train on, or end with the newest checkpoint from before. */
export const NonFinitePolicy = z.enum(['continue', 'pause', 'stop'])
export type NonFinitePolicy = z.infer<typeof NonFinitePolicy>

/** What the user wants of all runs of a library; kept with it. */
export const LibrarySettings = z.object({
  onNonFinite: NonFinitePolicy,
  /** Whether the system's notifications tell of what happens to runs while no window is looked at. */
  notify: z.boolean(),
})
export type LibrarySettings = z.infer<typeof LibrarySettings>

export const defaultSettings: LibrarySettings = { onNonFinite: 'continue', notify: true }
