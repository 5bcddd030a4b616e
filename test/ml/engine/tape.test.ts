import type * as Tfjs from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { openEngine } from '../../../src/ml/engine/open.ts'
import type { Tf } from '../../../src/ml/engine/open.ts'
import { enginesHere } from './finite-differences.ts'

type T = Tfjs.Tensor

describe.each(await enginesHere())('the tape on %s', (prefer) => {
  let tf: Tf
  beforeAll(async () => {
    tf = (await openEngine({ prefer })).tf
  })

  const secondDerivative = (f: (x: T) => T, at: number) =>
    tf.tidy(
      () =>
        tf
          .grad((x: T) => tf.grad(f)(x))(tf.scalar(at))
          .dataSync()[0]!,
    )

  it('differentiates twice through an operation that saves its own output', () => {
    expect(secondDerivative((x) => tf.exp(x), 0.5)).toBeCloseTo(Math.exp(0.5), 4)
    const y = Math.tanh(0.5)
    expect(secondDerivative((x) => tf.tanh(x), 0.5)).toBeCloseTo(-2 * y * (1 - y * y), 4)
  })

  it('differentiates twice through a custom gradient that saves its value', () => {
    const own = tf.customGrad((...args) => {
      const [x, save] = args as [T, Tfjs.GradSaveFunc]
      const y = tf.exp(x)
      save([y])
      return { value: y, gradFunc: (dy, saved) => tf.mul(dy, saved[0]!) }
    })
    expect(secondDerivative((x) => own(x), 0.5)).toBeCloseTo(Math.exp(0.5), 4)
  })

  it('refuses to differentiate twice through a custom gradient that saves what it computed inside', () => {
    const own = tf.customGrad((...args) => {
      const [x, save] = args as [T, Tfjs.GradSaveFunc]
      const slope = tf.mul(3, tf.square(x))
      save([slope])
      return { value: tf.pow(x, 3), gradFunc: (dy, saved) => tf.mul(dy, saved[0]!) }
    })
    expect(
      tf
        .grad((x: T) => own(x))(tf.scalar(2))
        .dataSync()[0],
    ).toBeCloseTo(12, 4)
    expect(() => secondDerivative((x) => own(x), 2)).toThrow(
      /second-order gradient of a tf.customGrad is not available/,
    )
  })

  it('takes comparisons for constants: a variable behind one has no gradient', () => {
    const x = tf.variable(tf.tensor1d([-1, 2]))
    const w = tf.variable(tf.tensor1d([1, 1]))
    const { grads } = tf.variableGrads(
      () => tf.sum(tf.mul(w, tf.cast(tf.greater(x, 0), 'float32'))) as Tfjs.Scalar,
      [x, w],
    )
    expect(Object.keys(grads)).toEqual([w.name])
    expect([...grads[w.name]!.dataSync()]).toEqual([0, 1])
    tf.dispose([x, w, grads])
  })

  it('takes rounding to whole numbers for a constant, as its derivative is', () => {
    const x = tf.variable(tf.tensor1d([1.7]))
    const { grads } = tf.variableGrads(
      () => tf.sum(tf.mul(x, tf.cast(tf.cast(x, 'int32'), 'float32'))) as Tfjs.Scalar,
      [x],
    )
    expect([...grads[x.name]!.dataSync()]).toEqual([1])
    tf.dispose([x, grads])
  })

  it('leaves no tensor behind after a gradient of a gradient', () => {
    const w = tf.variable(tf.ones([2, 3, 3, 4]) as Tfjs.Tensor4D)
    const x = tf.ones([2, 8, 8, 3]) as Tfjs.Tensor4D
    const filter = tf.variable(tf.fill([3, 3, 3, 4], 0.1) as Tfjs.Tensor4D)
    const step = () => {
      const critic = (at: Tfjs.Tensor4D) =>
        tf.sum(tf.maxPool(tf.tanh(tf.leakyRelu(tf.conv2d(at, filter, 2, 'same'), 0.2)) as Tfjs.Tensor4D, 2, 2, 'same'))
      const { value, grads } = tf.variableGrads(() => {
        const slopes = tf.grad((at: T) => critic(at as Tfjs.Tensor4D))(x)
        return tf.sum(tf.where(tf.greaterEqual(slopes, 0.5), tf.square(slopes), tf.maximum(slopes, 0.1)))
      }, [filter])
      tf.dispose([value, grads])
    }
    step()
    const before = tf.memory().numTensors
    step()
    step()
    expect(tf.memory().numTensors).toBe(before)
    tf.dispose([w, x, filter])
  })
})
