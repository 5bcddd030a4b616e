import { z } from 'zod'
import { classificationMetrics } from './classification-metrics.ts'
import { describeFields, field } from './fields.ts'
import type { Params } from './fields.ts'
import type { ExperimentKind } from './kind.ts'
import {
  checkLabels,
  checkSavedModel,
  dataParams,
  labelParams,
  needsVae,
  savedModelParams,
  seedParam,
  vaeNetworkParams,
  vaeTrainingParams,
} from './semi-supervised-params.ts'
import { VaeParams } from './vae.ts'

/** Parameters of a support vector machine on the features of a variational auto-encoder (Kingma et al. 2014, section 2.1). */
export const VaeSvmParams = z.strictObject({
  ...dataParams,
  ...labelParams,
  ...vaeNetworkParams,
  features: field(z.enum(['latent', 'hidden']).default('hidden'), {
    label: 'Features',
    description:
      'latent: the mean of q(z | x), as in the paper and the homework. hidden: the encoder’s last hidden layer, standardised, which holds more of the class.',
    group: 'Classifier',
  }),
  kernel: field(z.enum(['linear', 'rbf']).default('linear'), {
    label: 'Kernel',
    description: 'linear: on the features themselves. rbf: on random Fourier features of a Gaussian kernel.',
    group: 'Classifier',
  }),
  transductive: field(z.boolean().default(false), {
    label: 'Transductive',
    description: 'Use the features of the unlabelled training images as well.',
    group: 'Classifier',
  }),
  c: field(z.number().gt(0).max(1e6).default(1), {
    label: 'C',
    description: 'Weight of the errors against the margin.',
    group: 'Classifier',
    logarithmic: true,
  }),
  gamma: field(z.number().min(0).max(1e6).default(0), {
    label: 'γ',
    description: 'Width of the Gaussian kernel exp(−γ‖x − y‖²); 0 takes it from the median distance.',
    group: 'Classifier',
    logarithmic: true,
  }),
  components: field(z.number().int().min(10).max(20_000).default(1000), {
    label: 'Fourier features',
    description: 'Random features that stand for the Gaussian kernel.',
    group: 'Classifier',
    step: 100,
  }),
  ...vaeTrainingParams(30),
  seed: seedParam,
  ...savedModelParams,
})
export type VaeSvmParams = z.infer<typeof VaeSvmParams>

/** The defaults of the auto-encoder; read when first asked for. */
let vaeDefaults: Params | undefined
export const defaultVaeParams = (): Params =>
  (vaeDefaults ??= Object.fromEntries(describeFields(VaeParams).map((f) => [f.name, f.default])))

export const vaeSvm: ExperimentKind<typeof VaeSvmParams> = {
  kind: 'vae-svm',
  family: 'semi-supervised',
  title: 'VAE + SVM (M1)',
  summary: 'A support vector machine on features that a VAE learnt without labels; it trains the VAE if there is none.',
  source: 'Kingma et al. 2014, Semi-supervised Learning with Deep Generative Models, section 2.1',
  params: VaeSvmParams,
  keyParams: ['dataset', 'labels', 'labelSeed', 'features', 'kernel', 'transductive', 'seed'],
  presets: {
    quick: {
      title: 'Quick',
      description: 'On the features of the quick VAE.',
      params: { vaeEpochs: 6 },
    },
    reference: {
      title: 'Reference',
      description: 'A linear SVM on the features of the reference VAE.',
      params: {},
    },
    homework: {
      title: 'Homework',
      description: 'A linear SVM on the latent means, as LinearSVC on them.',
      params: { features: 'latent' },
    },
    transductive: {
      title: 'Transductive',
      description: 'The paper’s M1+TSVM: a Gaussian kernel, and the unlabelled images as well.',
      params: { features: 'latent', kernel: 'rbf', transductive: true },
    },
  },
  metrics: classificationMetrics,
  check: (params) => [...checkLabels(params), ...checkSavedModel(params)],
  needs: (params) => needsVae(params, defaultVaeParams()),
}
