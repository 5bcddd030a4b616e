import type { M1M2Params } from '../../../shared/experiments/m1-m2.ts'
import type { StoredState } from '../../../shared/safetensors.ts'
import type { TrainingLoop } from '../../run/context.ts'
import { trainM2On } from '../m2/train.ts'
import { openImages, preparing, requireClasses } from '../semi-supervised/images.ts'
import { givenModel, withoutOptimiser } from '../semi-supervised/models.ts'
import { prefixed, unprefixed } from '../../engine/parameters.ts'
import { openVae } from '../vae/model.ts'
import { createFeatures } from './features.ts'

/** Trains M1+M2 of Kingma et al. 2014 (section 2.3): model M2 on the features that model M1, a VAE, finds in images. */
export const trainM1M2: TrainingLoop<M1M2Params> = async (run, params) => {
  const { tf } = run.engine
  const prepare = preparing(run, params.mode === 'load' ? 0 : params.epochs)
  const data = await openImages(run, params, prepare)
  requireClasses(data)
  const saved = params.mode === 'load' ? givenModel(run, 'model', 'm1-m2', params, data).state : null
  const weights: StoredState = saved
    ? unprefixed('m1', saved)
    : givenModel(run, 'vae', 'vae', vaeOf(params), data).state
  const kept = weights['kept']
  delete weights['kept']
  const vae = openVae(tf, params, data, weights)
  prepare('Finding the features of all images')
  const features = createFeatures(tf, vae, data, params.latent, kept?.data ?? null)
  features.inputs.saved = prefixed('m1', { ...withoutOptimiser(vae.state()), kept: features.kept })
  const own = saved && Object.fromEntries(Object.entries(saved).filter(([name]) => !name.startsWith('m1/')))
  const outcome = await trainM2On(
    run,
    'm1-m2',
    params,
    data,
    features.inputs,
    { neglect: 0.001, constantShare: 0.5 },
    own,
  )
  vae.dispose()
  return outcome
}

/** What the auto-encoder must have been trained as. */
const vaeOf = ({ dataset, hidden, layers, latent }: M1M2Params) => ({ dataset, hidden, layers, latent })
