import type { DcganParams } from '../../../shared/experiments/dcgan.ts'
import type { TrainingLoop } from '../../run/context.ts'
import { trainImageGan } from '../train-image-gan.ts'
import { createDcganTrainer } from './step.ts'

/** Trains a DCGAN; a step is one update of the discriminator and one of the generator. */
export const trainDcgan: TrainingLoop<DcganParams> = (run, params) =>
  trainImageGan<DcganParams>(run, params, { createTrainer: createDcganTrainer, batchesPerStep: () => 1 })
