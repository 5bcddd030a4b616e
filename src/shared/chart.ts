import { z } from 'zod'
import { MetricValue } from './run.ts'

/** One series over a range of steps, in at most the asked number of buckets; a bucket of one point has min = max = mean. */
export const ChartSeries = z.object({
  name: z.string(),
  /** First step of each bucket; null where all points of the bucket are non-finite. */
  step: z.array(z.number()),
  min: z.array(z.number().nullable()),
  max: z.array(z.number().nullable()),
  mean: z.array(z.number().nullable()),
  /** Buckets that hold non-finite values, with how many and an example. */
  nonFinite: z.array(
    z.object({ step: z.number(), count: z.number().int(), value: z.enum(['NaN', 'Infinity', '-Infinity']) }),
  ),
  lastStep: z.number().nullable(),
  count: z.number().int(),
})
export type ChartSeries = z.infer<typeof ChartSeries>

/** step → epoch and time, enough marks to interpolate between. */
export const StepAxis = z.object({ step: z.array(z.number()), epoch: z.array(z.number()), time: z.array(z.number()) })
export type StepAxis = z.infer<typeof StepAxis>

export const Chart = z.object({ series: z.array(ChartSeries), axis: StepAxis, cursor: z.number() })
export type Chart = z.infer<typeof Chart>

/** What has come since a cursor. `superseded`: points after this step were taken back (a resume), draw anew. */
export const ChartDelta = z.object({
  cursor: z.number(),
  superseded: z.number().nullable(),
  axis: StepAxis,
  series: z.array(z.object({ name: z.string(), step: z.array(z.number()), value: z.array(MetricValue) })),
})
export type ChartDelta = z.infer<typeof ChartDelta>
