import type * as Tfjs from '@tensorflow/tfjs'
import { batchNormEpsilon, batchNormMomentum } from './fused-ops.ts'
import type { FusedOps } from './fused-ops.ts'

type Tensor = Tfjs.Tensor
type Tensor1D = Tfjs.Tensor1D
type Tensor2D = Tfjs.Tensor2D
type Tensor4D = Tfjs.Tensor4D

/** The fused operations composed of tfjs's kernels, for every backend that has the three convolutions. */
export function portableFusedOps(tf: typeof Tfjs): FusedOps {
  const kernel = (name: string, inputs: Record<string, Tensor>, attributes: object) =>
    tf.engine().runKernel(name, inputs, attributes as Tfjs.NamedAttrMap) as Tensor4D
  const walk = (stride: number) => ({ strides: [stride, stride], pad: 'same', dataFormat: 'NHWC', dilations: [1, 1] })
  const outerAxes = (x: Tensor) => x.shape.map((_, axis) => axis).slice(0, -1)
  const tidied = <A extends unknown[], T extends Tensor>(f: (...args: A) => Tensor) => {
    return (...args: A) => tf.tidy(() => f(...args)) as T
  }

  return {
    conv: (x, filter, stride) => kernel('Conv2D', { x, filter }, walk(stride)),
    convInputGradient: (inputShape, filter, dy, stride) =>
      kernel('Conv2DBackpropInput', { dy, filter }, { ...walk(stride), inputShape }),
    convFilterGradient: (x, filterShape, dy, stride) =>
      kernel('Conv2DBackpropFilter', { x, dy }, { ...walk(stride), filterShape }),
    matMul: (a, b, transposeA = false, transposeB = false) => tf.matMul(a, b, transposeA, transposeB),
    addBias: (x, bias) => tf.add(x, bias),
    biasGradient: (dy) => tf.sum(dy, outerAxes(dy)),
    relu: (x) => tf.relu(x),
    reluGradient: tidied((dy, y) => tf.mul(dy, tf.step(y))),
    leakyRelu: (x, slope) => tf.leakyRelu(x, slope),
    leakyReluGradient: tidied((dy, y, slope) => tf.mul(dy, tf.step(y, slope))),
    tanh: (x) => tf.tanh(x),
    tanhGradient: tidied((dy, y) => tf.mul(dy, tf.sub(1, tf.square(y)))),
    softplus: (x) => tf.softplus(x),
    softplusGradient: tidied((dy, x) => tf.mul(dy, tf.sigmoid(x))),
    sigmoid: (x) => tf.sigmoid(x),
    biasSoftplus: (x, bias) =>
      tf.tidy(() => {
        const sum = tf.add(x, bias) as Tensor2D
        return { y: tf.softplus(sum), slope: tf.sigmoid(sum) }
      }),
    bernoulli: (product, bias, targets, scale) =>
      tf.tidy(() => {
        const logits = tf.add(product, bias) as Tensor2D
        const loss = tf.sum(tf.sub(tf.softplus(logits), tf.mul(targets, logits)))
        const gradient = tf.mul(tf.sub(tf.sigmoid(logits), targets), scale) as Tensor2D
        return { loss: tf.mul(loss, scale) as Tfjs.Scalar, gradient }
      }),
    add: (a, b) => tf.add(a, b),
    sub: (a, b) => tf.sub(a, b),
    mul: (a, b) => tf.mul(a, b),
    addAll: (tensors) => (tensors.length === 1 ? tf.clone(tensors[0]!) : tf.addN(tensors)),
    batchNorm: (x, { scale, offset, movingMean, movingVariance }) => {
      const [y, inverse, mean, nextMean, nextVariance] = tf.tidy(() => {
        const axes = outerAxes(x)
        const { mean, variance } = tf.moments(x, axes)
        const inverse = tf.rsqrt(tf.add(variance, batchNormEpsilon))
        const y = tf.add(tf.mul(tf.sub(x, mean), tf.mul(inverse, scale)), offset)
        const count = x.size / x.shape[3]
        const towards = (average: Tensor1D, batch: Tensor) =>
          tf.add(tf.mul(average, 1 - batchNormMomentum), tf.mul(batch, batchNormMomentum))
        const unbiased = tf.mul(variance, count / (count - 1))
        return [y, inverse, mean, towards(movingMean, mean), towards(movingVariance, unbiased)]
      })
      return {
        y: y as Tensor4D,
        saved: [mean!, inverse!],
        movingMean: nextMean as Tensor1D,
        movingVariance: nextVariance as Tensor1D,
      }
    },
    // Ioffe and Szegedy 2015, section 3, with the sums over the batch taken first.
    batchNormGradient: (dy, x, scale, saved) => {
      const [dx, dScale, dOffset] = tf.tidy(() => {
        const [mean, inverse] = saved as [Tensor1D, Tensor1D]
        const axes = outerAxes(x)
        const count = x.size / x.shape[3]
        const normalised = tf.mul(tf.sub(x, mean), inverse)
        const dOffset = tf.sum(dy, axes)
        const dScale = tf.sum(tf.mul(dy, normalised), axes)
        const centred = tf.sub(dy, tf.add(tf.div(dOffset, count), tf.mul(normalised, tf.div(dScale, count))))
        return [tf.mul(centred, tf.mul(inverse, scale)), dScale, dOffset]
      })
      return { dx: dx as Tensor4D, dScale: dScale as Tensor1D, dOffset: dOffset as Tensor1D }
    },
  }
}
