import { z } from 'zod'
import { field } from './fields.ts'
import { checkpointEveryParam } from './interval.ts'

const learningRate = (label: string, of: string, value: number) =>
  field(z.number().gt(0).max(1).default(value), {
    label,
    description: `Adam's step size for the ${of}.`,
    group: 'Optimiser',
    logarithmic: true,
  })

/** The parameters that the two image GANs share; defaults are those of the reference networks. */
export const ganParams = (defaults: { lr: number; beta1: number; beta2: number; discriminator: string }) => ({
  dataset: field(z.string().min(1).default('mnist'), {
    label: 'Data set',
    description: 'A data set by its id: mnist, fashion-mnist, or an imported image folder.',
    group: 'Data',
  }),
  limit: field(z.number().int().min(0).max(10_000_000).default(0), {
    label: 'Training images',
    description: 'Train on the first this many images of the set; 0 is all of them.',
    unit: 'images',
    group: 'Data',
    step: 1000,
  }),
  size: field(z.literal([28, 32, 64]).default(28), {
    label: 'Image size',
    description: 'Height and width of the images; a set of another size is resized.',
    unit: 'px',
    group: 'Data',
  }),
  width: field(z.number().int().min(1).max(512).default(64), {
    label: 'Width',
    description: 'Channels d of the widest-resolution layer; the others have 2d and 4d.',
    unit: 'channels',
    group: 'Networks',
    step: 8,
  }),
  latent: field(z.number().int().min(1).max(4096).default(128), {
    label: 'Latent size',
    description: 'Dimensions of the noise z ~ N(0, I).',
    unit: 'dimensions',
    group: 'Networks',
    step: 16,
  }),
  batch: field(z.number().int().min(2).max(4096).default(64), {
    label: 'Batch',
    description: 'Images per step, real and generated each.',
    unit: 'images',
    group: 'Training',
    step: 16,
  }),
  epochs: field(z.number().int().min(1).max(100_000).default(50), {
    label: 'Epochs',
    description: 'Passes over the training images.',
    unit: 'epochs',
    group: 'Training',
    step: 1,
  }),
  seed: field(z.number().int().min(0).max(2_147_483_647).default(0), {
    label: 'Seed',
    description: 'Every random number of the run is a function of it: same seed, same run.',
    group: 'Training',
    step: 1,
  }),
  lrG: learningRate('Generator learning rate', 'generator', defaults.lr),
  lrD: learningRate(`${defaults.discriminator} learning rate`, defaults.discriminator.toLowerCase(), defaults.lr),
  beta1: field(z.number().min(0).lt(1).default(defaults.beta1), {
    label: 'Adam β₁',
    description: "Decay of Adam's first moment.",
    group: 'Optimiser',
    step: 0.05,
  }),
  beta2: field(z.number().min(0).lt(1).default(defaults.beta2), {
    label: 'Adam β₂',
    description: "Decay of Adam's second moment.",
    group: 'Optimiser',
    step: 0.01,
  }),
  sampleEvery: field(z.number().int().min(1).max(100_000).default(1), {
    label: 'Samples every',
    description: 'Draw a grid from the same fixed noise after this many epochs.',
    unit: 'epochs',
    group: 'Record',
    step: 1,
  }),
  checkpointEvery: checkpointEveryParam('epochs', 5, 1),
})
