import type * as Tfjs from '@tensorflow/tfjs'
import type { Tf } from '../../../src/ml/engine/open.ts'
import { pyramid } from '../../../src/ml/models/image-networks.ts'
import type { NetworkShape } from '../../../src/ml/models/image-networks.ts'
import type { Weights } from '../../../src/ml/models/initial-weights.ts'

type Tensor2D = Tfjs.Tensor2D
type Tensor4D = Tfjs.Tensor4D

/** Batch norm, written from its definition in operations that tfjs differentiates. */
function norm(tf: Tf, x: Tensor4D, weights: Weights, i: number): Tensor4D {
  const { mean, variance } = tf.moments(x, [0, 1, 2])
  const normalised = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5)))
  return tf.add(tf.mul(normalised, weights[`norm${i}/scale`]!), weights[`norm${i}/offset`]!) as Tensor4D
}

/** The critic in tfjs's own operations. */
export function referenceCritic(tf: Tf, shape: NetworkShape, weights: Weights, images: Tensor4D): Tensor2D {
  let h = images
  for (let i = 1; i <= pyramid(shape).depth; i++) {
    const x = tf.conv2d(h, weights[`conv${i}/filter`] as Tensor4D, 2, 'same')
    h = tf.leakyRelu(
      shape.norm && i > 1 ? norm(tf, x, weights, i) : tf.add(x, weights[`conv${i}/bias`]!),
      0.2,
    ) as Tensor4D
  }
  return tf.add(
    tf.matMul(tf.reshape(h, [images.shape[0], -1]), weights['dense/kernel'] as Tensor2D),
    weights['dense/bias']!,
  )
}

/** The generator in tfjs's own operations, with the cut where the table of the reference networks has it. */
export function referenceGenerator(tf: Tf, shape: NetworkShape, weights: Weights, z: Tensor2D): Tensor4D {
  const { sizes, channels, depth } = pyramid(shape)
  const batch = z.shape[0]
  const dense = tf.matMul(z, weights['dense/kernel'] as Tensor2D)
  let h = tf.reshape(shape.norm ? dense : tf.add(dense, weights['dense/bias']!), [
    batch,
    4,
    4,
    channels[depth]!,
  ]) as Tensor4D
  if (shape.norm) h = norm(tf, h, weights, 0)
  h = tf.relu(h)
  for (let i = 1; i <= depth; i++) {
    const size = sizes[depth - i]!
    const filter = weights[`deconv${i}/filter`] as Tensor4D
    const full = size === 7 ? 8 : size
    let x = tf.conv2dTranspose(h, filter, [batch, full, full, channels[depth - i]!], 2, 'same')
    if (shape.norm && i < depth) x = norm(tf, x, weights, i)
    else x = tf.add(x, weights[`deconv${i}/bias`]!)
    if (i === depth) return tf.tanh(x)
    h = tf.slice(tf.relu(x), [0, full - size, full - size, 0], [batch, size, size, -1])
  }
  throw new Error('The generator has no layers.')
}

/** Weights of a network as variables that tfjs differentiates, by name. */
export function asVariables(tf: Tf, initial: Record<string, { shape: number[]; data: ArrayLike<number> }>) {
  const entries = Object.entries(initial).map(([name, { shape, data }]) => {
    return [name, tf.variable(tf.tensor(Float32Array.from(data), shape))] as const
  })
  return Object.fromEntries(entries) as Record<string, Tfjs.Variable>
}

/** tfjs's gradients of f with respect to the variables, by our names. */
export function autodiff(tf: Tf, variables: Record<string, Tfjs.Variable>, f: () => Tfjs.Scalar): Weights {
  const { grads } = tf.variableGrads(f, Object.values(variables))
  return Object.fromEntries(Object.entries(variables).map(([name, variable]) => [name, grads[variable.name]!]))
}

/** The largest difference, relative to the largest expected magnitude. */
export function relativeDifference(tf: Tf, actual: Tfjs.Tensor, expected: Tfjs.Tensor): number {
  return tf.tidy(() => {
    const scale = tf.max(tf.abs(expected)).dataSync()[0]!
    return tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0]! / (scale || 1)
  })
}
