import type { z } from 'zod'

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
}
