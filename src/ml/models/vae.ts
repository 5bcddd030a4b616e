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

/** What a dense network's forward pass leaves: inputs[i] enters layer i + 1, sums[i] left it before softplus. */
interface DenseTrace {
  inputs: Tensor2D[]
  sums: Tensor2D[]
  output: Tensor2D
}

function denseForward(ops: FusedOps, weights: Weights, name: string, layers: number, x: Tensor2D): DenseTrace {
  const trace: DenseTrace = { inputs: [x], sums: [], output: x }
  for (let i = 1; i <= layers; i++) {
    const product = ops.matMul(trace.inputs[i - 1]!, weights[`${name}${i}/kernel`] as Tensor2D)
    trace.output = ops.addBias(product, weights[`${name}${i}/bias`] as Tensor1D)
    product.dispose()
    if (i === layers) break
    trace.sums.push(trace.output)
    trace.inputs.push(ops.softplus(trace.output))
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
    const kernel = weights[`${name}${i}/kernel`] as Tensor2D
    const dInput = i > 1 || wantInput ? ops.matMul(d, kernel, false, true) : undefined
    emit(`${name}${i}/kernel`, ops.matMul(trace.inputs[i - 1]!, d, true))
    emit(`${name}${i}/bias`, ops.biasGradient(d))
    if (i === 1 || !dInput) return dInput
    d = ops.softplusGradient(dInput, trace.sums[i - 2]!)
    dInput.dispose()
  }
  return undefined
}

/** q(z | x): mean and log-variance, each [batch, latent]. */
export function encode(tf: typeof Tfjs, ops: FusedOps, shape: VaeShape, weights: Weights, x: Tensor2D) {
  const trace = denseForward(ops, weights, 'encoder', shape.hidden.length + 1, x)
  const [batch] = x.shape
  const mean = tf.slice(trace.output, [0, 0], [batch, shape.latent])
  const logVariance = tf.slice(trace.output, [0, shape.latent], [batch, shape.latent])
  return { trace, mean, logVariance }
}

/** The logits of p(x | z), [batch, pixels]. */
export function decode(ops: FusedOps, shape: VaeShape, weights: Weights, z: Tensor2D): DenseTrace {
  return denseForward(ops, weights, 'decoder', shape.hidden.length + 1, z)
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
  const decoded = decode(ops, shape, weights, ops.add(mean, deviated))
  const logits = decoded.output

  // −log p(x | logits) = softplus(logits) − x logits
  const entropy = tf.sum(ops.sub(ops.softplus(logits), ops.mul(x, logits)))
  // 2 KL = Σ σ² + μ² − log σ² − 1
  const divergence = tf.sum(ops.sub(ops.add(variance, ops.mul(mean, mean)), ops.add(logVariance, tf.scalar(1))))

  const dLogits = ops.mul(ops.sub(ops.sigmoid(logits), x), perImage)
  const dz = denseBackward(ops, weights, 'decoder', decoded, dLogits, emit, true)!
  const dMean = ops.add(dz, ops.mul(mean, perImage))
  // ∂z/∂logVariance = σ ε / 2
  const ofVariance = ops.mul(ops.sub(variance, tf.scalar(1)), perImage)
  const dLogVariance = ops.mul(ops.add(ops.mul(dz, deviated), ofVariance), half)
  const dEncoded = tf.concat([dMean, dLogVariance], 1) as Tensor2D
  denseBackward(ops, weights, 'encoder', encoded, dEncoded, emit, false)
  return {
    reconstruction: ops.mul(entropy, perImage) as Tfjs.Scalar,
    kl: ops.mul(ops.mul(divergence, half), perImage) as Tfjs.Scalar,
  }
}
