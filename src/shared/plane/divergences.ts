import { z } from 'zod'
import { MetricValue } from '../run.ts'
import { divergenceNames } from './closed-forms.ts'

/** Null: not known (no density), or not there (no derivative), or not measured yet. */
const Known = MetricValue.nullable()
const known = z.array(Known)

/** Over the seeds, at each θ; sd is the sample standard deviation, null for one seed. */
const Spread = z.object({ mean: known, sd: known })
export type Spread = z.infer<typeof Spread>

const Curve = z.object({ value: known, slope: known })

export const learnedNames = ['wasserstein', 'js', 'klPQ'] as const
export type LearnedName = (typeof learnedNames)[number]

/** KL and JS by a histogram and by nearest neighbours, and W₁ exactly between two samples. */
export const estimateNames = [
  'histogram.klPQ',
  'histogram.klQP',
  'histogram.js',
  'neighbours.klPQ',
  'neighbours.klQP',
  'neighbours.js',
  'samples.wasserstein',
] as const
export type EstimateName = (typeof estimateNames)[number]

const Learned = z.object({ value: Spread, slope: Spread })

/** Where gradient descent on θ under a divergence has been: entry k is after k steps. */
const Descent = z.object({
  source: z.enum(['exact', 'learned']),
  divergence: z.enum(divergenceNames),
  theta: z.array(z.number()),
  value: known,
  slope: known,
})
export type Descent = z.infer<typeof Descent>

/** The divergences of P and Q at each θ, as far as a run has come; all lists are over `theta`. In nats, but W₁. */
export const DivergencesFound = z.object({
  type: z.literal('divergences'),
  theta: z.array(z.number()),
  /** Values of θ, from the first on, that estimates and networks are known at. */
  measured: z.number().int().min(0),
  seeds: z.number().int().min(1),
  /** Closed forms, or computed from densities and an assignment. */
  exact: z.record(z.enum(divergenceNames), Curve),
  estimates: z.record(z.enum(estimateNames), Spread),
  learned: z.record(z.enum(learnedNames), Learned),
  descents: z.array(Descent),
})
export type DivergencesFound = z.infer<typeof DivergencesFound>
