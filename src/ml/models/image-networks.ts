import type { Tensor } from '@tensorflow/tfjs'
import { seedWords, streamNumber } from '../engine/philox.ts'
import { normals, uniforms } from '../engine/random.ts'
import type { StoredArray, StoredState } from '../engine/parameters.ts'

export interface ImageShape {
  height: number
  width: number
  channels: number
}

/** What fixes the two networks of an image GAN; see the reference networks in the documentation. */
export interface NetworkShape {
  image: ImageShape
  /** d: channels of the layer next to the image; each further layer has twice as many. */
  width: number
  /** Components of the noise z. */
  latent: number
  /** Batch normalisation in the hidden layers (DCGAN) or none (WGAN-GP). */
  norm: boolean
}

/** Names and values of a network's weights. */
export type Weights = Record<string, Tensor>

export const kernelSize = 5
export const stride = 2
/** Height and width of the features at the generator's and the critic's deep end. */
export const deepSize = 4

const sizesOf = new Map([
  [28, [28, 14, 7, 4]],
  [32, [32, 16, 8, 4]],
  [64, [64, 32, 16, 8, 4]],
])

/**
 * Side lengths and channels from the image (index 0) to the deep end, for example [28, 14, 7, 4] and [1, d, 2d, 4d].
 *
 * @throws RangeError if the image is not square of 28, 32 or 64 pixels
 */
export function pyramid({ image, width }: Pick<NetworkShape, 'image' | 'width'>) {
  const sizes = image.height === image.width ? sizesOf.get(image.height) : undefined
  if (!sizes)
    throw new RangeError(
      `Images of ${image.height} × ${image.width} pixels do not fit the networks; they take 28 × 28, 32 × 32 or 64 × 64.`,
    )
  const channels = sizes.map((_, level) => (level === 0 ? image.channels : width * 2 ** (level - 1)))
  return { sizes, channels, depth: sizes.length - 1 }
}

/** Draws initial weights; streams carry the network's name, so that two networks of one seed differ. */
export function initialiser(seed: number, network: string) {
  const draw = (fill: typeof normals, name: string, shape: number[], scale: number, shift = 0): StoredArray => {
    const count = shape.reduce((product, n) => product * n, 1)
    const data = fill(seedWords(seed, streamNumber(`initial ${network} ${name}`), 0), count)
    return { shape, data: data.map((value) => value * scale + shift) }
  }
  return {
    normal: (name: string, shape: number[], deviation: number, mean = 0) => draw(normals, name, shape, deviation, mean),
    /** Uniform with the given standard deviation around 0. */
    uniform: (name: string, shape: number[], deviation: number) => {
      const limit = deviation * Math.sqrt(3)
      return draw(uniforms, name, shape, 2 * limit, -limit)
    },
    constant: (shape: number[], value: number): StoredArray => ({
      shape,
      data: new Float32Array(shape.reduce((product, n) => product * n, 1)).fill(value),
    }),
  }
}

/** Standard deviation of a normalised network's weights, and of its scales around 1 (Radford et al. 2015, section 3). */
export const dcganDeviation = 0.02

/**
 * Standard deviation of the weights of a (transposed) convolution without normalisation after it: He et al. 2015,
 * averaged over both directions, as in the code of Gulrajani et al. 2017. `image` and `deep` are the channels on the
 * filter's two sides; stride 2 lets each deep pixel see the whole filter, each image pixel a quarter of it.
 */
export function heDeviation(image: number, deep: number): number {
  return Math.sqrt(4 / (kernelSize ** 2 * (image + deep / 4)))
}

/** Standard deviation of a dense layer's weights (Glorot and Bengio 2010). */
export const glorotDeviation = (inputs: number, outputs: number) => Math.sqrt(2 / (inputs + outputs))

/** Adds a prefix to the keys of a state. */
export function prefixed(prefix: string, state: StoredState): StoredState {
  return Object.fromEntries(Object.entries(state).map(([name, value]) => [`${prefix}/${name}`, value]))
}

/** The part of a state whose keys have the prefix, without it. */
export function unprefixed(prefix: string, state: StoredState): StoredState {
  return Object.fromEntries(
    Object.entries(state)
      .filter(([name]) => name.startsWith(`${prefix}/`))
      .map(([name, value]) => [name.slice(prefix.length + 1), value]),
  )
}
