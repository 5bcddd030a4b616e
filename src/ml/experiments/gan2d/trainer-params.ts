import type { Params } from '../../../shared/experiments/index.ts'
import type { Gan2dParams } from '../../../shared/experiments/gan2d.ts'
import type { GanLossName } from '../../models/gan-losses.ts'
import type { PlaneGanParams } from './params.ts'

const losses: Record<Gan2dParams['loss'], GanLossName> = {
  'non-saturating': 'nonSaturating',
  saturating: 'saturating',
  'least-squares': 'leastSquares',
  'wgan-gp': 'wganGp',
  'wgan-clip': 'wganClip',
  hinge: 'hinge',
}

/** A run's parameters as the trainer takes them. */
export function toTrainerParams(params: Params): PlaneGanParams {
  const { loss, layers, width, ...rest } = params as unknown as Gan2dParams
  const hidden = Array.from({ length: layers }, () => width)
  const { latent, noise, activation, batch, penaltyWeight, clip, discriminatorSteps, generatorSteps } = rest
  const { optimiser, lrG, lrD, beta1, beta2, seed } = rest
  return {
    latent,
    noise,
    generatorHidden: hidden,
    discriminatorHidden: hidden,
    activation,
    batch,
    loss: losses[loss],
    penaltyWeight,
    clip,
    discriminatorSteps,
    generatorSteps,
    optimiser,
    lrG,
    lrD,
    beta1,
    beta2,
    seed,
  }
}
