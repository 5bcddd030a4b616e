import type { Params } from '../../shared/experiments/index.ts'
import type { TrainingLoop } from '../run/context.ts'
import { trainDcgan } from './dcgan/index.ts'
import { trainWganGp } from './wgan-gp/index.ts'

/** The training loop of each kind; their parameters are checked against the kind's schema before they get here. */
export const trainingLoops: Record<string, TrainingLoop<Params>> = {
  'wgan-gp': trainWganGp as unknown as TrainingLoop<Params>,
  dcgan: trainDcgan as unknown as TrainingLoop<Params>,
}
