import { z } from 'zod'

/** Which engine trains, and, when it is not the best one, why not and how to get it. */
export const EngineInfo = z.object({
  backend: z.enum(['native', 'wasm', 'javascript']),
  /** For people: "TensorFlow 2.21.0 (CPU)". */
  name: z.string(),
  version: z.string(),
  device: z.enum(['cpu', 'cuda']),
  deviceName: z.string(),
  threads: z.number().int(),
  /** Null when this is the best engine of the machine. */
  reason: z.string().nullable(),
  howTo: z.string().nullable(),
})
export type EngineInfo = z.infer<typeof EngineInfo>
