import type * as Tfjs from '@tensorflow/tfjs'
import type { FusedOps } from '../engine/fused-ops.ts'
import type { StoredState } from '../engine/parameters.ts'
import { dcganDeviation, deepSize, heDeviation, kernelSize, pyramid, stride } from './image-networks.ts'
import type { NetworkShape } from './image-networks.ts'
import { glorotDeviation, initialiser } from './initial-weights.ts'
import type { Weights } from './initial-weights.ts'

type Tensor1D = Tfjs.Tensor1D
type Tensor2D = Tfjs.Tensor2D
type Tensor4D = Tfjs.Tensor4D

/** Slope of LeakyReLU for negative inputs (Radford et al. 2015, section 3). */
const slope = 0.2

/**
 * The critic (WGAN-GP) or discriminator (DCGAN) of an image GAN: convolutions (5 × 5, stride 2) from the image down to
 * 4 × 4, LeakyReLU(0.2), then one dense unit; with batch norm after all convolutions but the first.
 *
 * Weights: `conv{i}/filter` [5, 5, in, out] for i = 1 … depth, `conv{i}/bias` or, with batch norm and i > 1,
 * `norm{i}/scale` and `norm{i}/offset`; `dense/kernel` [16·C, 1], `dense/bias` [1].
 */
export function initialCritic(shape: NetworkShape, seed: number): StoredState {
  const { channels, depth } = pyramid(shape)
  const init = initialiser(seed, 'critic')
  const weights: StoredState = {}
  for (let i = 1; i <= depth; i++) {
    const [image, deep] = [channels[i - 1]!, channels[i]!]
    const [name, filter] = [`conv${i}/filter`, [kernelSize, kernelSize, image, deep]]
    weights[name] = shape.norm
      ? init.normal(name, filter, dcganDeviation)
      : init.uniform(name, filter, heDeviation(image, deep))
    if (normed(shape, i)) {
      weights[`norm${i}/scale`] = init.normal(`norm${i}/scale`, [deep], dcganDeviation, 1)
      weights[`norm${i}/offset`] = init.constant([deep], 0)
    } else weights[`conv${i}/bias`] = init.constant([deep], 0)
  }
  const kernel = [deepSize ** 2 * channels[depth]!, 1]
  weights['dense/kernel'] = shape.norm
    ? init.normal('dense/kernel', kernel, dcganDeviation)
    : init.uniform('dense/kernel', kernel, glorotDeviation(kernel[0]!, 1))
  weights['dense/bias'] = init.constant([1], 0)
  return weights
}

const normed = (shape: NetworkShape, i: number) => shape.norm && i > 1

/** What the forward pass leaves for the backward passes. */
export interface CriticTrace {
  /** inputs[0] is the images, inputs[i] what the i-th convolution's LeakyReLU gave. */
  inputs: Tensor4D[]
  /** Before batch norm and what the norm saved, by convolution; undefined where there is none. */
  norms: ({ x: Tensor4D; saved: Tfjs.Tensor[] } | undefined)[]
  /** [batch, 1]: the critic's scores, the discriminator's logits. */
  scores: Tensor2D
}

/** Scores images [batch, height, width, channels]. */
export function criticForward(
  tf: typeof Tfjs,
  ops: FusedOps,
  shape: NetworkShape,
  weights: Weights,
  images: Tensor4D,
): CriticTrace {
  const { depth } = pyramid(shape)
  const inputs = [images]
  const norms: CriticTrace['norms'] = []
  for (let i = 1; i <= depth; i++) {
    const x = ops.conv(inputs[i - 1]!, weights[`conv${i}/filter`] as Tensor4D, stride)
    let y: Tensor4D
    if (normed(shape, i)) {
      // Nothing ever scores with moving averages, so none are kept.
      const offset = weights[`norm${i}/offset`] as Tensor1D
      const scale = weights[`norm${i}/scale`] as Tensor1D
      const result = ops.batchNorm(x, { scale, offset, movingMean: offset, movingVariance: offset })
      tf.dispose([result.movingMean, result.movingVariance])
      norms.push({ x, saved: result.saved })
      y = result.y
    } else {
      y = ops.addBias(x, weights[`conv${i}/bias`] as Tensor1D)
      norms.push(undefined)
      x.dispose()
    }
    inputs.push(ops.leakyRelu(y, slope))
    y.dispose()
  }
  const flat = flatten(tf, inputs[depth]!)
  const scores = ops.addBias(ops.matMul(flat, weights['dense/kernel'] as Tensor2D), weights['dense/bias'] as Tensor1D)
  return { inputs, norms, scores }
}

const flatten = (tf: typeof Tfjs, x: Tensor4D) => tf.reshape(x, [x.shape[0], -1]) as Tensor2D

/** The gradient of a loss with respect to what each layer computes, before its non-linearity. */
export interface CriticSignals {
  scores: Tensor2D
  /** By convolution, index 0 for the first: with respect to its output, before bias or norm. */
  convs: Tensor4D[]
  /** By convolution: gradients of the norm's weights, where there is one. */
  norms: ({ dScale: Tensor1D; dOffset: Tensor1D } | undefined)[]
}

/** The chain rule from the scores [batch, 1] back to the first convolution. */
export function criticBackward(
  ops: FusedOps,
  shape: NetworkShape,
  weights: Weights,
  trace: CriticTrace,
  dScores: Tensor2D,
): CriticSignals {
  const { depth } = pyramid(shape)
  const signals: CriticSignals = { scores: dScores, convs: [], norms: [] }
  const deepest = trace.inputs[depth]!
  let d = ops.matMul(dScores, weights['dense/kernel'] as Tensor2D, false, true).reshape(deepest.shape) as Tensor4D
  for (let i = depth; i >= 1; i--) {
    let dConv = ops.leakyReluGradient(d, trace.inputs[i]!, slope)
    d.dispose()
    const norm = trace.norms[i - 1]
    if (norm) {
      const scale = weights[`norm${i}/scale`] as Tensor1D
      const { dx, dScale, dOffset } = ops.batchNormGradient(dConv, norm.x, scale, norm.saved)
      signals.norms[i - 1] = { dScale, dOffset }
      dConv.dispose()
      dConv = dx
    }
    signals.convs[i - 1] = dConv
    if (i > 1)
      d = ops.convInputGradient(trace.inputs[i - 1]!.shape, weights[`conv${i}/filter`] as Tensor4D, dConv, stride)
  }
  return signals
}

/** The last link of the chain, to the images. */
export function imageGradient(ops: FusedOps, weights: Weights, trace: CriticTrace, signals: CriticSignals): Tensor4D {
  return ops.convInputGradient(trace.inputs[0]!.shape, weights['conv1/filter'] as Tensor4D, signals.convs[0]!, stride)
}

/** Gradients of all weights, from each layer's input and the signal at its output. */
export function criticWeightGradients(
  tf: typeof Tfjs,
  ops: FusedOps,
  weights: Weights,
  trace: CriticTrace,
  signals: CriticSignals,
): Weights {
  const gradients = kernelGradients(tf, ops, weights, trace.inputs, signals)
  signals.convs.forEach((dConv, index) => {
    const norm = signals.norms[index]
    if (norm) {
      gradients[`norm${index + 1}/scale`] = norm.dScale
      gradients[`norm${index + 1}/offset`] = norm.dOffset
    } else gradients[`conv${index + 1}/bias`] = ops.biasGradient(dConv)
  })
  gradients['dense/bias'] = ops.biasGradient(signals.scores)
  return gradients
}

/** The part of the gradients that is bilinear in inputs and signals: filters and the dense kernel. */
function kernelGradients(
  tf: typeof Tfjs,
  ops: FusedOps,
  weights: Weights,
  inputs: Tensor4D[],
  signals: CriticSignals,
): Weights {
  const gradients: Weights = {}
  signals.convs.forEach((dConv, index) => {
    const name = `conv${index + 1}/filter`
    gradients[name] = ops.convFilterGradient(inputs[index]!, (weights[name] as Tensor4D).shape, dConv, stride)
  })
  gradients['dense/kernel'] = ops.matMul(flatten(tf, inputs.at(-1)!), signals.scores, true)
  return gradients
}

export interface GradientPenalty {
  /** Mean of (‖∇D(x)‖ − 1)² over the batch, without its weight. */
  penalty: Tfjs.Scalar
  /** Mean of ‖∇D(x)‖. */
  gradientNorm: Tfjs.Scalar
  /** Of weight · penalty, for filters and dense kernel; the biases have none. */
  gradients: Weights
}

/**
 * The gradient penalty of Gulrajani et al. 2017, equation 3, and its gradient, for a critic without batch norm.
 *
 * Such a critic is piecewise linear in x: with the masks Mᵢ of LeakyReLU fixed, g = ∇D(x) = A₁ᵀM₁A₂ᵀM₂A₃ᵀM₃w is linear
 * in each of A₁, A₂, A₃ and w, and the masks' own derivative is zero almost everywhere. So for P(g) and u = ∂P/∂g, the
 * derivative of ⟨u, g⟩ with respect to Aᵢ is the outer product of what enters layer i when u goes forward through the
 * linear network (the tangents below) with the backward signal that leaves it: two backward-like passes in all, where
 * differentiating the backward pass would need three.
 */
export function gradientPenalty(
  tf: typeof Tfjs,
  ops: FusedOps,
  shape: NetworkShape,
  weights: Weights,
  images: Tensor4D,
  penaltyWeight: number,
): GradientPenalty {
  if (shape.norm) throw new Error('The gradient penalty needs a critic without batch norm: it is defined per image.')
  const { depth } = pyramid(shape)
  const trace = criticForward(tf, ops, shape, weights, images)
  const batch = images.shape[0]
  const signals = criticBackward(ops, shape, weights, trace, tf.ones([batch, 1]))
  const g = imageGradient(ops, weights, trace, signals)

  const squares = tf.sum(tf.square(g), [1, 2, 3], true)
  const norms = tf.sqrt(tf.add(squares, 1e-12))
  const excess = tf.sub(norms, 1)
  const penalty = tf.mean(tf.square(excess)) as Tfjs.Scalar
  // ∂/∂g of weight/batch · (‖g‖ − 1)²
  const u = tf.mul(g, tf.mul(tf.div(excess, norms), (2 * penaltyWeight) / batch)) as Tensor4D

  const tangents = [u]
  for (let i = 1; i <= depth; i++) {
    const linear = ops.conv(tangents[i - 1]!, weights[`conv${i}/filter`] as Tensor4D, stride)
    tangents.push(ops.leakyReluGradient(linear, trace.inputs[i]!, slope))
    linear.dispose()
  }
  return {
    penalty,
    gradientNorm: tf.mean(norms) as Tfjs.Scalar,
    gradients: kernelGradients(tf, ops, weights, tangents, signals),
  }
}
