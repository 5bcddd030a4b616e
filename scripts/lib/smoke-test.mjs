/**
 * Run under Node 24 by the set-up: opens the native engine as a worker does and computes a little with it. Prints the
 * engine's description as JSON, or ends with a non-zero status or a signal.
 */
import { openEngine } from '../../src/ml/engine/index.ts'

const { tf, info } = await openEngine({ prefer: 'native' })
const expect = (name, tensor, expected) => {
  const found = [...tensor.dataSync()]
  if (found.some((value, i) => Math.abs(value - expected[i]) > 1e-4))
    throw new Error(`${name} gave ${found.join(', ')} instead of ${expected.join(', ')}`)
}
expect(
  'matMul',
  tf.matMul(
    tf.tensor2d([
      [1, 2],
      [3, 4],
    ]),
    tf.tensor2d([
      [5, 6],
      [7, 8],
    ]),
  ),
  [19, 22, 43, 50],
)
const ones = tf.ones([1, 4, 4, 1])
const [dx, dw] = tf.grads((x, w) => tf.sum(tf.conv2d(x, w, 2, 'same')))([ones, tf.ones([3, 3, 1, 1])])
expect('the input gradient of conv2d', tf.sum(dx), [25])
expect('the filter gradient of conv2d', dw, [4, 4, 2, 4, 4, 2, 2, 2, 1])
process.stdout.write(`${JSON.stringify(info)}\n`)
process.exit(0)
