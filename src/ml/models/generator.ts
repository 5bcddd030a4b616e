import type * as Tfjs from '@tensorflow/tfjs'
import { batchNormEpsilon } from '../engine/fused-ops.ts'
import type { FusedOps, Shape4D } from '../engine/fused-ops.ts'
import type { StoredState } from '../engine/parameters.ts'
import { dcganDeviation, deepSize, heDeviation, kernelSize, pyramid, stride } from './image-networks.ts'
import type { NetworkShape } from './image-networks.ts'
import { glorotDeviation, initialiser } from './initial-weights.ts'
import type { Weights } from './initial-weights.ts'

type Tensor1D = Tfjs.Tensor1D
type Tensor2D = Tfjs.Tensor2D
type Tensor4D = Tfjs.Tensor4D

/**
 * The generator of an image GAN: z [batch, latent] → dense → 4 × 4 × deepest channels, then transposed convolutions
 * (5 × 5, stride 2) up to the image; ReLU between, tanh at the end; with batch norm after all but the last.
 *
 * Weights: `dense/kernel` [latent, 16·C], `deconv{i}/filter` [5, 5, out, in] for i = 1 … depth; `norm{i}/scale` and
 * `norm{i}/offset` for i = 0 … depth − 1 with batch norm, else `dense/bias` and `deconv{i}/bias`; `deconv{depth}/bias`.
 * A layer followed by batch norm has no bias: the norm would subtract it again.
 */
export function initialGenerator(shape: NetworkShape, seed: number): StoredState {
  const { channels, depth } = pyramid(shape)
  const init = initialiser(seed, 'generator')
  const units = deepSize ** 2 * channels[depth]!
  const denseShape = [shape.latent, units]
  const weights: StoredState = {
    'dense/kernel': shape.norm
      ? init.normal('dense/kernel', denseShape, dcganDeviation)
      : init.uniform('dense/kernel', denseShape, glorotDeviation(shape.latent, units)),
  }
  if (!shape.norm) weights['dense/bias'] = init.constant([units], 0)
  for (let i = 1; i <= depth; i++) {
    const [image, deep] = [channels[depth - i]!, channels[depth - i + 1]!]
    const [name, filter] = [`deconv${i}/filter`, [kernelSize, kernelSize, image, deep]]
    weights[name] = shape.norm
      ? init.normal(name, filter, dcganDeviation)
      : init.uniform(name, filter, heDeviation(image, deep))
    if (!shape.norm || i === depth) weights[`deconv${i}/bias`] = init.constant([image], 0)
  }
  if (shape.norm)
    for (let i = 0; i < depth; i++) {
      const size = [channels[depth - i]!]
      weights[`norm${i}/scale`] = init.normal(`norm${i}/scale`, size, dcganDeviation, 1)
      weights[`norm${i}/offset`] = init.constant(size, 0)
    }
  return weights
}

/** The moving averages before training: `norm{i}/mean` 0 and `norm{i}/variance` 1; none without batch norm. */
export function initialMovingAverages(shape: NetworkShape): StoredState {
  if (!shape.norm) return {}
  const { channels, depth } = pyramid(shape)
  const averages: StoredState = {}
  for (let i = 0; i < depth; i++) {
    const size = channels[depth - i]!
    averages[`norm${i}/mean`] = { shape: [size], data: new Float32Array(size) }
    averages[`norm${i}/variance`] = { shape: [size], data: new Float32Array(size).fill(1) }
  }
  return averages
}

/** What the forward pass leaves for the backward pass. Layer 0 is the dense one, layer i the i-th deconvolution. */
export interface GeneratorTrace {
  z: Tensor2D
  layers: {
    /** Before batch norm; undefined without it. */
    beforeNorm?: Tensor4D
    savedByNorm: Tfjs.Tensor[]
    /** After ReLU, before the cut. */
    activation: Tensor4D
    /** What the next layer sees. */
    output: Tensor4D
  }[]
  images: Tensor4D
  /** The moving averages after this batch; empty without batch norm. */
  moving: Record<string, Tensor1D>
}

/**
 * Rows and columns that layer i's deconvolution computes. On 28 pixels the second layer's 8 × 8 is cut to 7 × 7. Without
 * batch norm the cut commutes with everything before it, so the 7 × 7 are computed straight away; with it, the statistics
 * are those of the 8 × 8. With 'same' padding the row and column to cut are the first ones.
 */
const deconvSize = (shape: NetworkShape, size: number) => (size === 7 && shape.norm ? 8 : size)

type Normalise = (i: number, x: Tensor4D) => { y: Tensor4D; saved: Tfjs.Tensor[] }

function forward(
  tf: typeof Tfjs,
  ops: FusedOps,
  shape: NetworkShape,
  weights: Weights,
  z: Tensor2D,
  normalise: Normalise,
): Pick<GeneratorTrace, 'layers' | 'images'> {
  const { sizes, channels, depth } = pyramid(shape)
  const batch = z.shape[0]
  const layers: GeneratorTrace['layers'] = []
  const finish = (i: number, x: Tensor4D, bias: string) => {
    const { y, saved } = shape.norm ? normalise(i, x) : { y: addBias(ops, x, weights[bias]!), saved: [] }
    const activation = ops.relu(y)
    y.dispose()
    if (!shape.norm) x.dispose()
    const side = sizes[depth - i]!
    const cut = activation.shape[1] - side
    const output = cut ? tf.slice(activation, [0, cut, cut, 0], [batch, side, side, -1]) : activation
    layers.push({ ...(shape.norm ? { beforeNorm: x } : {}), savedByNorm: saved, activation, output })
    return output
  }

  const dense = ops.matMul(z, weights['dense/kernel'] as Tensor2D)
  let h = finish(0, tf.reshape(dense, [batch, deepSize, deepSize, channels[depth]!]), 'dense/bias')
  for (let i = 1; i < depth; i++) {
    const size = deconvSize(shape, sizes[depth - i]!)
    const output: Shape4D = [batch, size, size, channels[depth - i]!]
    const x = ops.convInputGradient(output, weights[`deconv${i}/filter`] as Tensor4D, h, stride)
    h = finish(i, x, `deconv${i}/bias`)
  }
  const output: Shape4D = [batch, sizes[0]!, sizes[0]!, channels[0]!]
  const last = ops.convInputGradient(output, weights[`deconv${depth}/filter`] as Tensor4D, h, stride)
  const images = ops.tanh(ops.addBias(last, weights[`deconv${depth}/bias`] as Tensor1D))
  return { layers, images }
}

/** The dense layer has a bias for every unit, a convolution one for every channel. */
function addBias(ops: FusedOps, x: Tensor4D, bias: Tfjs.Tensor): Tensor4D {
  if (bias.size === x.shape[3]) return ops.addBias(x, bias as Tensor1D)
  return ops.addBias(x.reshape([x.shape[0], bias.size]) as Tensor2D, bias as Tensor1D).reshape(x.shape)
}

/**
 * Generates images in [−1, 1] from noise as in training, with the statistics of the batch.
 *
 * @param moving the moving averages so far
 */
export function generatorForward(
  tf: typeof Tfjs,
  ops: FusedOps,
  shape: NetworkShape,
  weights: Weights,
  moving: Record<string, Tensor1D>,
  z: Tensor2D,
): GeneratorTrace {
  const next: Record<string, Tensor1D> = {}
  const { layers, images } = forward(tf, ops, shape, weights, z, (i, x) => {
    const { y, saved, movingMean, movingVariance } = ops.batchNorm(x, {
      scale: weights[`norm${i}/scale`] as Tensor1D,
      offset: weights[`norm${i}/offset`] as Tensor1D,
      movingMean: moving[`norm${i}/mean`]!,
      movingVariance: moving[`norm${i}/variance`]!,
    })
    next[`norm${i}/mean`] = movingMean
    next[`norm${i}/variance`] = movingVariance
    return { y, saved }
  })
  return { z, layers, images, moving: next }
}

/** Generates images in [−1, 1] with the moving averages: an image then depends on its own noise alone. */
export function generateSamples(
  tf: typeof Tfjs,
  ops: FusedOps,
  shape: NetworkShape,
  weights: Weights,
  moving: Record<string, Tensor1D>,
  z: Tensor2D,
): Tensor4D {
  return forward(tf, ops, shape, weights, z, (i, x) => {
    const deviation = tf.sqrt(tf.add(moving[`norm${i}/variance`]!, batchNormEpsilon))
    const scale = tf.div(weights[`norm${i}/scale`]!, deviation)
    const centred = tf.sub(x, moving[`norm${i}/mean`]!)
    return { y: tf.add(tf.mul(centred, scale), weights[`norm${i}/offset`]!) as Tensor4D, saved: [] }
  }).images
}

/** The chain rule from the images back to every weight. @returns gradients by the names of the weights */
export function generatorBackward(
  tf: typeof Tfjs,
  ops: FusedOps,
  shape: NetworkShape,
  weights: Weights,
  trace: GeneratorTrace,
  dImages: Tensor4D,
): Weights {
  const { depth } = pyramid(shape)
  const gradients: Weights = {}
  let d = ops.tanhGradient(dImages, trace.images)
  gradients[`deconv${depth}/bias`] = ops.biasGradient(d)
  for (let i = depth; i >= 1; i--) {
    const name = `deconv${i}/filter`
    const filter = weights[name] as Tensor4D
    const { output, activation, beforeNorm, savedByNorm } = trace.layers[i - 1]!
    // y = Aᵀh, where A is the convolution with this filter: dh = A dy, and the filter's gradient is that of A, with
    // dy in the place of its input and h in the place of its output's gradient.
    gradients[name] = ops.convFilterGradient(d, filter.shape, output, stride)
    const dOutput = ops.conv(d, filter, stride)
    d.dispose()
    const cut = activation.shape[1] - output.shape[1]
    const [all, front] = [
      [0, 0],
      [cut, 0],
    ] as [[number, number], [number, number]]
    const dActivation = cut ? tf.pad(dOutput, [all, front, front, all]) : dOutput
    d = ops.reluGradient(dActivation, activation)
    tf.dispose([dOutput, dActivation])
    if (shape.norm) {
      const scale = weights[`norm${i - 1}/scale`] as Tensor1D
      const { dx, dScale, dOffset } = ops.batchNormGradient(d, beforeNorm!, scale, savedByNorm)
      gradients[`norm${i - 1}/scale`] = dScale
      gradients[`norm${i - 1}/offset`] = dOffset
      d.dispose()
      d = dx
    } else if (i > 1) gradients[`deconv${i - 1}/bias`] = ops.biasGradient(d)
  }
  const dDense = tf.reshape(d, [d.shape[0], -1]) as Tensor2D
  gradients['dense/kernel'] = ops.matMul(trace.z, dDense, true)
  if (!shape.norm) gradients['dense/bias'] = ops.biasGradient(dDense)
  return gradients
}
