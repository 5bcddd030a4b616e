import { z } from 'zod'
import { field } from './fields.ts'
import type { FieldError, Params } from './fields.ts'
import { checkpointEveryParam } from './interval.ts'
import type { Need } from './kind.ts'

/** Parameters that the four kinds of semi-supervised learning share, by what they are about. */

export const dataParams = {
  dataset: field(z.string().min(1).default('mnist'), {
    label: 'Data set',
    description: 'A data set by its id: mnist, fashion-mnist, or an imported image folder.',
    group: 'Data',
  }),
  limit: field(z.number().int().min(0).max(10_000_000).default(0), {
    label: 'Training images',
    description: 'Learn from the first this many images of the set; 0 is all of them. Test images are never cut.',
    unit: 'images',
    group: 'Data',
    step: 1000,
  }),
}

export const labelParams = {
  labels: field(z.number().int().min(1).max(10_000_000).default(100), {
    label: 'Labels',
    description:
      'Training images whose class is known, equally many of each class; what is left over goes to the first classes of a random order.',
    unit: 'images',
    group: 'Labels',
    step: 100,
  }),
  labelSeed: field(z.number().int().min(0).max(2_147_483_647).default(0), {
    label: 'Label seed',
    description: 'Which images are the labelled ones: a function of this number alone.',
    group: 'Labels',
    step: 1,
  }),
}

/** The variational auto-encoder's network: DESIGN's 784-600-600-50 by default. */
export const vaeNetworkParams = {
  hidden: field(z.number().int().min(1).max(4096).default(600), {
    label: 'Hidden units',
    description: 'Units of each hidden layer of the encoder and the decoder.',
    unit: 'units',
    group: 'Networks',
    step: 50,
  }),
  layers: field(z.number().int().min(1).max(8).default(2), {
    label: 'Hidden layers',
    description: 'Hidden layers of the encoder, and as many of the decoder.',
    unit: 'layers',
    group: 'Networks',
    step: 1,
  }),
  latent: field(z.number().int().min(1).max(1024).default(50), {
    label: 'Latent size',
    description: 'Dimensions of z ~ N(0, I); 2 can be drawn as a map.',
    unit: 'dimensions',
    group: 'Networks',
    step: 1,
  }),
}

/** How the auto-encoder is trained where it is a part of something else. */
export const vaeTrainingParams = (epochs: number) => ({
  vaeEpochs: field(z.number().int().min(1).max(100_000).default(epochs), {
    label: 'VAE epochs',
    description: 'Epochs of the auto-encoder whose features are used; one that was trained just so is used again.',
    unit: 'epochs',
    group: 'Training',
    step: 10,
  }),
})

export const seedParam = field(z.number().int().min(0).max(2_147_483_647).default(0), {
  label: 'Seed',
  description: 'Every random number of the run, but for the choice of labels, is a function of it.',
  group: 'Training',
  step: 1,
})

export const adamParams = (learningRate: number) => ({
  learningRate: field(z.number().gt(0).max(1).default(learningRate), {
    label: 'Learning rate',
    description: 'Adam’s step size.',
    group: 'Optimiser',
    logarithmic: true,
  }),
  beta1: field(z.number().min(0).lt(1).default(0.9), {
    label: 'Adam β₁',
    description: "Decay of Adam's first moment.",
    group: 'Optimiser',
    step: 0.05,
  }),
  beta2: field(z.number().min(0).lt(1).default(0.999), {
    label: 'Adam β₂',
    description: "Decay of Adam's second moment.",
    group: 'Optimiser',
    step: 0.001,
  }),
})

export const epochsParam = (epochs: number) =>
  field(z.number().int().min(1).max(100_000).default(epochs), {
    label: 'Epochs',
    description: 'Passes over the training images.',
    unit: 'epochs',
    group: 'Training',
    step: 1,
  })

export const batchParam = (batch: number) =>
  field(z.number().int().min(2).max(16_384).default(batch), {
    label: 'Batch',
    description: 'Images per step.',
    unit: 'images',
    group: 'Training',
    step: 16,
  })

export const recordParams = {
  sampleEvery: field(z.number().int().min(1).max(100_000).default(1), {
    label: 'Samples every',
    description: 'Draw the sample grids after this many epochs.',
    unit: 'epochs',
    group: 'Record',
    step: 1,
  }),
  checkpointEvery: checkpointEveryParam('epochs', 10, 1),
}

export const savedModelParams = {
  mode: field(z.enum(['train', 'load']).default('train'), {
    label: 'Mode',
    description: 'Train the model, or load a saved one and only measure it.',
    group: 'Saved model',
  }),
  model: field(z.string().max(4096).default(''), {
    label: 'Saved model',
    description: 'To load: the id of a run of this library, or the path of an exported model file.',
    group: 'Saved model',
  }),
}

/** What `mode` and `model` must be together. */
export function checkSavedModel({ mode, model }: Params): FieldError[] {
  if (mode === 'load' && model === '')
    return [{ name: 'model', message: 'model must name a run or a model file when mode is load; it is empty.' }]
  if (mode === 'train' && model !== '')
    return [{ name: 'model', message: 'model must be empty when mode is train; set mode to load to use a saved one.' }]
  return []
}

/** What a budget of labels must be; what depends on the data is checked when they are opened. */
export function checkLabels({ labels, limit }: Params): FieldError[] {
  return Number(limit) > 0 && Number(labels) > Number(limit)
    ? [
        {
          name: 'labels',
          message: `labels must be at most the number of training images (limit is ${limit}), not ${labels}.`,
        },
      ]
    : []
}

/** The auto-encoder that a run with these parameters takes its features from. `defaults` are those of kind `vae`. */
export function needsVae(params: Params, defaults: Params): Need[] {
  if (params.mode === 'load') return []
  const shared = ['dataset', 'limit', 'hidden', 'layers', 'latent', 'seed'].map((name) => [name, params[name]!])
  return [
    { role: 'vae', kind: 'vae', params: { ...defaults, ...Object.fromEntries(shared), epochs: params.vaeEpochs! } },
  ]
}
