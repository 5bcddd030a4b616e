import type { M2Params } from '../../../shared/experiments/m2.ts'
import type { TrainingLoop } from '../../run/context.ts'
import { openImages, overAll, pixelsAt, preparing, requireClasses } from '../semi-supervised/images.ts'
import { givenModel } from '../semi-supervised/models.ts'
import type { M2Inputs } from './inputs.ts'
import { trainM2On } from './train.ts'
import type { M2Settings } from './train.ts'

const settings: M2Settings = { neglect: 0.01, labelledPerStep: Infinity, riseUntil: 0.05, fallFrom: 0.5 }

/** Trains the class-conditional generative model M2 of Kingma et al. 2014 on the pixels of images. */
export const trainM2: TrainingLoop<M2Params> = async (run, params) => {
  const { tf } = run.engine
  const prepare = preparing(run, params.mode === 'load' ? 0 : params.epochs)
  const data = await openImages(run, params, prepare)
  const { test } = requireClasses(data)
  const saved = params.mode === 'load' ? givenModel(run, 'model', 'm2', params, data).state : null
  prepare('Building the networks')
  const inputs: M2Inputs = {
    width: data.height * data.width * data.channels,
    likelihood: 'bernoulli',
    train: (places) => ({ x: pixelsAt(tf, data.train, places) }),
    overTest: (width, f) => overAll(tf, test, width, f),
    firstOfTest: (count) => pixelsAt(tf, test, [...Array(count).keys()]),
    pixels: (rows) => rows,
    saved: {},
  }
  return await trainM2On(run, 'm2', params, data, inputs, settings, saved)
}
