import type { M1M2Params } from '../../../shared/experiments/m1-m2.ts'
import type { StoredState } from '../../../shared/safetensors.ts'
import { prefixed, unprefixed } from '../../engine/parameters.ts'
import type { TrainingLoop } from '../../run/context.ts'
import type { M2Settings } from '../m2/train.ts'
import { trainM2On } from '../m2/train.ts'
import { openImages, preparing, requireClasses } from '../semi-supervised/images.ts'
import { givenModel, withoutOptimiser } from '../semi-supervised/models.ts'
import { openVae } from '../vae/model.ts'
import { featureInputs, loadScale, measureScale, posteriors, storeScale } from './features.ts'

const settings: M2Settings = { neglect: 0.01, labelledPerStep: 100, riseUntil: 0.05, fallFrom: 0.5 }

/**
 * Trains M1+M2 of Kingma et al. 2014 (section 2.3): model M2 on the features that model M1, a VAE, finds in images. Its
 * saved model holds both: `m1/…` are the VAE's weights, `scale/…` how M2 sees its features, the others M2's.
 */
export const trainM1M2: TrainingLoop<M1M2Params> = async (run, params) => {
  const { tf } = run.engine
  const { latent } = params
  const prepare = preparing(run, params.mode === 'load' ? 0 : params.epochs)
  const data = await openImages(run, params, prepare)
  requireClasses(data)
  const saved = params.mode === 'load' ? givenModel(run, 'model', 'm1-m2', params, data).state : null
  const weights = saved ? unprefixed('m1', saved) : givenModel(run, 'vae', 'vae', vaeOf(params), data).state
  const vae = openVae(tf, params, data, weights)

  prepare('Finding the features of all images')
  const train = saved ? null : posteriors(tf, vae, data.train, latent)
  const scale = train ? measureScale(train, latent) : loadScale(unprefixed('scale', saved!))
  const inputs = {
    ...featureInputs(tf, vae, data, latent, scale, train),
    saved: { ...prefixed('m1', withoutOptimiser(vae.state())), ...prefixed('scale', storeScale(scale)) },
  }
  const outcome = await trainM2On(run, 'm1-m2', params, data, inputs, settings, saved && ofM2(saved))
  vae.dispose()
  return outcome
}

/** What the auto-encoder must have been trained as. */
const vaeOf = ({ dataset, hidden, layers, latent }: M1M2Params) => ({ dataset, hidden, layers, latent })

const ofM2 = (saved: StoredState): StoredState =>
  Object.fromEntries(Object.entries(saved).filter(([name]) => !/^(m1|scale)\//.test(name)))
