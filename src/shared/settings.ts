import { z } from 'zod'

/** What a run does once a metric is NaN or infinite: train on, or end with the newest checkpoint from before. */
export const NonFinitePolicy = z.enum(['continue', 'pause', 'stop'])
export type NonFinitePolicy = z.infer<typeof NonFinitePolicy>

/** Which checkpoints of a run are kept when a new one comes in, beside those that have a name. */
export const KeptCheckpoints = z.object({
  /** So many of the newest; null keeps all. */
  keepLast: z.number().int().min(1).max(1_000_000).nullable(),
  /** And every so many-th of the run; 0 keeps none besides. */
  keepEvery: z.number().int().min(0).max(1_000_000),
})
export type KeptCheckpoints = z.infer<typeof KeptCheckpoints>

/** What the user wants of all runs of a library; kept with it. */
export const LibrarySettings = z.object({
  onNonFinite: NonFinitePolicy,
  /** Whether the system's notifications tell of what happens to runs while no window is looked at. */
  notify: z.boolean(),
  /** Whether a run that was interrupted is queued again by itself, as long as it gets further. */
  autoResume: z.boolean(),
  checkpoints: KeptCheckpoints,
})
export type LibrarySettings = z.infer<typeof LibrarySettings>

/** A run of usual length has ten checkpoints at most and loses none; a long one does not fill the disk. */
export const defaultSettings: LibrarySettings = {
  onNonFinite: 'continue',
  notify: true,
  autoResume: false,
  checkpoints: { keepLast: 10, keepEvery: 10 },
}

/** What they are kept under in the library. */
export const settingsName = 'settings'

/** Stored settings; what is missing, or what another version wrote and this one can't read, is the default. */
export function completeSettings(stored: unknown): LibrarySettings {
  const read = LibrarySettings.partial().safeParse(stored ?? {})
  return { ...defaultSettings, ...(read.success ? read.data : {}) }
}
