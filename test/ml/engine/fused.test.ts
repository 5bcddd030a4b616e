import type * as Tfjs from '@tensorflow/tfjs'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openFusedOps } from '../../../src/ml/engine/fused.ts'
import type { FusedOps, Shape4D } from '../../../src/ml/engine/fused-ops.ts'
import { openEngine } from '../../../src/ml/engine/open.ts'
import type { Tf } from '../../../src/ml/engine/open.ts'
import { enginesHere, normalTensor, normals } from './finite-differences.ts'

type Tensor = Tfjs.Tensor
type Tensor1D = Tfjs.Tensor1D
type Tensor2D = Tfjs.Tensor2D
type Tensor4D = Tfjs.Tensor4D

const convolutions: [string, Shape4D, Shape4D, number][] = [
  ['from one channel', [3, 28, 28, 1], [5, 5, 1, 6], 2],
  ['from three channels', [2, 32, 32, 3], [5, 5, 3, 6], 2],
  ['of an odd size from one channel', [2, 7, 7, 1], [5, 5, 1, 4], 2],
  ['of an odd size', [3, 7, 7, 8], [5, 5, 8, 6], 2],
  ['of stride 1', [2, 6, 6, 2], [3, 3, 2, 5], 1],
  ['of an even size', [2, 8, 8, 5], [5, 5, 5, 7], 2],
]

describe.each(await enginesHere())('fused operations on the %s engine', (prefer) => {
  let tf: Tf
  let ops: FusedOps
  beforeAll(async () => {
    tf = (await openEngine({ prefer })).tf
    ops = openFusedOps(tf)
  })
  beforeEach(() => tf.engine().startScope())
  afterEach(() => tf.engine().endScope())

  let seed = 0
  const random = <T extends Tensor>(...shape: number[]) => normalTensor(tf, normals(++seed), shape) as T
  const expectClose = (actual: Tensor, expected: Tensor) => {
    expect(actual.shape).toEqual(expected.shape)
    const difference = tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0]!
    const scale = Math.max(1, tf.max(tf.abs(expected)).dataSync()[0]!)
    expect(difference / scale).toBeLessThan(2e-5)
  }
  const inner = (a: Tensor, b: Tensor) => tf.sum(tf.mul(a, b)).dataSync()[0]!

  it.each(convolutions)(
    'a convolution %s is that of tfjs, and its gradients are its adjoints',
    (_, xShape, fShape, stride) => {
      const x = random<Tensor4D>(...xShape)
      const filter = random<Tensor4D>(...fShape)
      const y = tf.conv2d(x, filter, stride, 'same')
      expectClose(ops.conv(x, filter, stride), y)
      // ⟨A x, dy⟩ = ⟨x, Aᵀ dy⟩, linear in the filter as well.
      const dy = random<Tensor4D>(...y.shape)
      const expected = inner(y, dy)
      const tolerance = 1e-4 * Math.sqrt(inner(y, y) * inner(dy, dy))
      const dx = ops.convInputGradient(xShape, filter, dy, stride)
      expect(dx.shape).toEqual(xShape)
      expect(Math.abs(inner(x, dx) - expected)).toBeLessThan(tolerance)
      const dFilter = ops.convFilterGradient(x, fShape, dy, stride)
      expect(dFilter.shape).toEqual(fShape)
      expect(Math.abs(inner(filter, dFilter) - expected)).toBeLessThan(tolerance)
    },
  )

  it('products, biases and sums are those of tfjs', () => {
    const [a, b, c] = [random<Tensor2D>(4, 3), random<Tensor2D>(4, 5), random<Tensor2D>(2, 5)]
    expectClose(ops.matMul(a, b, true), tf.matMul(a, b, true))
    expectClose(ops.matMul(b, c, false, true), tf.matMul(b, c, false, true))
    const x = random<Tensor4D>(2, 3, 3, 4)
    const bias = random<Tensor1D>(4)
    expectClose(ops.addBias(x, bias), tf.add(x, bias))
    expectClose(ops.biasGradient(x), tf.sum(x, [0, 1, 2]))
    expectClose(ops.biasGradient(a), tf.sum(a, 0))
    expectClose(ops.addAll([x, x, x]), tf.mul(x, 3))
    expectClose(ops.addAll([x]), x)
  })

  it('activations and their gradients are those of tfjs', () => {
    const x = random<Tensor4D>(2, 3, 3, 4)
    const dy = random<Tensor4D>(2, 3, 3, 4)
    const derivative = (f: (x: Tensor) => Tensor) => tf.grad(f)(x, dy) as Tensor4D
    expectClose(ops.relu(x), tf.relu(x))
    expectClose(ops.reluGradient(dy, ops.relu(x)), derivative(tf.relu))
    expectClose(ops.leakyRelu(x, 0.2), tf.leakyRelu(x, 0.2))
    const leaky = derivative((x) => tf.leakyRelu(x, 0.2))
    expectClose(ops.leakyReluGradient(dy, ops.leakyRelu(x, 0.2), 0.2), leaky)
    expectClose(ops.leakyReluGradient(dy, x, 0.2), leaky)
    expectClose(ops.tanh(x), tf.tanh(x))
    expectClose(ops.tanhGradient(dy, ops.tanh(x)), derivative(tf.tanh))
    expectClose(ops.softplus(x), tf.softplus(x))
    expectClose(ops.softplusGradient(dy, x), derivative(tf.softplus))
    expectClose(ops.sigmoid(x), tf.sigmoid(x))
  })

  it('batch norm and its gradient are those of the definition', () => {
    const x = random<Tensor4D>(4, 3, 2, 5)
    const dy = random<Tensor4D>(4, 3, 2, 5)
    const [scale, offset] = [random<Tensor1D>(5), random<Tensor1D>(5)]
    const [movingMean, movingVariance] = [random<Tensor1D>(5), tf.abs(random<Tensor1D>(5)) as Tensor1D]
    const definition = (x: Tensor, scale: Tensor, offset: Tensor) => {
      const { mean, variance } = tf.moments(x, [0, 1, 2])
      return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5))), scale), offset)
    }
    const result = ops.batchNorm(x, { scale, offset, movingMean, movingVariance })
    expectClose(result.y, definition(x, scale, offset))
    const { mean, variance } = tf.moments(x, [0, 1, 2])
    expectClose(result.movingMean, tf.add(tf.mul(0.9, movingMean), tf.mul(0.1, mean)))
    expectClose(result.movingVariance, tf.add(tf.mul(0.9, movingVariance), tf.mul(0.1 * (24 / 23), variance)))
    const [dx, dScale, dOffset] = tf.grads(definition)([x, scale, offset], dy)
    const gradients = ops.batchNormGradient(dy, x, scale, result.saved)
    expectClose(gradients.dx, dx!)
    expectClose(gradients.dScale, dScale!)
    expectClose(gradients.dOffset, dOffset!)
  })
})
