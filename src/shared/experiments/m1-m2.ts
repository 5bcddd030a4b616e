import { z } from 'zod'
import type { ExperimentKind } from './kind.ts'
import { m2Metrics, m2NetworkParams } from './m2.ts'
import {
  adamParams,
  batchParam,
  checkLabels,
  checkSavedModel,
  dataParams,
  epochsParam,
  labelParams,
  needsVae,
  recordParams,
  savedModelParams,
  seedParam,
  vaeNetworkParams,
  vaeTrainingParams,
} from './semi-supervised-params.ts'
import { defaultVaeParams } from './vae-svm.ts'

/** Parameters of the stacked model: M2 on the features of M1 (Kingma et al. 2014, section 2.3). */
export const M1M2Params = z.strictObject({
  ...dataParams,
  ...labelParams,
  ...vaeNetworkParams,
  ...m2NetworkParams({ units: 300, classLatent: 10, alpha: 1 }),
  batch: batchParam(400),
  ...vaeTrainingParams(100),
  epochs: epochsParam(200),
  seed: seedParam,
  ...adamParams(1e-2),
  ...recordParams,
  ...savedModelParams,
})
export type M1M2Params = z.infer<typeof M1M2Params>

export const m1M2: ExperimentKind<typeof M1M2Params> = {
  kind: 'm1-m2',
  family: 'semi-supervised',
  title: 'M1+M2',
  summary: 'Stacked: the class-conditional model on the features of a VAE; the paper’s best.',
  source: 'Kingma et al. 2014, Semi-supervised Learning with Deep Generative Models, section 2.3',
  params: M1M2Params,
  keyParams: ['dataset', 'labels', 'labelSeed', 'alpha', 'epochs', 'seed'],
  presets: {
    quick: { title: 'Quick', description: 'Under half a minute on two cores.', params: { vaeEpochs: 6, epochs: 8 } },
    reference: { title: 'Reference', description: 'The paper’s stacked model.', params: {} },
  },
  metrics: m2Metrics,
  check: (params) => [...checkLabels(params), ...checkSavedModel(params)],
  needs: (params) => needsVae(params, defaultVaeParams()),
}
