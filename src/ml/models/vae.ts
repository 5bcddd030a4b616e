import type * as Tfjs from '@tensorflow/tfjs'
import type { FusedOps } from '../engine/fused-ops.ts'
import type { StoredState } from '../engine/parameters.ts'
import { glorotDeviation, initialiser } from './initial-weights.ts'
import type { Weights } from './initial-weights.ts'

type Tensor1D = Tfjs.Tensor1D
type Tensor = Tfjs.Tensor
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
  const weights: StoredState = {}
  const network = (name: string, sizes: number[]) => {
    for (let i = 1; i < sizes.length; i++) {
      const [inputs, outputs] = [sizes[i - 1]!, sizes[i]!]
      const kernel = `${name}${i}/kernel`
      weights[kernel] = init.uniform(kernel, [inputs, outputs], glorotDeviation(inputs, outputs))
      weights[`${name}${i}/bias`] = init.constant([outputs], 0)
    }
  }
  network('encoder', [shape.pixels, ...shape.hidden, 2 * shape.latent])
  network('decoder', [shape.latent, ...shape.hidden.toReversed(), shape.pixels])
  return weights
}

/** What a dense network's forward pass leaves: inputs[i] enters layer i + 1, slopes[i] is softplus' of what layer i + 1 gave. */
interface DenseTrace {
  inputs: Tensor2D[]
  slopes: Tensor2D[]
  /** Of the last layer, without its bias. */
  product: Tensor2D
}

const kernelOf = (weights: Weights, name: string, layer: number) => weights[`${name}${layer}/kernel`] as Tensor2D
const biasOf = (weights: Weights, name: string, layer: number) => weights[`${name}${layer}/bias`] as Tensor1D

function denseForward(ops: FusedOps, weights: Weights, name: string, layers: number, x: Tensor2D): DenseTrace {
  const trace: DenseTrace = { inputs: [x], slopes: [], product: x }
  for (let i = 1; i <= layers; i++) {
    trace.product = ops.matMul(trace.inputs[i - 1]!, kernelOf(weights, name, i))
    if (i === layers) break
    const { y, slope } = ops.biasSoftplus(trace.product, biasOf(weights, name, i))
    trace.product.dispose()
    trace.inputs.push(y)
    trace.slopes.push(slope)
  }
  return trace
}

/** Takes a weight's gradient, as soon as it is there and the weight no longer needed; it may dispose both. */
export type GradientSink = (name: string, gradient: Tensor) => void

/** Gives the network's gradients to `emit`, last layer first; returns the gradient of its input if that is wanted. */
function denseBackward(
  ops: FusedOps,
  weights: Weights,
  name: string,
  trace: DenseTrace,
  dOutput: Tensor2D,
  emit: GradientSink,
  wantInput: boolean,
): Tensor2D | undefined {
  let d = dOutput
  for (let i = trace.inputs.length; i >= 1; i--) {
    const dInput = i > 1 || wantInput ? ops.matMul(d, kernelOf(weights, name, i), false, true) : undefined
    emit(`${name}${i}/kernel`, ops.matMul(trace.inputs[i - 1]!, d, true))
    emit(`${name}${i}/bias`, ops.biasGradient(d))
    if (i === 1 || !dInput) return dInput
    d = ops.mul(dInput, trace.slopes[i - 2]!)
    dInput.dispose()
  }
  return undefined
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
 * @param emit takes the gradient of each weight
 */
export function negativeElbo(
  tf: typeof Tfjs,
  ops: FusedOps,
  shape: VaeShape,
  weights: Weights,
  x: Tensor2D,
  noise: Tensor2D,
  emit: GradientSink,
): NegativeElbo {
  const perImage = tf.scalar(1 / x.shape[0])
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

  const dz = denseBackward(ops, weights, 'decoder', decoded, likelihood.gradient, emit, true)!
  const dMean = ops.add(dz, ops.mul(mean, perImage))
  // ∂z/∂logVariance = σ ε / 2
  const ofVariance = ops.mul(ops.sub(variance, tf.scalar(1)), perImage)
  const dLogVariance = ops.mul(ops.add(ops.mul(dz, deviated), ofVariance), half)
  const dEncoded = tf.concat([dMean, dLogVariance], 1) as Tensor2D
  denseBackward(ops, weights, 'encoder', encoded, dEncoded, emit, false)
  return {
    reconstruction: likelihood.loss,
    kl: ops.mul(ops.mul(divergence, half), perImage) as Tfjs.Scalar,
  }
}
