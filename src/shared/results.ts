import { z } from 'zod'
import { DivergencesFound } from './plane/divergences.ts'

const fraction = z.number().min(0).max(1)

/**
 * How well images were classified. Definitions are scikit-learn's with zero_division = 0; precision, recall and F-score
 * of the whole are the plain means over the classes (macro).
 */
export const Classification = z.object({
  type: z.literal('classification'),
  dataset: z.string(),
  split: z.enum(['train', 'test']),
  /** Images that were classified. */
  count: z.number().int(),
  classes: z.array(z.string()),
  accuracy: fraction,
  precision: fraction,
  recall: fraction,
  fScore: fraction,
  /** In the order of `classes`; `support` is how many images are of the class. */
  perClass: z.array(
    z.object({ precision: fraction, recall: fraction, fScore: fraction, support: z.number().int().min(0) }),
  ),
  /** [actual][predicted], images. */
  confusion: z.array(z.array(z.number().int().min(0))),
})
export type Classification = z.infer<typeof Classification>

/** What a run found, beside its series; more types join here. */
export const ResultValue = z.discriminatedUnion('type', [Classification, DivergencesFound])
export type ResultValue = z.infer<typeof ResultValue>

/** A run has one result of a name; a later one replaces it. */
export const Result = z.object({
  name: z.string().min(1).max(100),
  step: z.number(),
  /** Milliseconds since 1970. */
  time: z.number(),
  value: ResultValue,
})
export type Result = z.infer<typeof Result>

/** A file that a run leaves, beside samples and checkpoints; a run has one of a name, a later one replaces it. */
export const Artifact = z.object({
  name: z.string().min(1).max(100),
  step: z.number(),
  time: z.number(),
  mediaType: z.string(),
  /** What it is, for a person. */
  description: z.string(),
  hash: z.string(),
  bytes: z.number(),
})
export type Artifact = z.infer<typeof Artifact>

/** Names of artifacts that somebody else reads. */
export const artifactNames = {
  /** safetensors: a trained model without its optimiser, for `mode load` and for runs that build on it. */
  model: 'model',
  /** One byte for each test image, in file order: the class it was taken for. */
  predictions: 'test-predictions',
  /** safetensors: `features` [test images, latent]. */
  features: 'test-features',
} as const

export const safetensorsType = 'application/vnd.safetensors'
