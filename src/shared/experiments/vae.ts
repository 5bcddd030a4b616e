import { z } from 'zod'
import type { ExperimentKind } from './kind.ts'
import {
  adamParams,
  batchParam,
  checkSavedModel,
  dataParams,
  epochsParam,
  recordParams,
  savedModelParams,
  seedParam,
  vaeNetworkParams,
} from './semi-supervised-params.ts'

/** Parameters of a variational auto-encoder (Kingma and Welling 2014; model M1 of Kingma et al. 2014). */
export const VaeParams = z.strictObject({
  ...dataParams,
  ...vaeNetworkParams,
  batch: batchParam(128),
  epochs: epochsParam(30),
  seed: seedParam,
  ...adamParams(1e-3),
  ...recordParams,
  ...savedModelParams,
})
export type VaeParams = z.infer<typeof VaeParams>

export const vae: ExperimentKind<typeof VaeParams> = {
  kind: 'vae',
  family: 'semi-supervised',
  title: 'VAE (M1)',
  summary: 'Variational auto-encoder: learns features of images without any labels, and draws new ones.',
  source: 'Kingma et al. 2014, Semi-supervised Learning with Deep Generative Models, model M1',
  params: VaeParams,
  keyParams: ['dataset', 'latent', 'hidden', 'epochs', 'seed'],
  presets: {
    quick: {
      title: 'Quick',
      description: 'Useful features in under a minute on two cores.',
      params: { epochs: 6 },
    },
    map: {
      title: 'Map',
      description: 'Two latent dimensions, to be drawn as a map.',
      params: { latent: 2, epochs: 20 },
    },
    reference: {
      title: 'Reference',
      description: '784-600-600-50, as in the paper and the benchmark.',
      params: {},
    },
  },
  metrics: [
    { name: 'loss', title: 'Loss', description: '−ELBO = reconstruction + KL', unit: 'nats/image', loss: true },
    {
      name: 'testLoss',
      title: 'Test loss',
      description: '−ELBO of the test images, after each epoch',
      unit: 'nats/image',
      loss: true,
    },
    { name: 'reconstruction', title: 'Reconstruction', description: '−E[log p(x | z)]', unit: 'nats/image' },
    { name: 'kl', title: 'KL', description: 'KL(q(z | x) ‖ N(0, I))', unit: 'nats/image' },
    { name: 'elbo', title: 'ELBO', description: 'E[log p(x | z)] − KL', unit: 'nats/image' },
    { name: 'imagesPerSecond', title: 'Images per second', description: 'Training images', unit: 'images/s' },
  ],
  check: checkSavedModel,
}
