import type * as Tfjs from '@tensorflow/tfjs'
import { avgPoolGradient, maxPoolGradient } from './wasm-pooling.ts'
import { slidingWindows } from './wasm-windows.ts'

type Tf = typeof Tfjs
type T4 = Tfjs.Tensor4D
type Pair = [number, number]
type Inputs = Record<string, Tfjs.Tensor>

interface ConvAttrs {
  strides: number | Pair
  pad: 'same'
  dataFormat?: 'NHWC' | 'NCHW'
  dilations?: number | Pair
  dimRoundingMode?: 'floor' | 'round' | 'ceil'
  filterShape: [number, number, number, number]
  inputShape: [number, number, number, number]
}

const registered = new WeakSet<object>()

/**
 * Registers, for tfjs's 'wasm' backend, the kernels that training needs and that it lacks: the filter gradient of a
 * convolution, both gradients of a depthwise convolution, and the segment sum behind the gradient of `gather`. Also
 * replaces its pooling gradients, which are wrong (wasm-pooling.ts), and its input gradient of a convolution, which is
 * slower than this one. All are composed of the backend's other kernels.
 * Idempotent.
 */
export function registerWasmKernels(tf: Tf): void {
  if (registered.has(tf.engine())) return
  registered.add(tf.engine())
  const register = <A>(kernelName: string, compute: (inputs: Inputs, attrs: A) => Tfjs.Tensor) => {
    if (tf.getKernel(kernelName, 'wasm') != null) tf.unregisterKernel(kernelName, 'wasm')
    tf.registerKernel({
      kernelName,
      backendName: 'wasm',
      kernelFunc: ({ inputs, attrs }) => tf.tidy(() => compute(inputs as Inputs, attrs as unknown as A)),
    })
  }
  register<ConvAttrs>('Conv2DBackpropFilter', ({ x, dy }, attrs) => convFilterGradient(tf, x as T4, dy as T4, attrs))
  register<ConvAttrs>('Conv2DBackpropInput', ({ dy, filter }, attrs) =>
    convInputGradient(tf, dy as T4, filter as T4, attrs),
  )
  register<ConvAttrs>('DepthwiseConv2dNativeBackpropFilter', ({ x, dy }, attrs) =>
    depthwiseFilterGradient(tf, x as T4, dy as T4, attrs),
  )
  register<ConvAttrs>('DepthwiseConv2dNativeBackpropInput', ({ dy, filter }, attrs) =>
    depthwiseInputGradient(tf, dy as T4, filter as T4, attrs),
  )
  register<{ numSegments: number }>('UnsortedSegmentSum', ({ x, segmentIds }, { numSegments }) =>
    segmentSum(tf, x!, segmentIds!, numSegments),
  )
  register('AvgPoolGrad', ({ dy, input }, attrs) => avgPoolGradient(tf, dy as T4, input as T4, attrs as never))
  register('MaxPoolGrad', ({ dy, input, output }, attrs) =>
    maxPoolGradient(tf, dy as T4, input as T4, output as T4, attrs as never),
  )
}

/**
 * dF[i,j,c,k] = Σ over n,h,w of x[n, h·s + i − p, w·s + j − p, c] · dy[n,h,w,k].
 *
 * That is a convolution again: of x with batch and channels exchanged, [C,H,W,N], by dy as a filter [h,w,N,K] that is
 * dilated by the stride.
 */
function convFilterGradient(tf: Tf, x: T4, dy: T4, attrs: ConvAttrs): T4 {
  if (attrs.dataFormat === 'NCHW') throw new Error("Conv2DBackpropFilter on wasm takes data format 'NHWC' only.")
  const { filterShape, strides, pad, dimRoundingMode } = attrs
  const info = tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad, dimRoundingMode)
  const image = tf.transpose(slidingWindows(tf, info).cover(x), [3, 1, 2, 0])
  const filter = tf.transpose(dy, [1, 2, 0, 3])
  const gradient = tf.conv2d(image, filter, 1, 'valid', 'NHWC', [info.strideHeight, info.strideWidth])
  return tf.transpose(gradient, [1, 2, 0, 3])
}

/**
 * dx[u − p] = Σ over i of dy[(u − i) / s] · F[i], where s divides u − i.
 *
 * The rows u of one remainder modulo s meet only the filter rows of that remainder, so they are an ordinary (full)
 * convolution of dy with those rows, turned round; likewise the columns. One small convolution for each pair of
 * remainders, then rows and columns are dealt back in turn: as many multiplications as the forward pass has.
 */
function convInputGradient(tf: Tf, dy: T4, filter: T4, attrs: ConvAttrs): T4 {
  if (attrs.dataFormat === 'NCHW') throw new Error("Conv2DBackpropInput on wasm takes data format 'NHWC' only.")
  const { inputShape, strides, pad, dimRoundingMode } = attrs
  const info = tf.backend_util.computeConv2DInfo(inputShape, filter.shape, strides, 1, pad, dimRoundingMode)
  const { strideHeight, strideWidth, filterHeight, filterWidth, outHeight, outWidth } = info
  const [batch, , , channels] = inputShape
  const spanHeight = (outHeight - 1) * strideHeight + filterHeight
  const spanWidth = (outWidth - 1) * strideWidth + filterWidth
  const rows = Math.ceil(spanHeight / strideHeight)
  const columns = Math.ceil(spanWidth / strideWidth)

  const phase = (top: number, left: number): T4 => {
    const height = Math.max(Math.ceil((filterHeight - top) / strideHeight), 0)
    const width = Math.max(Math.ceil((filterWidth - left) / strideWidth), 0)
    if (height === 0 || width === 0) return tf.zeros([batch, rows, columns, channels])
    const met = tf.stridedSlice(
      filter,
      [top, left, 0, 0],
      [filterHeight, filterWidth, channels, filter.shape[3]],
      [strideHeight, strideWidth, 1, 1],
    )
    const turned = tf.transpose(tf.reverse(met, [0, 1]), [0, 1, 3, 2]) as T4
    const padded: T4 = tf.pad(dy, [
      [0, 0],
      [height - 1, rows - outHeight],
      [width - 1, columns - outWidth],
      [0, 0],
    ])
    return tf.conv2d(padded, turned, 1, 'valid')
  }
  const range = (length: number) => Array.from({ length }, (_, i) => i)
  const dealt = range(strideHeight).map((top) => {
    const across = tf.stack(
      range(strideWidth).map((left) => phase(top, left)),
      3,
    )
    return tf.reshape(across, [batch, rows, columns * strideWidth, channels])
  })
  const full = tf.reshape(tf.stack(dealt, 2), [batch, rows * strideHeight, columns * strideWidth, channels]) as T4
  return slidingWindows(tf, info).uncover(tf.slice(full, [0, 0, 0, 0], [batch, spanHeight, spanWidth, channels]))
}

function depthwiseInfo(
  tf: Tf,
  inputShape: ConvAttrs['inputShape'],
  filterShape: ConvAttrs['filterShape'],
  a: ConvAttrs,
) {
  return tf.backend_util.computeConv2DInfo(
    inputShape,
    filterShape,
    a.strides,
    a.dilations ?? 1,
    a.pad,
    a.dimRoundingMode,
    true,
  )
}

/** dF[i,j,c,m] = Σ over n,h,w of (what tap i,j meets)[n,h,w,c] · dy[n,h,w,c·M + m]. */
function depthwiseFilterGradient(tf: Tf, x: T4, dy: T4, attrs: ConvAttrs): Tfjs.Tensor {
  const info = depthwiseInfo(tf, x.shape, attrs.filterShape, attrs)
  const [, , channels, multiplier] = attrs.filterShape
  const windows = slidingWindows(tf, info)
  const covered = windows.cover(x)
  const pixels = info.batchSize * info.outHeight * info.outWidth
  const upstream = tf.reshape(dy, [pixels, channels, multiplier])
  const gradients = windows.taps.map(([row, column]) => {
    const met = tf.reshape(windows.read(covered, row, column), [pixels, channels, 1])
    return tf.sum(tf.mul(met, upstream), 0)
  })
  return tf.reshape(tf.stack(gradients), attrs.filterShape)
}

/** dx = Σ over taps of dy · F[i,j], put back where the tap met x. */
function depthwiseInputGradient(tf: Tf, dy: T4, filter: T4, attrs: ConvAttrs): T4 {
  const info = depthwiseInfo(tf, attrs.inputShape, filter.shape, attrs)
  const [batch, , , channels] = attrs.inputShape
  const multiplier = filter.shape[3]
  const windows = slidingWindows(tf, info)
  const upstream = tf.reshape(dy, [batch * info.outHeight * info.outWidth, channels, multiplier])
  const parts = windows.taps.map(([row, column]) => {
    const weights = tf.reshape(tf.slice(filter, [row, column, 0, 0], [1, 1, channels, multiplier]), [
      channels,
      multiplier,
    ])
    const met = tf.reshape(tf.sum(tf.mul(upstream, weights), 2), [batch, info.outHeight, info.outWidth, channels])
    return windows.spread(met as T4, row, column)
  })
  return windows.uncover(parts.reduce((total, part) => tf.add(total, part)))
}

/** Row s of the result is the sum of x's rows with id s; rows with a negative id are dropped. */
function segmentSum(tf: Tf, x: Tfjs.Tensor, segmentIds: Tfjs.Tensor, numSegments: number): Tfjs.Tensor {
  const rows = segmentIds.size
  const width = x.size / Math.max(rows, 1)
  const source = x.dataSync<'float32'>()
  const ids = segmentIds.dataSync<'int32'>()
  const sums = new Float32Array(numSegments * width)
  for (let row = 0; row < rows; row++) {
    const base = ids[row]! * width
    if (base < 0) continue
    for (let column = 0; column < width; column++) sums[base + column]! += source[row * width + column]!
  }
  return tf.tensor(sums, [numSegments, ...x.shape.slice(segmentIds.rank)], 'float32')
}
