import { z } from 'zod'
import { planeNames } from '../plane/distributions.ts'
import { setIdOf } from '../plane/sets.ts'
import { field } from './fields.ts'
import type { FieldError, Params } from './fields.ts'
import type { ExperimentKind } from './kind.ts'

const distribution = (letter: string) =>
  field(z.string().min(1).max(100).default('segment'), {
    label: letter,
    description: `${planeNames.join(', ')}; or a saved drawing or set of points, as set:ID. segment is {0} × U(0, 1).`,
    group: 'Data',
  })

/** Parameters of divergences between P and Q moved by θ (Arjovsky et al. 2017, "Wasserstein GAN", example 1). */
export const DivergencesParams = z.strictObject({
  p: distribution('P'),
  q: distribution('Q'),
  move: field(z.enum(['shift', 'rotation', 'scale']).default('shift'), {
    label: 'What θ does to Q',
    description: 'shift along x by θ, rotation by θ π, or scale by e^θ.',
    group: 'Data',
  }),
  thetaMin: field(z.number().min(-2).max(2).default(-1), {
    label: 'θ from',
    description: 'First θ of the sweep.',
    group: 'Data',
    step: 0.1,
  }),
  thetaMax: field(z.number().min(-2).max(2).default(1), {
    label: 'θ to',
    description: 'Last θ of the sweep.',
    group: 'Data',
    step: 0.1,
  }),
  thetaSteps: field(z.number().int().min(2).max(1001).default(21), {
    label: 'θ steps',
    description: 'Values of θ, evenly spaced, both ends included.',
    unit: 'values',
    group: 'Data',
    step: 2,
  }),
  samples: field(z.number().int().min(16).max(100_000).default(1000), {
    label: 'Samples',
    description: 'Points of each distribution for the estimates from samples.',
    unit: 'points',
    group: 'Training',
    step: 100,
  }),
  steps: field(z.number().int().min(1).max(1_000_000).default(1500), {
    label: 'Steps',
    description: 'Steps of training of each discriminator and critic.',
    unit: 'steps',
    group: 'Training',
    step: 100,
  }),
  batch: field(z.number().int().min(2).max(10_000).default(128), {
    label: 'Batch',
    description: 'Points of each distribution a step.',
    unit: 'points',
    group: 'Training',
    step: 16,
  }),
  seeds: field(z.number().int().min(1).max(100).default(3), {
    label: 'Seeds',
    description: 'Trainings at each θ; their spread is the error bar.',
    unit: 'seeds',
    group: 'Training',
    step: 1,
  }),
  seed: field(z.number().int().min(0).max(2_147_483_647).default(0), {
    label: 'Seed',
    description: 'The first of the seeds: same seed, same run.',
    group: 'Training',
    step: 1,
  }),
})
export type DivergencesParams = z.infer<typeof DivergencesParams>

function check(params: Params): FieldError[] {
  const errors: FieldError[] = []
  for (const name of ['p', 'q'])
    if (!(planeNames as readonly unknown[]).includes(params[name]) && setIdOf(String(params[name])) === null) {
      const message = `${name} must be one of ${planeNames.join(', ')}, or set:ID of a saved set, not "${String(params[name])}".`
      errors.push({ name, message })
    }
  if (Number(params.thetaMin) >= Number(params.thetaMax)) {
    const message = `thetaMax must be above thetaMin (${params.thetaMin}), not ${params.thetaMax}.`
    errors.push({ name: 'thetaMax', message })
  }
  return errors
}

export const divergences: ExperimentKind<typeof DivergencesParams> = {
  kind: 'divergences',
  family: 'plane',
  engine: 'javascript',
  title: 'Divergences',
  summary: 'KL, JS and Wasserstein between two distributions as one moves away: exact, estimated and learned.',
  source: 'Arjovsky et al. 2017, Wasserstein GAN, example 1 and section 2',
  params: DivergencesParams,
  keyParams: ['p', 'q', 'move', 'thetaSteps', 'steps', 'seed'],
  presets: {
    quick: {
      title: 'Quick',
      description: 'Nine values of θ with one training each.',
      params: { thetaSteps: 9, seeds: 1 },
    },
    reference: { title: 'Reference', description: 'Twenty-one values of θ with three trainings each.', params: {} },
  },
  metrics: [
    { name: 'theta', title: 'θ', description: 'Value of θ that this step measured' },
    { name: 'learnedW', title: 'Critic’s W', description: 'E_P[f] − E_Q[f] of the trained critic, mean over seeds' },
    {
      name: 'learnedJs',
      title: 'Discriminator’s JS',
      description: 'Its lower bound of JS, mean over seeds',
      unit: 'nats',
    },
  ],
  check,
}
