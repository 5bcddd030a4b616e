import { z } from 'zod'
import { field } from './fields.ts'
import { ganParams } from './gan-params.ts'
import type { ExperimentKind } from './kind.ts'

const { dataset, limit, size, width, latent, batch, ...rest } = ganParams({
  lr: 1e-4,
  beta1: 0.5,
  beta2: 0.9,
  discriminator: 'Critic',
})

/** Parameters of a Wasserstein GAN with gradient penalty (Gulrajani et al. 2017, Algorithm 1). */
export const WganGpParams = z.strictObject({
  dataset,
  limit,
  size,
  width,
  latent,
  batch,
  criticSteps: field(z.number().int().min(1).max(100).default(5), {
    label: 'Critic steps',
    description: 'Critic updates before each generator update (n_critic).',
    unit: 'steps',
    group: 'Training',
    step: 1,
  }),
  penaltyWeight: field(z.number().min(0).max(10_000).default(10), {
    label: 'Penalty weight λ',
    description: 'Weight of the gradient penalty (‖∇D(x̂)‖₂ − 1)² in the critic’s loss.',
    group: 'Training',
    step: 1,
  }),
  ...rest,
})
export type WganGpParams = z.infer<typeof WganGpParams>

export const wganGp: ExperimentKind<typeof WganGpParams> = {
  kind: 'wgan-gp',
  family: 'images',
  title: 'WGAN-GP',
  summary: 'Wasserstein GAN with gradient penalty: a critic estimates how far generated images are from real ones.',
  source: 'Gulrajani et al. 2017, Improved Training of Wasserstein GANs, Algorithm 1',
  params: WganGpParams,
  keyParams: ['width', 'criticSteps', 'batch', 'lrG', 'seed'],
  presets: {
    quick: {
      title: 'Quick',
      description: 'Recognisable digits in a few minutes on two cores.',
      params: { limit: 12_800, width: 24, criticSteps: 2, epochs: 18, lrG: 3e-4, lrD: 3e-4, checkpointEvery: 6 },
    },
    reference: {
      title: 'Reference',
      description: 'The networks and settings of the benchmark and the paper.',
      params: {},
    },
  },
  metrics: [
    { name: 'criticLoss', title: 'Critic loss', description: 'E[D(G(z))] − E[D(x)] + λ · penalty', loss: true },
    { name: 'generatorLoss', title: 'Generator loss', description: '−E[D(G(z))]', loss: true },
    {
      name: 'wassersteinEstimate',
      title: 'Wasserstein estimate',
      description: 'E[D(x)] − E[D(G(z))], the critic’s own',
    },
    { name: 'gradientPenalty', title: 'Gradient penalty', description: 'E[(‖∇D(x̂)‖₂ − 1)²], before its weight' },
    { name: 'gradientNorm', title: 'Gradient norm', description: 'E[‖∇D(x̂)‖₂]' },
    {
      name: 'imagesPerSecond',
      title: 'Images per second',
      description: 'Training images through the critic',
      unit: 'images/s',
    },
  ],
}
