import type * as Tfjs from '@tensorflow/tfjs'
import type { Tf } from '../../../src/ml/engine/open.ts'

type T = Tfjs.Tensor
type T4 = Tfjs.Tensor4D

/** A small critic: the shapes of its weights, and its value for each of a batch. */
export interface CriticCase {
  name: string
  input: number[]
  weights: number[][]
  /** [batch, …input] → any shape; the tests take the mean over it. */
  critic: (tf: Tf, weights: T[], x: T) => T
}

const image = [3, 6, 6, 2]

/** conv → the layer under test → conv: the layer has weights before and after it, as inside a real critic. */
function imageCase(name: string, layer: (tf: Tf, h: T4) => T, channels = 3): CriticCase {
  return {
    name,
    input: image,
    weights: [
      [3, 3, 2, 3],
      [2, 2, channels, 2],
    ],
    critic: (tf, [first, last], x) => {
      const hidden = tf.conv2d(x as T4, first as T4, 1, 'same')
      return tf.tanh(tf.conv2d(layer(tf, hidden) as T4, last as T4, 1, 'same'))
    },
  }
}

/** dense → activation → dense. */
function denseCase(name: string, activation: (tf: Tf, h: T) => T): CriticCase {
  return {
    name,
    input: [4, 5],
    weights: [[5, 6], [6], [6, 3]],
    critic: (tf, [first, bias, last], x) => {
      const hidden = activation(tf, tf.add(tf.matMul(x as Tfjs.Tensor2D, first as Tfjs.Tensor2D), bias!))
      return tf.square(tf.matMul(hidden as Tfjs.Tensor2D, last as Tfjs.Tensor2D))
    },
  }
}

function normalise(tf: Tf, h: T, axes: number[]): T {
  const { mean, variance } = tf.moments(h, axes, true)
  return tf.mul(tf.sub(h, mean), tf.rsqrt(tf.add(variance, 1e-2)))
}

const activations: CriticCase[] = [
  denseCase('relu', (tf, h) => tf.relu(h)),
  denseCase('relu6', (tf, h) => tf.relu6(tf.mul(h, 2))),
  denseCase('leakyRelu', (tf, h) => tf.leakyRelu(h, 0.2)),
  denseCase('prelu', (tf, h) => tf.prelu(h, tf.scalar(0.3))),
  denseCase('elu', (tf, h) => tf.elu(h)),
  denseCase('selu', (tf, h) => tf.selu(h)),
  denseCase('swish', (tf, h) => tf.mul(h, tf.sigmoid(h))),
  denseCase('gelu (erf)', (tf, h) => tf.mul(tf.mul(h, 0.5), tf.add(1, tf.erf(tf.mul(h, Math.SQRT1_2))))),
  denseCase('gelu (tanh)', (tf, h) =>
    tf.mul(tf.mul(h, 0.5), tf.add(1, tf.tanh(tf.mul(0.7978845608, tf.add(h, tf.mul(0.044715, tf.pow(h, 3))))))),
  ),
  denseCase('mish', (tf, h) => tf.mul(h, tf.tanh(tf.softplus(h)))),
  denseCase('tanh', (tf, h) => tf.tanh(h)),
  denseCase('sigmoid', (tf, h) => tf.sigmoid(h)),
  denseCase('softplus', (tf, h) => tf.softplus(h)),
  denseCase('softmax', (tf, h) => tf.mul(tf.softmax(h as Tfjs.Tensor2D), 3)),
  denseCase('logSoftmax', (tf, h) => tf.logSoftmax(h as Tfjs.Tensor2D)),
  denseCase('logSumExp', (tf, h) => tf.mul(h, tf.logSumExp(h, 1, true))),
  denseCase('exp', (tf, h) => tf.exp(tf.mul(h, 0.5))),
  denseCase('log, sqrt, reciprocal', (tf, h) =>
    tf.div(tf.log(tf.add(tf.square(h), 1)), tf.sqrt(tf.add(tf.square(h), 0.5))),
  ),
  denseCase('pow', (tf, h) => tf.pow(tf.add(tf.square(h), 0.5), 0.7)),
  denseCase('abs', (tf, h) => tf.mul(tf.abs(h), h)),
  denseCase('maximum and minimum', (tf, h) => tf.mul(tf.maximum(h, -0.3), tf.minimum(h, 0.4))),
  denseCase('clip', (tf, h) => tf.mul(h, tf.clipByValue(h, -0.8, 0.8))),
  denseCase('where', (tf, h) => tf.where(tf.greater(h, 0), tf.square(h), tf.mul(h, 0.3))),
  denseCase('max and min over an axis', (tf, h) => tf.mul(h, tf.sub(tf.max(h, 1, true), tf.min(h, 1, true)))),
  denseCase('squaredDifference, broadcast', (tf, h) => tf.squaredDifference(h, tf.mean(h, 1, true))),
  denseCase('layer norm', (tf, h) => normalise(tf, h, [1])),
  denseCase('batch norm', (tf, h) => normalise(tf, h, [0])),
  denseCase('residual', (tf, h) => tf.add(h, tf.tanh(h))),
  denseCase('concat, slice, transpose', (tf, h) =>
    tf.transpose(
      tf.concat([tf.slice(tf.transpose(tf.tanh(h)), [2, 0], [4, -1]), tf.transpose(h)], 0).slice([0, 0], [6, -1]),
    ),
  ),
  denseCase('gather', (tf, h) => tf.gather(tf.tanh(h), tf.tensor1d([5, 1, 1, 0, 2, 3], 'int32'), 1)),
  denseCase('tile, stack, mean', (tf, h) => tf.mean(tf.stack([tf.tanh(h), tf.tile(tf.mean(h, 1, true), [1, 6])]), 0)),
]

const convolutions: CriticCase[] = [1, 2, 3].flatMap((stride) =>
  (['same', 'valid'] as const).map((pad): CriticCase => ({
    name: `conv2d, stride ${stride}, ${pad}`,
    input: [2, 7, 6, 2],
    weights: [[3, 3, 2, 3], [3]],
    critic: (tf, [filter, bias], x) => tf.square(tf.tanh(tf.add(tf.conv2d(x as T4, filter as T4, stride, pad), bias!))),
  })),
)

const transposed: CriticCase[] = [1, 2].flatMap((stride) =>
  (['same', 'valid'] as const).map((pad): CriticCase => {
    const size = pad === 'same' ? 4 * stride : 3 * stride + 3
    return {
      name: `conv2dTranspose, stride ${stride}, ${pad}`,
      input: [2, 4, 4, 2],
      weights: [[3, 3, 3, 2]],
      critic: (tf, [filter], x) => tf.tanh(tf.conv2dTranspose(x as T4, filter as T4, [2, size, size, 3], stride, pad)),
    }
  }),
)

const depthwise: CriticCase[] = [1, 2].flatMap((stride) =>
  (['same', 'valid'] as const).map((pad): CriticCase => ({
    name: `depthwiseConv2d, stride ${stride}, ${pad}`,
    input: [2, 6, 5, 2],
    weights: [[3, 3, 2, 2]],
    critic: (tf, [filter], x) => tf.tanh(tf.depthwiseConv2d(x as T4, filter as T4, stride, pad)),
  })),
)

const layers: CriticCase[] = [
  imageCase('average pooling', (tf, h) => tf.avgPool(tf.tanh(h), 2, 2, 'valid')),
  imageCase('average pooling, overlapping', (tf, h) => tf.avgPool(tf.tanh(h), 3, 2, 'same')),
  imageCase('max pooling', (tf, h) => tf.maxPool(tf.tanh(h), 2, 2, 'valid')),
  imageCase('max pooling, overlapping', (tf, h) => tf.maxPool(tf.tanh(h), 3, 2, 'same')),
  imageCase('global average pooling', (tf, h) => tf.mul(tf.tanh(h), tf.mean(h, [1, 2], true))),
  imageCase('nearest up-sampling', (tf, h) => tf.image.resizeNearestNeighbor(tf.tanh(h), [12, 12])),
  imageCase('bilinear up-sampling', (tf, h) => tf.image.resizeBilinear(tf.tanh(h), [9, 9])),
  imageCase('up-sampling by reshape and tile', (tf, h) =>
    tf.reshape(tf.tile(tf.reshape(tf.tanh(h), [18, 6, 1, 3]), [1, 1, 2, 1]), [3, 6, 12, 3]),
  ),
  imageCase('instance norm', (tf, h) => normalise(tf, h, [1, 2])),
  imageCase('batch norm, images', (tf, h) => normalise(tf, h, [0, 1, 2])),
  imageCase('fused batch norm, batch statistics', (tf, h) => {
    const { mean, variance } = tf.moments(h, [0, 1, 2])
    return tf.batchNorm(
      h,
      mean as Tfjs.Tensor1D,
      variance as Tfjs.Tensor1D,
      tf.tensor1d([0, 0.1, 0.2]),
      tf.ones([3]),
      1e-2,
    )
  }),
  imageCase('pad', (tf, h) =>
    tf.pad(tf.tanh(h), [
      [0, 0],
      [1, 2],
      [0, 1],
      [0, 0],
    ]),
  ),
  imageCase('mirror pad', (tf, h) =>
    tf.mirrorPad(
      tf.tanh(h),
      [
        [0, 0],
        [1, 1],
        [1, 1],
        [0, 0],
      ],
      'reflect',
    ),
  ),
  imageCase(
    'depth to space',
    (tf, h) => tf.depthToSpace(tf.concat([tf.tanh(h), tf.slice(h, [0, 0, 0, 0], [3, 6, 6, 1])], 3) as T4, 2),
    1,
  ),
]

export const criticCases: CriticCase[] = [...activations, ...convolutions, ...transposed, ...depthwise, ...layers]
