import type { z } from 'zod'
import type { FieldError, Params } from './fields.ts'

export interface MetricInfo {
  name: string
  title: string
  /** The formula, or what is measured. */
  description: string
  unit?: string
  /** Belongs on the chart of losses. */
  loss?: boolean
}

export interface Preset<P> {
  title: string
  description: string
  /** What differs from the schema's defaults. */
  params: Partial<P>
}

/** All that every side needs to know of a kind of experiment; its training loop lives in `src/ml/experiments`. */
export interface ExperimentKind<S extends z.ZodObject = z.ZodObject> {
  kind: string
  title: string
  summary: string
  source: string
  params: S
  /** The parameters that tell runs of this kind apart in a table. */
  keyParams: (keyof z.infer<S> & string)[]
  presets: Record<string, Preset<z.infer<S>>>
  metrics: MetricInfo[]
  /** Networks so small that a call to TensorFlow costs more than their arithmetic are trained in plain JavaScript. */
  engine?: 'javascript'
  /** Where it stands in the list of kinds. */
  family: 'images' | 'semi-supervised' | 'plane'
  /** What only makes sense together: one error a parameter that is wrong. */
  check?(params: z.infer<S>): FieldError[]
  /** Parameters that may be changed while a run trains; each change is recorded with its step. */
  live?: (keyof z.infer<S> & string)[]
  /** Runs whose `model` artifacts this one builds on; they are found in the library, or run first. */
  needs?(params: z.infer<S>): Need[]
}

/** A run that another one needs done before it. */
export interface Need {
  /** What the worker knows it by. */
  role: string
  kind: string
  /** All of its parameters. */
  params: Params
}
