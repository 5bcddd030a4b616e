import type * as Tfjs from '@tensorflow/tfjs'
import { openRawOps } from './raw-ops.ts'
import { mendTape } from './tape.ts'
import { maxPoolGradGradient } from './wasm-pooling.ts'
import type { PoolAttrs } from './wasm-pooling.ts'

type Tf = typeof Tfjs
type T4 = Tfjs.Tensor4D
type Pair = [number, number]
type Pad = Parameters<Tf['conv2d']>[3]

interface ConvAttrs {
  strides: Pair
  pad: Pad
  dataFormat?: 'NHWC' | 'NCHW'
  dilations?: Pair
  dimRoundingMode?: 'floor' | 'round' | 'ceil'
}

const registered = new WeakSet<object>()

/**
 * Makes second-order gradients (the gradient penalty of WGAN-GP, Gulrajani et al. 2017, eq. 3) right on tfjs 4.22:
 * mends the tape (see tape.ts) and registers the gradients that the backward operations of convolution, pooling,
 * resizing and ELU lack. Each of those operations is linear in the gradient `dy` that it takes, so its derivative
 * with respect to `dy` is the forward operation, restricted to what the first pass selected.
 *
 * An operation that is not mended here throws "gradient function not found" in the second pass. Idempotent.
 */
export function mendGradients(tf: Tf): void {
  mendTape(tf)
  if (registered.has(tf.engine())) return
  registered.add(tf.engine())
  registerMaxPoolGradGrad(tf)
  for (const config of [
    conv2dBackpropFilter(tf),
    depthwiseBackpropInput(tf),
    depthwiseBackpropFilter(tf),
    avgPoolGrad(tf),
    maxPoolGrad(tf),
    resizeGrad(tf, 'ResizeNearestNeighborGrad'),
    resizeGrad(tf, 'ResizeBilinearGrad'),
    eluGrad(tf),
    squaredDifference(tf),
    mirrorPad(tf),
    depthToSpace(tf),
  ])
    tf.registerGradient(config)
}

/** dF = correlate(x, dy) is bilinear: its adjoints are the input gradient and the convolution itself. */
function conv2dBackpropFilter(tf: Tf): Tfjs.GradConfig {
  return {
    kernelName: 'Conv2DBackpropFilter',
    inputsToSave: ['x', 'dy'],
    gradFunc: (ddf, saved, rawAttrs) => {
      const [x, dy] = saved as [T4, T4]
      const { strides, pad, dataFormat, dimRoundingMode } = rawAttrs as unknown as ConvAttrs
      return {
        x: () =>
          tf.engine().runKernel('Conv2DBackpropInput', { dy, filter: ddf as T4 }, {
            strides,
            pad,
            dataFormat,
            dimRoundingMode,
            inputShape: x.shape,
          } as unknown as Tfjs.NamedAttrMap) as T4,
        dy: () => tf.conv2d(x, ddf as T4, strides, pad, dataFormat, 1, dimRoundingMode),
      }
    },
  }
}

function depthwiseBackpropInput(tf: Tf): Tfjs.GradConfig {
  return {
    kernelName: 'DepthwiseConv2dNativeBackpropInput',
    inputsToSave: ['dy', 'filter'],
    gradFunc: (ddx, saved, rawAttrs) => {
      const [dy, filter] = saved as [T4, T4]
      const { strides, pad, dilations, dimRoundingMode } = rawAttrs as unknown as ConvAttrs
      return {
        dy: () => tf.depthwiseConv2d(ddx as T4, filter, strides, pad, 'NHWC', dilations, dimRoundingMode),
        filter: () =>
          tf.engine().runKernel('DepthwiseConv2dNativeBackpropFilter', { x: ddx as T4, dy }, {
            strides,
            pad,
            dilations,
            dimRoundingMode,
            filterShape: filter.shape,
          } as unknown as Tfjs.NamedAttrMap) as T4,
      }
    },
  }
}

function depthwiseBackpropFilter(tf: Tf): Tfjs.GradConfig {
  return {
    kernelName: 'DepthwiseConv2dNativeBackpropFilter',
    inputsToSave: ['x', 'dy'],
    gradFunc: (ddf, saved, rawAttrs) => {
      const [x, dy] = saved as [T4, T4]
      const { strides, pad, dilations, dimRoundingMode } = rawAttrs as unknown as ConvAttrs
      return {
        x: () =>
          tf.engine().runKernel('DepthwiseConv2dNativeBackpropInput', { dy, filter: ddf as T4 }, {
            strides,
            pad,
            dilations,
            dimRoundingMode,
            inputShape: x.shape,
          } as unknown as Tfjs.NamedAttrMap) as T4,
        dy: () => tf.depthwiseConv2d(x, ddf as T4, strides, pad, 'NHWC', dilations, dimRoundingMode),
      }
    },
  }
}

function avgPoolGrad(tf: Tf): Tfjs.GradConfig {
  return {
    kernelName: 'AvgPoolGrad',
    inputsToSave: ['input'],
    gradFunc: (ddx, saved, rawAttrs) => {
      const { filterSize, strides, pad } = rawAttrs as unknown as PoolAttrs
      return {
        dy: () => tf.avgPool(ddx as T4, filterSize, strides, pad),
        input: () => tf.zerosLike(saved[0]!),
      }
    },
  }
}

/** The first pass sends `dy` to each window's maximum; the second collects `ddx` from there. */
function maxPoolGrad(tf: Tf): Tfjs.GradConfig {
  return {
    kernelName: 'MaxPoolGrad',
    inputsToSave: ['input', 'output'],
    gradFunc: (ddx, saved, attrs) => {
      const [input, output] = saved as [T4, T4]
      const inputs = { input, output, ddx: ddx as T4 }
      return {
        dy: () => tf.engine().runKernel('MaxPoolGradGrad', inputs, attrs) as T4,
        input: () => tf.zerosLike(input),
        output: () => tf.zerosLike(output),
      }
    },
  }
}

/** MaxPoolGradGrad({input, output, ddx}): ddx at each window's maximum. TensorFlow has it, tfjs's backends do not. */
function registerMaxPoolGradGrad(tf: Tf): void {
  const kernelName = 'MaxPoolGradGrad'
  tf.registerKernel({
    kernelName,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) => {
      const { input, output, ddx } = inputs as { input: T4; output: T4; ddx: T4 }
      return tf.tidy(() => maxPoolGradGradient(tf, ddx, input, output, attrs as unknown as PoolAttrs))
    },
  })
  tf.registerKernel({
    kernelName,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, attrs }) => {
      const { input, output, ddx } = inputs as { input: T4; output: T4; ddx: T4 }
      const { filterSize, strides, pad } = attrs as unknown as PoolAttrs
      const raw = openRawOps(tf)!
      const pair = (size: number | Pair): Pair => (typeof size === 'number' ? [size, size] : size)
      const attributes = [
        raw.float32('T'),
        raw.int('ksize', [1, ...pair(filterSize), 1]),
        raw.int('strides', [1, ...pair(strides), 1]),
        raw.string('padding', pad.toUpperCase()),
        raw.string('data_format', 'NHWC'),
      ]
      return raw.run(kernelName, attributes, [input, output, ddx])
    },
  })
}

function resizeGrad(tf: Tf, kernelName: 'ResizeNearestNeighborGrad' | 'ResizeBilinearGrad'): Tfjs.GradConfig {
  return {
    kernelName,
    inputsToSave: ['images', 'dy'],
    gradFunc: (ddx, saved, rawAttrs) => {
      const [images, dy] = saved as [T4, T4]
      const { alignCorners, halfPixelCenters } = rawAttrs as unknown as Record<string, boolean | undefined>
      const resize = kernelName === 'ResizeBilinearGrad' ? tf.image.resizeBilinear : tf.image.resizeNearestNeighbor
      return {
        dy: () => resize(ddx as T4, [dy.shape[1], dy.shape[2]], alignCorners, halfPixelCenters),
        images: () => tf.zerosLike(images),
      }
    },
  }
}

/** elu'(x) is 1 where y > 0 and y + 1 elsewhere. */
function eluGrad(tf: Tf): Tfjs.GradConfig {
  return {
    kernelName: 'EluGrad',
    inputsToSave: ['dy', 'y'],
    gradFunc: (ddx, saved) => {
      const [dy, y] = saved as [Tfjs.Tensor, Tfjs.Tensor]
      const upstream = ddx as Tfjs.Tensor
      return {
        dy: () => tf.engine().runKernel('EluGrad', { dy: upstream, y }) as Tfjs.Tensor,
        y: () => tf.where(tf.greater(y, 0), tf.zerosLike(y), tf.mul(upstream, dy)),
      }
    },
  }
}

/** tfjs's own leaves out the sum over broadcast axes, and so throws on operands of different shapes. */
function squaredDifference(tf: Tf): Tfjs.GradConfig {
  return {
    kernelName: 'SquaredDifference',
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, saved) => {
      const [a, b] = saved as [Tfjs.Tensor, Tfjs.Tensor]
      const upstream = dy as Tfjs.Tensor
      const towards = (self: Tfjs.Tensor, other: Tfjs.Tensor) => () => {
        const full = tf.mul(upstream, tf.mul(2, tf.sub(self, other)))
        const axes = tf.broadcast_util.getReductionAxes(self.shape, full.shape)
        return tf.reshape(axes.length > 0 ? tf.sum(full, axes) : full, self.shape)
      }
      return { a: towards(a, b), b: towards(b, a) }
    },
  }
}

/** tfjs's own drops what the mirrored border sends back. Here each border is turned round and added where it came from. */
function mirrorPad(tf: Tf): Tfjs.GradConfig {
  return {
    kernelName: 'MirrorPad',
    inputsToSave: ['x'],
    gradFunc: (dy, saved, rawAttrs) => {
      const { paddings, mode } = rawAttrs as unknown as { paddings: Pair[]; mode: 'reflect' | 'symmetric' }
      // 'reflect' leaves the edge itself out of the mirror image.
      const gap = mode === 'reflect' ? 1 : 0
      return {
        x: () => {
          let folded = dy as Tfjs.Tensor
          for (const [axis, [before, after]] of paddings.entries()) {
            if (before === 0 && after === 0) continue
            const length = saved[0]!.shape[axis]!
            const part = (from: number, size: number): Tfjs.Tensor => {
              const begin = folded.shape.map((_, i) => (i === axis ? from : 0))
              return tf.slice(
                folded,
                begin,
                folded.shape.map((full, i) => (i === axis ? size : full)),
              )
            }
            const placed = (border: Tfjs.Tensor, from: number, size: number): Tfjs.Tensor => {
              const room = folded.shape.map((_, i): Pair => (i === axis ? [from, length - from - size] : [0, 0]))
              return tf.pad(tf.reverse(border, axis), room)
            }
            let sum = part(before, length)
            if (before > 0) sum = tf.add(sum, placed(part(0, before), gap, before))
            if (after > 0) sum = tf.add(sum, placed(part(before + length, after), length - gap - after, after))
            folded = sum
          }
          return folded
        },
      }
    },
  }
}

/** Space to depth: the blocks' pixels back into channels, NHWC. */
function depthToSpace(tf: Tf): Tfjs.GradConfig {
  return {
    kernelName: 'DepthToSpace',
    inputsToSave: ['x'],
    gradFunc: (dy, saved, rawAttrs) => {
      const { blockSize, dataFormat } = rawAttrs as unknown as { blockSize: number; dataFormat: string }
      const [batch, height, width, depth] = (saved[0] as T4).shape
      if (dataFormat !== 'NHWC') throw new Error("The gradient of depthToSpace needs data format 'NHWC'.")
      const blocks = [batch, height, blockSize, width, blockSize, depth / blockSize ** 2]
      return {
        x: () =>
          tf.reshape(tf.transpose(tf.reshape(dy as T4, blocks), [0, 1, 3, 2, 4, 5]), [batch, height, width, depth]),
      }
    },
  }
}
