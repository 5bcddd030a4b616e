import type * as Tfjs from '@tensorflow/tfjs'
import type { FusedOps } from '../engine/fused-ops.ts'
import type { StoredState } from '../engine/parameters.ts'
import { biasOf, denseBackward, denseBackwardToFirst, denseForward, firstLayerBackward, initialDense } from './dense.ts'
import type { GradientSink } from './dense.ts'
import { initialiser } from './initial-weights.ts'
import type { Weights } from './initial-weights.ts'

export type { GradientSink } from './dense.ts'

type Tensor2D = Tfjs.Tensor2D

/** Layers of a variational auto-encoder on flat vectors: pixels → hidden … → latent, and back in reverse. */
export interface VaeShape {
  pixels: number
  hidden: number[]
  latent: number
}

/**
 * The M1 model of Kingma et al. 2014: a dense encoder to a Gaussian with diagonal covariance and a dense decoder to
 * Bernoulli logits, softplus between.
 *
 * Weights: `encoder{i}/kernel` [in, out] and `encoder{i}/bias`, the last with mean and log-variance side by side;
 * `decoder{i}/…` likewise. Xavier-uniform kernels, zero biases.
 */
export function initialVae(shape: VaeShape, seed: number): StoredState {
  const init = initialiser(seed, 'vae')
  return {
    ...initialDense(init, 'encoder', [shape.pixels, ...shape.hidden, 2 * shape.latent]),
    ...initialDense(init, 'decoder', [shape.latent, ...shape.hidden.toReversed(), shape.pixels]),
  }
}

/** q(z | x): mean and log-variance, each [batch, latent]. */
export function encode(tf: typeof Tfjs, ops: FusedOps, shape: VaeShape, weights: Weights, x: Tensor2D) {
  const layers = shape.hidden.length + 1
  const trace = denseForward(ops, weights, 'encoder', layers, x)
  const [batch] = x.shape
  const output = ops.addBias(trace.product, biasOf(weights, 'encoder', layers))
  const mean = tf.slice(output, [0, 0], [batch, shape.latent])
  const logVariance = tf.slice(output, [0, shape.latent], [batch, shape.latent])
  return { trace, mean, logVariance }
}

/** The mean of p(x | z), [batch, pixels]. */
export function decode(ops: FusedOps, shape: VaeShape, weights: Weights, z: Tensor2D): Tensor2D {
  const layers = shape.hidden.length + 1
  const { product } = denseForward(ops, weights, 'decoder', layers, z)
  return ops.sigmoid(ops.addBias(product, biasOf(weights, 'decoder', layers)))
}

export interface NegativeElbo {
  /** −E log p(x | z), in nats per image, summed over its pixels. */
  reconstruction: Tfjs.Scalar
  /** KL(q(z | x) ‖ N(0, I)), in nats per image. */
  kl: Tfjs.Scalar
}

/**
 * The negative evidence lower bound of a batch and its gradient (Kingma and Welling 2014, equation 10, with one sample
 * of z by the reparameterisation z = μ + σ ε).
 *
 * @param x [batch, pixels] in [0, 1]
 * @param noise ε ~ N(0, I), [batch, latent]
 * @param emit takes the gradient of each weight; null for the bound alone
 * @param klWeight of the KL divergence in the gradient, not in what is returned; below 1 while it warms up
 */
export function negativeElbo(
  tf: typeof Tfjs,
  ops: FusedOps,
  shape: VaeShape,
  weights: Weights,
  x: Tensor2D,
  noise: Tensor2D,
  emit: GradientSink | null,
  klWeight = 1,
): NegativeElbo {
  const perImage = tf.scalar(1 / x.shape[0])
  const klPerImage = tf.scalar(klWeight / x.shape[0])
  const half = tf.scalar(0.5)
  const { trace: encoded, mean, logVariance } = encode(tf, ops, shape, weights, x)
  const deviation = tf.exp(ops.mul(logVariance, half))
  const variance = ops.mul(deviation, deviation)
  const deviated = ops.mul(deviation, noise)
  const layers = shape.hidden.length + 1
  const decoded = denseForward(ops, weights, 'decoder', layers, ops.add(mean, deviated))
  const likelihood = ops.bernoulli(decoded.product, biasOf(weights, 'decoder', layers), x, perImage)
  // 2 KL = Σ σ² + μ² − log σ² − 1
  const divergence = tf.sum(ops.sub(ops.add(variance, ops.mul(mean, mean)), ops.add(logVariance, tf.scalar(1))))

  if (emit) {
    const dz = denseBackward(ops, weights, 'decoder', decoded, likelihood.gradient, emit)
    const dMean = ops.add(dz, ops.mul(mean, klPerImage))
    // ∂z/∂logVariance = σ ε / 2
    const ofVariance = ops.mul(ops.sub(variance, tf.scalar(1)), klPerImage)
    const dLogVariance = ops.mul(ops.add(ops.mul(dz, deviated), ofVariance), half)
    const dEncoded = tf.concat([dMean, dLogVariance], 1) as Tensor2D
    const dFirst = denseBackwardToFirst(ops, weights, 'encoder', encoded, dEncoded, emit)
    firstLayerBackward(ops, 'encoder', x, dFirst, emit)
  }
  return {
    reconstruction: likelihood.loss,
    kl: ops.mul(ops.mul(divergence, half), perImage) as Tfjs.Scalar,
  }
}
