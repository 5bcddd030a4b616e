import { z } from 'zod'
import { planeNames } from '../plane/distributions.ts'
import { thetaKinds } from '../plane/geometry.ts'
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
  move: field(z.enum(thetaKinds).default('shift'), {
    label: 'What θ does to Q',
    description: 'Shifts it by θ along x, turns it by θ half-turns about the origin, or scales it by 2^θ.',
    group: 'Data',
  }),
  thetaMin: field(z.number().min(-1).max(1).default(-1), {
    label: 'θ from',
    description: 'First θ of the sweep.',
    group: 'Data',
    step: 0.1,
  }),
  thetaMax: field(z.number().min(-1).max(1).default(1), {
    label: 'θ to',
    description: 'Last θ of the sweep.',
    group: 'Data',
    step: 0.1,
  }),
  thetaSteps: field(z.number().int().min(2).max(1001).default(21), {
    label: 'θ steps',
    description: 'Values of θ, evenly spaced, both ends included; an odd number over −1 to 1 has 0 among them.',
    unit: 'values',
    group: 'Data',
    step: 2,
  }),
  samples: field(z.number().int().min(32).max(100_000).default(4096), {
    label: 'Samples',
    description:
      'Points of each distribution for the estimates from samples: all for the histogram, up to 512 for nearest neighbours, up to 256 for W₁.',
    unit: 'points',
    group: 'Training',
    step: 512,
  }),
  steps: field(z.number().int().min(1).max(1_000_000).default(500), {
    label: 'Steps',
    description:
      'Steps of training of each discriminator and critic. Segments need 300; curves and mixtures 1000 and more.',
    unit: 'steps',
    group: 'Training',
    step: 100,
  }),
  batch: field(z.number().int().min(2).max(10_000).default(64), {
    label: 'Batch',
    description: 'Points of each distribution a step.',
    unit: 'points',
    group: 'Training',
    step: 16,
  }),
  seeds: field(z.number().int().min(1).max(100).default(3), {
    label: 'Seeds',
    description: 'Trainings at each θ, and samples for the estimates; their spread is the error bar.',
    unit: 'seeds',
    group: 'Training',
    step: 1,
  }),
  descentFrom: field(z.number().min(-1).max(1).default(0.8), {
    label: 'θ₀',
    description: 'Where the point that learns begins: gradient descent on θ under each divergence.',
    group: 'Training',
    step: 0.1,
  }),
  descentSteps: field(z.number().int().min(0).max(1000).default(40), {
    label: 'Descent steps',
    description:
      'Steps of gradient descent on θ, each under a network trained anew; 0 leaves the point that learns out.',
    unit: 'steps',
    group: 'Training',
    step: 10,
  }),
  descentRate: field(z.number().gt(0).max(10).default(0.06), {
    label: 'Descent rate',
    description: 'Step size of the first step on θ; it falls to nothing by the last one, so that |θ| comes to rest.',
    group: 'Optimiser',
    logarithmic: true,
  }),
  seed: field(z.number().int().min(0).max(2_147_483_647).default(0), {
    label: 'Seed',
    description: 'Every random number of the run is a function of it: same seed, same run.',
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
      description: 'Nine values of θ with one short training each: under half a minute.',
      params: { thetaSteps: 9, steps: 300, seeds: 1, descentSteps: 20, descentRate: 0.1 },
    },
    reference: {
      title: 'Reference',
      description: 'Example 1 of "Wasserstein GAN": twenty-one values of θ with three trainings each.',
      params: {},
    },
    overlap: {
      title: 'Overlap',
      description: 'Two Gaussians that overlap: here KL and JS do say where to go, while they still can.',
      params: {
        p: 'two-gaussians',
        q: 'two-gaussians',
        thetaMin: -0.5,
        thetaMax: 0.5,
        steps: 1000,
        descentFrom: 0.3,
        descentRate: 0.03,
      },
    },
  },
  metrics: [
    { name: 'theta', title: 'θ', description: 'Value of θ that this step measured' },
    { name: 'exactW', title: 'W₁', description: 'Without training: |θ| for two segments' },
    { name: 'learnedW', title: 'Critic’s W', description: 'E_P[f] − E_Q[f] of the trained critic, mean over seeds' },
    { name: 'exactJs', title: 'JS', description: 'Without training: log 2 for two segments, 0 at θ = 0', unit: 'nats' },
    {
      name: 'learnedJs',
      title: 'Discriminator’s JS',
      description: 'Its lower bound of JS, mean over seeds',
      unit: 'nats',
    },
    {
      name: 'histogramKl',
      title: 'KL by histogram',
      description: 'KL(P ‖ Q) of samples on a grid of 24 × 24, mean over seeds: finite, whatever the truth',
      unit: 'nats',
    },
    {
      name: 'neighboursKl',
      title: 'KL by neighbours',
      description: 'KL(P ‖ Q) by the fifth nearest neighbours of samples, mean over seeds',
      unit: 'nats',
    },
  ],
  check,
}
