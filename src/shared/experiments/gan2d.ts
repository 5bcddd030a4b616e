import { z } from 'zod'
import { planeNames } from '../plane/distributions.ts'
import { setIdOf } from '../plane/sets.ts'
import { field } from './fields.ts'
import type { FieldError, Params } from './fields.ts'
import { checkpointEveryParam } from './interval.ts'
import type { ExperimentKind } from './kind.ts'

const learningRate = (label: string, of: string, value: number) =>
  field(z.number().gt(0).max(10).default(value), {
    label,
    description: `Step size of the optimiser for the ${of}.`,
    group: 'Optimiser',
    logarithmic: true,
  })

const steps = (label: string, of: string) =>
  field(z.number().int().min(1).max(100).default(1), {
    label,
    description: `Updates of the ${of} in each step.`,
    unit: 'updates',
    group: 'Training',
    step: 1,
  })

/** Parameters of a GAN on the plane, after GAN Lab (Kahng et al. 2019). */
export const Gan2dParams = z.strictObject({
  distribution: field(z.string().min(1).max(100).default('parabola'), {
    label: 'Distribution',
    description: `What the real points are drawn from: ${planeNames.join(', ')}; or a saved drawing or set of points, as set:ID.`,
    group: 'Data',
  }),
  loss: field(
    z
      .enum(['non-saturating', 'saturating', 'least-squares', 'wgan-gp', 'wgan-clip', 'hinge'])
      .default('non-saturating'),
    {
      label: 'Loss',
      description:
        'log with or without saturation (Goodfellow et al. 2014), least squares (Mao et al. 2017), Wasserstein with gradient penalty (Gulrajani et al. 2017) or clipped weights (Arjovsky et al. 2017), hinge (Lim and Ye 2017).',
      group: 'Training',
    },
  ),
  noise: field(z.enum(['uniform', 'normal']).default('uniform'), {
    label: 'Noise',
    description: 'U(0, 1) or N(0, 1) in each dimension.',
    group: 'Networks',
  }),
  latent: field(z.literal([1, 2]).default(2), {
    label: 'Noise dimensions',
    description: 'With one, the generator can only draw a curve.',
    group: 'Networks',
  }),
  layers: field(z.number().int().min(1).max(6).default(2), {
    label: 'Hidden layers',
    description: 'Of each network.',
    unit: 'layers',
    group: 'Networks',
    step: 1,
  }),
  width: field(z.number().int().min(1).max(256).default(16), {
    label: 'Width',
    description: 'Units of each hidden layer.',
    unit: 'units',
    group: 'Networks',
    step: 1,
  }),
  activation: field(z.enum(['relu', 'leakyRelu', 'tanh', 'sigmoid', 'softplus']).default('leakyRelu'), {
    label: 'Activation',
    description: 'After each hidden layer.',
    group: 'Networks',
  }),
  batch: field(z.number().int().min(2).max(10_000).default(150), {
    label: 'Batch',
    description: 'Points per update, real and generated each.',
    unit: 'points',
    group: 'Training',
    step: 10,
  }),
  steps: field(z.number().int().min(1).max(100_000_000).default(5000), {
    label: 'Steps',
    description: 'Steps of training; each updates both networks.',
    unit: 'steps',
    group: 'Training',
    step: 1000,
  }),
  discriminatorSteps: steps('Discriminator updates', 'discriminator'),
  generatorSteps: steps('Generator updates', 'generator'),
  penaltyWeight: field(z.number().min(0).max(10_000).default(1), {
    label: 'Penalty weight λ',
    description: 'Weight of the gradient penalty; only for wgan-gp. On the plane 1 does better than the 10 of images.',
    group: 'Training',
    step: 1,
  }),
  clip: field(z.number().gt(0).max(100).default(0.1), {
    label: 'Clip',
    description: 'Bound on the critic’s weights; only for wgan-clip.',
    group: 'Training',
    logarithmic: true,
  }),
  optimiser: field(z.enum(['adam', 'sgd']).default('adam'), {
    label: 'Optimiser',
    description: 'Adam, or plain gradient descent.',
    group: 'Optimiser',
  }),
  lrG: learningRate('Generator learning rate', 'generator', 1e-3),
  lrD: learningRate('Discriminator learning rate', 'discriminator', 3e-3),
  beta1: field(z.number().min(0).lt(1).default(0.5), {
    label: 'Adam β₁',
    description: "Decay of Adam's first moment.",
    group: 'Optimiser',
    step: 0.05,
  }),
  beta2: field(z.number().min(0).lt(1).default(0.999), {
    label: 'Adam β₂',
    description: "Decay of Adam's second moment.",
    group: 'Optimiser',
    step: 0.001,
  }),
  seed: field(z.number().int().min(0).max(2_147_483_647).default(0), {
    label: 'Seed',
    description: 'Every random number of the run is a function of it: same seed, same run.',
    group: 'Training',
    step: 1,
  }),
  pace: field(z.number().min(0).max(100_000).default(200), {
    label: 'Pace',
    description:
      'Steps a second, so that one can watch; 0 is as fast as it goes, below 1 walks through the parts of a step.',
    unit: 'steps/s',
    group: 'Record',
    step: 50,
  }),
  framesPerSecond: field(z.number().min(0).max(60).default(30), {
    label: 'Frames a second',
    description: 'Pictures that are kept a second of training, to be rewound; 0 keeps none but those at measures.',
    unit: 'frames/s',
    group: 'Record',
    step: 5,
  }),
  checkpointEvery: checkpointEveryParam('steps', 5000, 1000),
  measureEvery: field(z.number().int().min(1).max(1_000_000).default(100), {
    label: 'Measure every',
    description: 'Compare generated with real points after this many steps.',
    unit: 'steps',
    group: 'Record',
    step: 100,
  }),
})
export type Gan2dParams = z.infer<typeof Gan2dParams>

export function checkDistribution({ distribution }: Params): FieldError[] {
  if ((planeNames as readonly unknown[]).includes(distribution) || setIdOf(String(distribution)) !== null) return []
  const message = `distribution must be one of ${planeNames.join(', ')}, or set:ID of a saved set, not "${String(distribution)}".`
  return [{ name: 'distribution', message }]
}

export const gan2d: ExperimentKind<typeof Gan2dParams> = {
  kind: 'gan2d',
  family: 'plane',
  engine: 'javascript',
  title: 'GAN on the plane',
  summary: 'Two small networks on points in the plane, so that one can see what each of them does to the other.',
  source: 'Kahng et al. 2019, GAN Lab; losses by their papers',
  params: Gan2dParams,
  keyParams: ['distribution', 'loss', 'width', 'lrG', 'lrD', 'seed'],
  presets: {
    watch: { title: 'Watch', description: 'The parabola, slow enough to look at.', params: {} },
    modes: {
      title: 'Modes',
      description: 'Eight Gaussians with a Wasserstein critic: does it find all of them?',
      params: {
        distribution: 'eight-gaussians',
        loss: 'wgan-gp',
        width: 32,
        noise: 'normal',
        batch: 100,
        steps: 3000,
        discriminatorSteps: 3,
        lrG: 2e-3,
        beta2: 0.9,
        pace: 0,
      },
    },
    reference: {
      title: 'Reference',
      description: 'The networks of the benchmark, as fast as they go.',
      params: { width: 8, activation: 'relu', lrD: 1e-3, beta1: 0.9, pace: 0 },
    },
  },
  live: [
    'loss',
    'discriminatorSteps',
    'generatorSteps',
    'penaltyWeight',
    'clip',
    'optimiser',
    'lrG',
    'lrD',
    'beta1',
    'beta2',
    'pace',
    'framesPerSecond',
    'layers',
    'width',
    'activation',
  ],
  metrics: [
    { name: 'discriminatorLoss', title: 'Discriminator loss', description: 'By the loss of the run', loss: true },
    { name: 'generatorLoss', title: 'Generator loss', description: 'By the loss of the run', loss: true },
    {
      name: 'slicedWasserstein',
      title: 'Sliced Wasserstein',
      description: 'Mean 1-Wasserstein distance of projections',
    },
    { name: 'wasserstein', title: 'Wasserstein', description: 'Exact 1-Wasserstein distance of two samples' },
    { name: 'kl', title: 'KL', description: 'KL(real ‖ generated) on a grid', unit: 'nats' },
    { name: 'klReverse', title: 'KL reversed', description: 'KL(generated ‖ real) on a grid', unit: 'nats' },
    { name: 'js', title: 'JS', description: 'Jensen–Shannon divergence on a grid', unit: 'nats' },
    { name: 'modesCovered', title: 'Modes covered', description: 'Components with a generated point within 3 sd' },
    { name: 'goodSamples', title: 'Good samples', description: 'Fraction of generated points within 3 sd of a mode' },
    { name: 'criticEstimate', title: 'Critic’s estimate', description: 'E[D(x)] − E[D(G(z))], the critic’s own' },
    { name: 'stepsPerSecond', title: 'Steps per second', description: 'While training', unit: 'steps/s' },
  ],
  check: checkDistribution,
}
