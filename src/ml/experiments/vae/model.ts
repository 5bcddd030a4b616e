import type * as Tfjs from '@tensorflow/tfjs'
import type { VaeParams } from '../../../shared/experiments/vae.ts'
import { artifactNames, safetensorsType } from '../../../shared/results.ts'
import { encodeSafetensors } from '../../../shared/safetensors.ts'
import type { StoredState } from '../../../shared/safetensors.ts'
import type { OpenedDataset } from '../../datasets/open-dataset.ts'
import type { RunContext } from '../../run/context.ts'
import { withFreshOptimiser } from '../semi-supervised/models.ts'
import { createVaeTrainer } from './step.ts'
import type { VaeTrainer } from './step.ts'

/** The network of the parameters, for images of a set. */
export const vaeShape = (
  { hidden, layers, latent }: Pick<VaeParams, 'hidden' | 'layers' | 'latent'>,
  { height, width, channels }: OpenedDataset,
) => ({ pixels: height * width * channels, hidden: Array<number>(layers).fill(hidden), latent })

/** Leaves the features of the test images with a run, [images, latent]. */
export function saveFeatures(run: RunContext, step: number, features: Float32Array, latent: number): void {
  const description = 'The mean of q(z | x) of each test image, in the order of the set'
  run.artifact(
    step,
    { name: artifactNames.features, mediaType: safetensorsType, description },
    encodeSafetensors({ features: { shape: [features.length / latent, latent], data: features } }, {}),
  )
}

/** A trained auto-encoder out of a saved model, to take features from; the caller disposes it. */
export function openVae(
  tf: typeof Tfjs,
  params: Pick<VaeParams, 'hidden' | 'layers' | 'latent' | 'seed'>,
  data: OpenedDataset,
  weights: StoredState,
): VaeTrainer {
  const unused = { learningRate: 0, beta1: 0.9, beta2: 0.999 }
  const trainer = createVaeTrainer(tf, { ...unused, ...vaeShape(params, data), seed: params.seed })
  trainer.load(withFreshOptimiser(weights))
  return trainer
}
