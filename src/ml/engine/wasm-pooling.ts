import type * as Tfjs from '@tensorflow/tfjs'
import { slidingWindows } from './wasm-windows.ts'
import type { SlidingWindows, WindowInfo } from './wasm-windows.ts'

type Tf = typeof Tfjs
type T4 = Tfjs.Tensor4D
type Pair = [number, number]

export interface PoolAttrs {
  filterSize: number | Pair
  strides: number | Pair
  pad: 'same'
  dimRoundingMode?: 'floor' | 'round' | 'ceil'
}

/**
 * tfjs 4.22's wasm AvgPoolGrad divides by the window's full area also where it hangs over the edge, while its forward
 * pass (like TensorFlow's) averages over what lies inside. Here both count alike.
 */
export function avgPoolGradient(tf: Tf, dy: T4, input: T4, attrs: PoolAttrs): T4 {
  const { info, windows } = poolWindows(tf, input, attrs)
  const inside = windows.cover(tf.ones([1, info.inHeight, info.inWidth, 1]))
  const counts = sum(
    tf,
    windows.taps.map(([row, column]) => windows.read(inside, row, column)),
  )
  const share = tf.div(dy, counts) as T4
  const parts = windows.taps.map(([row, column]) => windows.spread(share, row, column))
  return windows.uncover(sum(tf, parts))
}

/** tfjs 4.22's wasm MaxPoolGrad takes the wrong place in a window without a positive value. The first maximum gets dy. */
export function maxPoolGradient(tf: Tf, dy: T4, input: T4, output: T4, attrs: PoolAttrs): T4 {
  const { windows } = poolWindows(tf, input, attrs)
  const parts = firstMaxima(tf, windows, input, output).map((mask, k) =>
    windows.spread(tf.mul(dy, mask), ...windows.taps[k]!),
  )
  return windows.uncover(sum(tf, parts))
}

/** The adjoint of maxPoolGradient in dy: what `ddx` holds at each window's first maximum, [N, outH, outW, C]. */
export function maxPoolGradGradient(tf: Tf, ddx: T4, input: T4, output: T4, attrs: PoolAttrs): T4 {
  const { windows } = poolWindows(tf, input, attrs)
  const covered = windows.cover(ddx)
  const parts = firstMaxima(tf, windows, input, output).map((mask, k) =>
    tf.mul(windows.read(covered, ...windows.taps[k]!), mask),
  )
  return sum(tf, parts as T4[])
}

function poolWindows(tf: Tf, input: T4, attrs: PoolAttrs): { info: WindowInfo; windows: SlidingWindows } {
  const { filterSize, strides, pad, dimRoundingMode } = attrs
  const info = tf.backend_util.computePool2DInfo(input.shape, filterSize, strides, 1, pad, dimRoundingMode)
  return { info, windows: slidingWindows(tf, info) }
}

/** For each tap, 1 in the windows where it is the first to meet the maximum, else 0. */
function firstMaxima(tf: Tf, windows: SlidingWindows, input: T4, output: T4): T4[] {
  const covered = windows.cover(input, Number.NEGATIVE_INFINITY)
  let open: Tfjs.Tensor = tf.onesLike(output)
  return windows.taps.map(([row, column]) => {
    const mask = tf.mul(open, tf.cast(tf.equal(windows.read(covered, row, column), output), 'float32'))
    open = tf.sub(open, mask)
    return mask as T4
  })
}

function sum(tf: Tf, parts: T4[]): T4 {
  return parts.reduce((total, part) => tf.add(total, part))
}
