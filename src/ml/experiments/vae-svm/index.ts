import type { VaeSvmParams } from '../../../shared/experiments/vae-svm.ts'
import { prefixed, unprefixed } from '../../engine/parameters.ts'
import { chooseLabelled } from '../../datasets/label-split.ts'
import {
  fitSvmClassifier,
  loadSvmClassifier,
  predictSvmClassifier,
  storeSvmClassifier,
} from '../../models/svm-classifier.ts'
import type { SvmClassifier } from '../../models/svm-classifier.ts'
import type { TrainingLoop } from '../../run/context.ts'
import { reportClassification } from '../semi-supervised/classified.ts'
import { openImages, overAll, preparing, requireClasses } from '../semi-supervised/images.ts'
import { givenModel, headerOf, withoutOptimiser } from '../semi-supervised/models.ts'
import { openVae, saveFeatures } from '../vae/model.ts'

/**
 * Model M1 of Kingma et al. 2014 (section 2.1): a support vector machine on what the encoder of a trained variational
 * auto-encoder makes of images (the means of q(z | x), or its last hidden layer), fitted to those whose classes are known. One step in all: there is nothing to resume.
 */
export const trainVaeSvm: TrainingLoop<VaeSvmParams> = async (run, params) => {
  const { log } = run
  const { tf } = run.engine
  const { latent } = params
  const prepare = preparing(run, 1)
  const data = await openImages(run, params, prepare)
  const { train: classOf, test } = requireClasses(data)
  const saved = params.mode === 'load' ? givenModel(run, 'model', 'vae-svm', params, data).state : null
  const labelled = saved ? null : chooseLabelled(classOf, data.classes, params.labels, params.labelSeed)

  prepare('Finding the features of all images')
  const vaeWeights = saved ? unprefixed('m1', saved) : givenModel(run, 'vae', 'vae', vaeOf(params), data).state
  const vae = openVae(tf, params, data, vaeWeights)
  const testLatents = finite(overAll(tf, test, latent, vae.features))
  const hidden = params.features === 'hidden'
  const width = hidden ? params.hidden : latent
  const testFeatures = hidden ? finite(overAll(tf, test, width, vae.hidden)) : testLatents
  let classifier: SvmClassifier
  if (labelled) {
    const features = finite(overAll(tf, data.train, width, hidden ? vae.hidden : vae.features))
    log.info(
      `Fitting to ${labelled.length} images of ${data.manifest.title} with labels` +
        (params.transductive ? ` and ${data.train.count - labelled.length} without.` : '.'),
    )
    const progress = { step: 0, totalSteps: 1, epochs: 1, stepsPerSecond: null, etaSeconds: null }
    classifier = await fitSvmClassifier(
      tf,
      {
        kernel: params.kernel,
        transductive: params.transductive,
        C: params.c,
        gamma: params.gamma,
        components: params.components,
        seed: params.seed,
        // Latent means have their scale by the prior; hidden units have any.
        standardise: hidden ? 'unit' : false,
      },
      {
        x: rowsAt(features, width, labelled),
        labels: Int32Array.from(labelled, (place) => classOf[place]!),
        rows: labelled.length,
        features: width,
      },
      { x: features, rows: data.train.count },
      (fraction, message) => log.progress({ ...progress, epoch: fraction, message }),
    )
  } else {
    log.info('Measuring the saved model; nothing is trained.')
    classifier = loadSvmClassifier(unprefixed('svm', saved!))
  }
  if (run.command() === 'stop') return { status: 'stopped', step: 0 }

  const predicted = predictSvmClassifier(tf, classifier, testFeatures, test.count)
  const at = { step: 1, epoch: 1 }
  reportClassification(run, at, data, test.labels, predicted)
  saveFeatures(run, at.step, testLatents, latent)
  run.saveModel(at.step, {
    header: headerOf('vae-svm', params, data),
    state: {
      ...prefixed('m1', withoutOptimiser(vae.state())),
      ...prefixed('svm', storeSvmClassifier(classifier)),
    },
  })
  vae.dispose()
  log.progress({ step: 1, totalSteps: 1, epoch: 1, epochs: 1, stepsPerSecond: null, etaSeconds: null, message: null })
  return { status: 'done', step: at.step }
}

/** What the auto-encoder must have been trained as. */
const vaeOf = ({ dataset, hidden, layers, latent }: VaeSvmParams) => ({ dataset, hidden, layers, latent })

function rowsAt(rows: Float32Array, width: number, places: Uint32Array): Float32Array {
  const chosen = new Float32Array(places.length * width)
  places.forEach((place, i) => chosen.set(rows.subarray(place * width, (place + 1) * width), i * width))
  return chosen
}

/** @throws Error if a feature is not finite */
function finite(features: Float32Array): Float32Array {
  if (features.every((value) => Number.isFinite(value))) return features
  throw new Error('The auto-encoder gives features that are not finite; its training went astray. Train it again.')
}
