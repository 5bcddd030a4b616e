import type { WganGpParams } from '../../../shared/experiments/wgan-gp.ts'
import type { TrainingLoop } from '../../run/context.ts'
import { trainImageGan } from '../train-image-gan.ts'
import { createWganGpTrainer } from './step.ts'

/** Trains a WGAN-GP; a step is one iteration: `criticSteps` critic updates and one of the generator. */
export const trainWganGp: TrainingLoop<WganGpParams> = (run, params) =>
  trainImageGan<WganGpParams>(run, params, { createTrainer: createWganGpTrainer, batchesPerStep: (p) => p.criticSteps })
