import type * as Tfjs from '@tensorflow/tfjs'

/** The numbers of a tensor that `compute` makes, and nothing else left behind. */
export function numbersOf(tf: typeof Tfjs, compute: () => Tfjs.Tensor): Float32Array {
  // Not read inside the tidy: it looks for tensors in whatever it returns, an element at a time.
  const tensor = tf.tidy(compute)
  const numbers = tensor.dataSync() as Float32Array
  tensor.dispose()
  return numbers
}
