import type * as Tfjs from '@tensorflow/tfjs'
import { batchNormEpsilon, batchNormMomentum } from './fused-ops.ts'
import type { FusedOps, Shape4D } from './fused-ops.ts'
import { portableFusedOps } from './fused-portable.ts'
import type { OpAttribute, RawOps } from './raw-ops.ts'

type Tensor = Tfjs.Tensor
type Tensor1D = Tfjs.Tensor1D
type Tensor2D = Tfjs.Tensor2D
type Tensor4D = Tfjs.Tensor4D

/** The fused operations as TensorFlow's own kernels. */
export function nativeFusedOps(tf: typeof Tfjs, raw: RawOps): FusedOps {
  const own = hasOwnOperations(tf, raw)
  const portable = portableFusedOps(tf)
  const t = raw.float32('T')
  const nhwc = raw.string('data_format', 'NHWC')

  const convAttributes = memoize((stride: number): OpAttribute[] => [
    t,
    raw.int('strides', [1, stride, stride, 1]),
    raw.string('padding', 'SAME'),
    nhwc,
    raw.int('dilations', [1, 1, 1, 1]),
    raw.bool('use_cudnn_on_gpu', true),
  ])
  const shapeTensor = (shape: number[]) => tf.tensor1d(shape, 'int32')
  const withShape = (op: string, shape: Shape4D, at: 0 | 1, inputs: Tensor[], stride: number) => {
    const size = shapeTensor(shape)
    const result = raw.run<Tensor4D>(op, convAttributes(stride), inputs.toSpliced(at, 0, size))
    size.dispose()
    return result
  }

  const leaky = memoize((slope: number) => [t, raw.float('alpha', slope)])
  const transposes = memoize(({ a, b }: { a: boolean; b: boolean }) => [
    t,
    raw.bool('transpose_a', a),
    raw.bool('transpose_b', b),
  ])
  const biasAttributes = [t, nhwc]
  const normGradient = [
    t,
    raw.float32('U'),
    raw.float('epsilon', batchNormEpsilon),
    nhwc,
    raw.bool('is_training', true),
  ]
  const norm = [...normGradient, raw.float('exponential_avg_factor', batchNormMomentum)]

  /**
   * The gradient of a 'same' convolution of stride 2 on an image of even size with few channels. One output pixel in
   * four positions (even or odd row and column) sees its own part of the filter, so the whole is a convolution of
   * stride 1 that computes the four as channels, rearranged by DepthToSpace (Shi et al. 2016, "sub-pixel convolution").
   * TensorFlow's own kernel takes three times as long for one channel.
   */
  const subPixelInputGradient = (inputShape: Shape4D, filter: Tensor4D, dy: Tensor4D) =>
    tf.tidy(() => {
      const [kernel, , channels, depth] = filter.shape
      const half = (kernel + 1) / 2
      // Row 2q + r of the image receives filter row k from row q + d of dy where k = r + 1 − 2d.
      const padded = tf.pad(filter, [
        [1, 0],
        [1, 0],
        [0, 0],
        [0, 0],
      ])
      const phases = tf.reshape(padded, [half, 2, half, 2, channels, depth])
      const turned = tf.reverse(phases, [0, 2]).transpose([0, 2, 5, 1, 3, 4])
      const subPixel = tf.reshape(turned, [half, half, depth, 4 * channels]) as Tensor4D
      const stacked = raw.run<Tensor4D>('Conv2D', convAttributes(1), [dy, subPixel])
      const image = raw.run<Tensor4D>('DepthToSpace', [t, raw.int('block_size', 2), nhwc], [stacked])
      return tf.reshape(image, inputShape) as Tensor4D
    })

  return {
    conv: (x, filter, stride) => raw.run('Conv2D', convAttributes(stride), [x, filter]),
    convInputGradient: (inputShape, filter, dy, stride) => {
      const [kernel, , channels] = filter.shape
      const even = inputShape[1] % 2 === 0 && inputShape[2] % 2 === 0
      if (channels <= 4 && kernel === 5 && stride === 2 && even) return subPixelInputGradient(inputShape, filter, dy)
      return withShape('Conv2DBackpropInput', inputShape, 0, [filter, dy], stride)
    },
    convFilterGradient: (x, filterShape, dy, stride) =>
      withShape('Conv2DBackpropFilter', filterShape, 1, [x, dy], stride),
    matMul: (a, b, transposeA = false, transposeB = false) =>
      raw.run<Tensor2D>('MatMul', transposes({ a: transposeA, b: transposeB }), [a, b]),
    addBias: (x, bias) => raw.run('BiasAdd', biasAttributes, [x, bias]),
    biasGradient: (dy) => raw.run<Tensor1D>('BiasAddGrad', biasAttributes, [dy]),
    relu: (x) => raw.run('Relu', [t], [x]),
    reluGradient: (dy, y) => raw.run('ReluGrad', [t], [dy, y]),
    leakyRelu: (x, slope) => raw.run('LeakyRelu', leaky(slope), [x]),
    leakyReluGradient: (dy, y, slope) => raw.run('LeakyReluGrad', leaky(slope), [dy, y]),
    tanh: (x) => raw.run('Tanh', [t], [x]),
    tanhGradient: (dy, y) => raw.run('TanhGrad', [t], [y, dy]),
    softplus: (x) => raw.run('Softplus', [t], [x]),
    softplusGradient: (dy, x) => raw.run('SoftplusGrad', [t], [dy, x]),
    sigmoid: (x) => raw.run('Sigmoid', [t], [x]),
    biasSoftplus: own
      ? (x, bias) => {
          const [y, slope] = raw.runMany('AtelierBiasSoftplus', [], [x, bias], 2) as [Tensor2D, Tensor2D]
          return { y, slope }
        }
      : portable.biasSoftplus,
    bernoulli: own
      ? (product, bias, targets, scale) => {
          const inputs = [product, bias, targets, scale]
          const [loss, gradient] = raw.runMany('AtelierBernoulli', [], inputs, 2) as [Tfjs.Scalar, Tensor2D]
          return { loss, gradient }
        }
      : portable.bernoulli,
    add: (a, b) => raw.run('AddV2', [t], [a, b]),
    sub: (a, b) => raw.run('Sub', [t], [a, b]),
    mul: (a, b) => raw.run('Mul', [t], [a, b]),
    addAll: (tensors) => raw.run('AddN', [t, raw.int('N', tensors.length)], tensors),
    batchNorm: (x, { scale, offset, movingMean, movingVariance }) => {
      const inputs = [x, scale, offset, movingMean, movingVariance]
      const [y, mean, variance, ...saved] = raw.runMany('FusedBatchNormV3', norm, inputs, 6)
      return {
        y: y as Tensor4D,
        saved,
        movingMean: mean as Tensor1D,
        movingVariance: variance as Tensor1D,
      }
    },
    batchNormGradient: (dy, x, scale, saved) => {
      const [dx, dScale, dOffset, ...unused] = raw.runMany(
        'FusedBatchNormGradV3',
        normGradient,
        [dy, x, scale, ...saved],
        5,
      )
      tf.dispose(unused)
      return { dx: dx as Tensor4D, dScale: dScale as Tensor1D, dOffset: dOffset as Tensor1D }
    },
  }
}

/** Whether native/kernels.cc is in the binding and serves the device: it is left out where it does not compile. */
function hasOwnOperations(tf: typeof Tfjs, raw: RawOps): boolean {
  return tf.tidy(() => {
    try {
      raw.runMany('AtelierBiasSoftplus', [], [tf.zeros([1, 1]), tf.zeros([1])], 2)
      return true
    } catch {
      return false
    }
  })
}

/** Attribute lists are the same at every call; building them once keeps a call to the engine cheap. */
function memoize<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<string, V>()
  return (key) => {
    const name = JSON.stringify(key)
    let value = made.get(name)
    if (value === undefined) made.set(name, (value = make(key)))
    return value
  }
}
