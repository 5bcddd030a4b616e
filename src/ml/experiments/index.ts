import type { Params } from '../../shared/experiments/index.ts'
import type { TrainingLoop } from '../run/context.ts'
import { trainDcgan } from './dcgan/index.ts'
import { trainDivergences } from './divergences/index.ts'
import { trainGan2d } from './gan2d/index.ts'
import { trainM1M2 } from './m1-m2/index.ts'
import { trainM2 } from './m2/index.ts'
import { trainVaeSvm } from './vae-svm/index.ts'
import { trainVae } from './vae/index.ts'
import { trainWganGp } from './wgan-gp/index.ts'

/** The training loop of each kind; their parameters are checked against the kind's schema before they get here. */
export const trainingLoops: Record<string, TrainingLoop<Params>> = {
  'wgan-gp': trainWganGp as unknown as TrainingLoop<Params>,
  dcgan: trainDcgan as unknown as TrainingLoop<Params>,
  vae: trainVae as unknown as TrainingLoop<Params>,
  'vae-svm': trainVaeSvm as unknown as TrainingLoop<Params>,
  m2: trainM2 as unknown as TrainingLoop<Params>,
  'm1-m2': trainM1M2 as unknown as TrainingLoop<Params>,
  gan2d: trainGan2d as unknown as TrainingLoop<Params>,
  divergences: trainDivergences as unknown as TrainingLoop<Params>,
}
