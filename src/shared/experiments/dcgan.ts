import { z } from 'zod'
import { ganParams } from './gan-params.ts'
import type { ExperimentKind } from './kind.ts'

/** Parameters of a DCGAN (Radford et al. 2015) with the non-saturating loss of Goodfellow et al. 2014. */
export const DcganParams = z.strictObject(
  ganParams({ lr: 2e-4, beta1: 0.5, beta2: 0.999, discriminator: 'Discriminator' }),
)
export type DcganParams = z.infer<typeof DcganParams>

export const dcgan: ExperimentKind<typeof DcganParams> = {
  kind: 'dcgan',
  family: 'images',
  title: 'DCGAN',
  summary: 'Deep convolutional GAN: a discriminator with batch norm tells real from generated images.',
  source: 'Radford et al. 2015, Unsupervised Representation Learning with DCGANs',
  params: DcganParams,
  keyParams: ['width', 'batch', 'lrG', 'lrD', 'seed'],
  presets: {
    quick: {
      title: 'Quick',
      description: 'Recognisable digits in a few minutes on two cores.',
      params: { limit: 12_800, width: 32, epochs: 12, checkpointEvery: 4 },
    },
    reference: {
      title: 'Reference',
      description: 'The networks and settings of the benchmark and the paper.',
      params: {},
    },
  },
  metrics: [
    {
      name: 'discriminatorLoss',
      title: 'Discriminator loss',
      description: '−E[log D(x)] − E[log(1 − D(G(z)))]',
      loss: true,
    },
    { name: 'generatorLoss', title: 'Generator loss', description: '−E[log D(G(z))]', loss: true },
    { name: 'dReal', title: 'D(x)', description: 'Mean probability the discriminator gives real images' },
    { name: 'dFake', title: 'D(G(z))', description: 'Mean probability it gives generated images' },
    {
      name: 'imagesPerSecond',
      title: 'Images per second',
      description: 'Training images through the discriminator',
      unit: 'images/s',
    },
  ],
}
