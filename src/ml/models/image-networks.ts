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
