import { z } from 'zod'
import { classificationMetrics } from './classification-metrics.ts'
import { field } from './fields.ts'
import type { ExperimentKind, MetricInfo } from './kind.ts'
import {
  adamParams,
  batchParam,
  checkLabels,
  checkSavedModel,
  dataParams,
  epochsParam,
  labelParams,
  recordParams,
  savedModelParams,
  seedParam,
} from './semi-supervised-params.ts'

/** The class-conditional model's own parameters, shared by M2 and M1+M2 but for their defaults. */
export const m2NetworkParams = (defaults: { units: number; classLatent: number; alpha: number }) => ({
  units: field(z.number().int().min(1).max(4096).default(defaults.units), {
    label: 'Hidden units',
    description: 'Units of the hidden layer of q(y | x), q(z | x, y) and p(x | y, z) each.',
    unit: 'units',
    group: 'Networks',
    step: 50,
  }),
  classLatent: field(z.number().int().min(1).max(1024).default(defaults.classLatent), {
    label: 'Latent size of M2',
    description: 'Dimensions of z ~ N(0, I), which holds what the class does not say.',
    unit: 'dimensions',
    group: 'Networks',
    step: 1,
  }),
  alpha: field(z.number().min(0).max(1000).default(defaults.alpha), {
    label: 'α',
    description: 'Weight of the classification loss on labelled images, times the number of images (equation 9).',
    group: 'Training',
    logarithmic: true,
  }),
})

export const m2Metrics: MetricInfo[] = [
  { name: 'loss', title: 'Loss', description: 'J^α of equation 9, per image', unit: 'nats/image', loss: true },
  { name: 'labelledBound', title: 'Labelled bound', description: 'L(x, y), equation 6', unit: 'nats/image' },
  { name: 'unlabelledBound', title: 'Unlabelled bound', description: 'U(x), equation 7', unit: 'nats/image' },
  { name: 'classification', title: 'Classification loss', description: '−log q(y | x) of labelled images' },
  {
    name: 'testAccuracy',
    title: 'Test accuracy',
    description: 'On all test images, after each epoch; shown, never used',
  },
  ...classificationMetrics,
  { name: 'imagesPerSecond', title: 'Images per second', description: 'Training images', unit: 'images/s' },
]

/** Parameters of the class-conditional generative model (Kingma et al. 2014, section 2.2). */
export const M2Params = z.strictObject({
  ...dataParams,
  ...labelParams,
  ...m2NetworkParams({ units: 500, classLatent: 50, alpha: 10 }),
  batch: batchParam(200),
  epochs: epochsParam(30),
  seed: seedParam,
  ...adamParams(5e-3),
  ...recordParams,
  ...savedModelParams,
})
export type M2Params = z.infer<typeof M2Params>

export const m2: ExperimentKind<typeof M2Params> = {
  kind: 'm2',
  family: 'semi-supervised',
  title: 'M2',
  summary: 'Class-conditional generative model: class and style of an image are learnt together from few labels.',
  source: 'Kingma et al. 2014, Semi-supervised Learning with Deep Generative Models, section 2.2',
  params: M2Params,
  keyParams: ['dataset', 'labels', 'labelSeed', 'alpha', 'epochs', 'seed'],
  presets: {
    quick: { title: 'Quick', description: 'Under half a minute on two cores.', params: { epochs: 2 } },
    reference: { title: 'Reference', description: 'The paper’s model.', params: {} },
  },
  metrics: m2Metrics,
  check: (params) => [...checkLabels(params), ...checkSavedModel(params)],
}
