import type * as Tfjs from '@tensorflow/tfjs'

type Tf = typeof Tfjs
type T4 = Tfjs.Tensor4D
export type WindowInfo = ReturnType<Tf['backend_util']['computeConv2DInfo']>

/**
 * The windows that a convolution or pooling slides over its input, taken one tap (offset inside the window) at a time,
 * so that a gradient can be composed of slices and pads. NHWC; strides, dilations and padding come from `info`.
 */
export interface SlidingWindows {
  taps: [row: number, column: number][]
  /** x [N,H,W,C] with its padding of `value`, cut or extended to exactly what the windows cover. */
  cover(x: T4, value?: number): T4
  /** From what `cover` gave: the element that tap (row, column) meets in each window, [N, outH, outW, C]. */
  read(covered: T4, row: number, column: number): T4
  /** The adjoint of `read`: each window's value at the place that its tap met, zero elsewhere. */
  spread(values: T4, row: number, column: number): T4
  /** The adjoint of `cover`: without the padding, and with zeros for what no window covered; [N,H,W,C]. */
  uncover(covered: T4): T4
}

export function slidingWindows(tf: Tf, info: WindowInfo): SlidingWindows {
  const { filterHeight, filterWidth, dilationHeight, dilationWidth, strideHeight, strideWidth } = info
  const { inHeight, inWidth, outHeight, outWidth } = info
  const { top, left } = info.padInfo
  const height = (outHeight - 1) * strideHeight + (filterHeight - 1) * dilationHeight + 1
  const width = (outWidth - 1) * strideWidth + (filterWidth - 1) * dilationWidth + 1
  const bottom = height - inHeight - top
  const right = width - inWidth - left

  const taps: [number, number][] = []
  for (let row = 0; row < filterHeight; row++)
    for (let column = 0; column < filterWidth; column++) taps.push([row, column])

  return {
    taps,
    cover: (x, value = 0) => padOrCrop(tf, x, [top, bottom], [left, right], value),
    uncover: (covered) => padOrCrop(tf, covered, [-top, -bottom], [-left, -right], 0),
    read(covered, row, column) {
      const [batch, , , channels] = covered.shape
      const y = row * dilationHeight
      const x = column * dilationWidth
      const ends = [y + (outHeight - 1) * strideHeight + 1, x + (outWidth - 1) * strideWidth + 1] as const
      return tf.stridedSlice(covered, [0, y, x, 0], [batch, ...ends, channels], [1, strideHeight, strideWidth, 1]) as T4
    },
    spread(values, row, column) {
      const apart = dilate(tf, values, strideHeight, strideWidth)
      const y = row * dilationHeight
      const x = column * dilationWidth
      return padOrCrop(tf, apart, [y, height - y - apart.shape[1]], [x, width - x - apart.shape[2]], 0)
    },
  }
}

/** Adds rows and columns of `value` before and after, or cuts them off where the number is negative. */
function padOrCrop(tf: Tf, x: T4, rows: [number, number], columns: [number, number], value: number): T4 {
  const [batch, height, width, channels] = x.shape
  const cut = (amount: number) => Math.max(-amount, 0)
  const add = (amount: number) => Math.max(amount, 0)
  let result = x
  if ([...rows, ...columns].some((amount) => amount < 0))
    result = tf.slice(
      result,
      [0, cut(rows[0]), cut(columns[0]), 0],
      [batch, height - cut(rows[0]) - cut(rows[1]), width - cut(columns[0]) - cut(columns[1]), channels],
    )
  if ([...rows, ...columns].some((amount) => amount > 0))
    result = tf.pad(
      result,
      [
        [0, 0],
        [add(rows[0]), add(rows[1])],
        [add(columns[0]), add(columns[1])],
        [0, 0],
      ],
      value,
    )
  return result
}

/** Puts stride − 1 zeros between rows and between columns. */
function dilate(tf: Tf, x: T4, strideHeight: number, strideWidth: number): T4 {
  if (strideHeight === 1 && strideWidth === 1) return x
  const [batch, height, width, channels] = x.shape
  // Column gaps first, as zero channels behind each pixel; then row gaps, as zero pixels behind each row.
  const wide = tf.pad(tf.reshape(x, [batch * height * width, channels]), [
    [0, 0],
    [0, (strideWidth - 1) * channels],
  ])
  const rowLength = width * strideWidth * channels
  const tall = tf.pad(tf.reshape(wide, [batch * height, rowLength]), [
    [0, 0],
    [0, (strideHeight - 1) * rowLength],
  ])
  const full = tf.reshape(tall, [batch, height * strideHeight, width * strideWidth, channels]) as T4
  return tf.slice(full, [0, 0, 0, 0], [batch, (height - 1) * strideHeight + 1, (width - 1) * strideWidth + 1, channels])
}
