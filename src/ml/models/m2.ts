import type * as Tfjs from '@tensorflow/tfjs'
import type { FusedOps } from '../engine/fused-ops.ts'
import type { StoredState } from '../engine/parameters.ts'
import { biasOf, denseForward, initialDense, kernelOf } from './dense.ts'
import { initialiser } from './initial-weights.ts'
import type { Weights } from './initial-weights.ts'
import { likelihoodWidth } from './likelihoods.ts'
import type { LikelihoodName } from './likelihoods.ts'

type Tensor1D = Tfjs.Tensor1D
type Tensor2D = Tfjs.Tensor2D

/** The networks of model M2 on vectors of `inputs` numbers: pixels, or the features of model M1. */
export interface M2Shape {
  inputs: number
  classes: number
  /** Sizes of the hidden layers, at least one, of each of the three networks. */
  hidden: number[]
  latent: number
  /** p(x | y, z): 'bernoulli' for pixels in [0, 1], 'gaussian' with a learnt variance for features. */
  likelihood: LikelihoodName
}

/**
 * The class-conditional generative model M2 of Kingma et al. 2014 (section 2.2): dense networks with softplus between
 * for q(y | x) (`classifier`), q(z | x, y) (`encoder`) and p(x | y, z) (`decoder`).
 *
 * Weights are those of `initialDense`, and `{encoder1,decoder1}/class` [classes, hidden]: the rows of the first layer that
 * belong to the class, one-hot beside x or z, apart from the others so that their product is computed once for all classes.
 * They start at zero, so that no class explains any image better than the others before q(y | x) has learnt from the labels:
 * from random ones, the bounds L(x, y) teach it classes at random, of which it recovers late or never.
 */
export function initialM2(shape: M2Shape, seed: number): StoredState {
  const { inputs, classes, hidden, latent, likelihood } = shape
  const init = initialiser(seed, 'm2')
  const withClass = (name: string, sizes: number[]) => ({
    ...initialDense(init, name, sizes),
    [`${name}1/class`]: init.constant([classes, sizes[1]!], 0),
  })
  return {
    ...initialDense(init, 'classifier', [inputs, ...hidden, classes]),
    ...withClass('encoder', [inputs, ...hidden, 2 * latent]),
    ...withClass('decoder', [latent, ...hidden.toReversed(), likelihoodWidth(likelihood, inputs)]),
  }
}

/** log q(y | x), [rows, classes], and the trace of the network. */
export function classifierForward(tf: typeof Tfjs, ops: FusedOps, shape: M2Shape, weights: Weights, x: Tensor2D) {
  const layers = shape.hidden.length + 1
  const trace = denseForward(ops, weights, 'classifier', layers, x)
  const logits = ops.addBias(trace.product, biasOf(weights, 'classifier', layers))
  return { trace, logits, logQ: tf.logSoftmax(logits) as Tensor2D }
}

/** q(y | x), [rows, classes]. */
export const classify = (tf: typeof Tfjs, ops: FusedOps, shape: M2Shape, weights: Weights, x: Tensor2D): Tensor2D =>
  tf.exp(classifierForward(tf, ops, shape, weights, x).logQ)

/** The rows of x, or whole slices along its first axis, at the given int32 positions. */
export const rowsOf = <T extends Tfjs.Tensor>(tf: typeof Tfjs, x: T, which: Tensor1D): T => tf.gather(x, which)

/**
 * The forward pass of a network that sees a class beside its input.
 *
 * @param product of the input and the first layer's kernel, [rows, hidden]; it is disposed
 * @param input what the trace shall name as the network's
 * @param classes int32, [rows]
 */
export function conditionalForward(
  tf: typeof Tfjs,
  ops: FusedOps,
  shape: M2Shape,
  weights: Weights,
  name: 'encoder' | 'decoder',
  product: Tensor2D,
  input: Tensor2D,
  classes: Tensor1D,
) {
  const ofClass = rowsOf(tf, weights[`${name}1/class`] as Tensor2D, classes)
  const first = ops.add(product, ofClass)
  tf.dispose([product, ofClass])
  return denseForward(ops, weights, name, shape.hidden.length + 1, input, first)
}

/** The mean and log-variance of q(z | x, y), each [rows, latent]; `classes` is int32. */
export function encodeWithClass(
  tf: typeof Tfjs,
  ops: FusedOps,
  shape: M2Shape,
  weights: Weights,
  x: Tensor2D,
  classes: Tensor1D,
) {
  const product = ops.matMul(x, kernelOf(weights, 'encoder', 1))
  const trace = conditionalForward(tf, ops, shape, weights, 'encoder', product, x, classes)
  return gaussianOf(tf, ops, shape, weights, trace.product)
}

/** The mean and log-variance in the last layer's product of `encoder`. */
export function gaussianOf(tf: typeof Tfjs, ops: FusedOps, shape: M2Shape, weights: Weights, product: Tensor2D) {
  const output = ops.addBias(product, biasOf(weights, 'encoder', shape.hidden.length + 1))
  const [rows] = output.shape
  return {
    mean: tf.slice(output, [0, 0], [rows, shape.latent]),
    logVariance: tf.slice(output, [0, shape.latent], [rows, shape.latent]),
  }
}

/** The mean of p(x | y, z), [rows, inputs]; `classes` is int32, [rows]. */
export function generate(
  tf: typeof Tfjs,
  ops: FusedOps,
  shape: M2Shape,
  weights: Weights,
  classes: Tensor1D,
  z: Tensor2D,
): Tensor2D {
  const product = ops.matMul(z, kernelOf(weights, 'decoder', 1))
  const trace = conditionalForward(tf, ops, shape, weights, 'decoder', product, z, classes)
  const output = ops.addBias(trace.product, biasOf(weights, 'decoder', shape.hidden.length + 1))
  if (shape.likelihood === 'bernoulli') return ops.sigmoid(output)
  return tf.slice(output, [0, 0], [z.shape[0], shape.inputs])
}
