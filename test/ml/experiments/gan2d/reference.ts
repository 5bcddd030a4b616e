import type { PlaneGanParams } from '../../../../src/ml/experiments/gan2d/params.ts'

/** The reference network of the step benchmark. */
export const reference: PlaneGanParams = {
  latent: 2,
  noise: 'uniform',
  generatorHidden: [8, 8],
  discriminatorHidden: [8, 8],
  activation: 'relu',
  batch: 150,
  loss: 'nonSaturating',
  penaltyWeight: 1,
  clip: 0.1,
  discriminatorSteps: 1,
  generatorSteps: 1,
  optimiser: 'adam',
  lrG: 1e-3,
  lrD: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  seed: 1,
}
