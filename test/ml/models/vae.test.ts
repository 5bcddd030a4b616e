import type * as Tfjs from '@tensorflow/tfjs'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openFusedOps } from '../../../src/ml/engine/fused.ts'
import type { FusedOps } from '../../../src/ml/engine/fused-ops.ts'
import { openEngine } from '../../../src/ml/engine/open.ts'
import type { Tf } from '../../../src/ml/engine/open.ts'
import type { Weights } from '../../../src/ml/models/initial-weights.ts'
import { initialVae, negativeElbo } from '../../../src/ml/models/vae.ts'
import type { VaeShape } from '../../../src/ml/models/vae.ts'
import { compareAlong, enginesHere, normalTensor, normals, unit } from '../engine/finite-differences.ts'
import { asVariables, autodiff, relativeDifference } from './references.ts'

type Tensor2D = Tfjs.Tensor2D

const shape: VaeShape = { pixels: 9, hidden: [7, 6], latent: 3 }
const batch = 5

/** Kingma and Welling 2014, equation 10, in tfjs's own operations. */
function reference(tf: Tf, weights: Weights, x: Tensor2D, noise: Tensor2D) {
  const dense = (name: string, input: Tfjs.Tensor) =>
    [1, 2, 3].reduce((h, i) => {
      const y = tf.add(
        tf.matMul(h as Tensor2D, weights[`${name}${i}/kernel`] as Tensor2D),
        weights[`${name}${i}/bias`]!,
      )
      return i < 3 ? tf.softplus(y) : y
    }, input)
  const [mean, logVariance] = tf.split(dense('encoder', x), 2, 1) as [Tfjs.Tensor, Tfjs.Tensor]
  const z = tf.add(mean, tf.mul(tf.exp(tf.mul(0.5, logVariance)), noise))
  const probability = tf.sigmoid(dense('decoder', z))
  const logLikelihood = tf.add(tf.mul(x, tf.log(probability)), tf.mul(tf.sub(1, x), tf.log(tf.sub(1, probability))))
  const reconstruction = tf.neg(tf.mean(tf.sum(logLikelihood, 1)))
  const inner = tf.sub(tf.sub(tf.add(1, logVariance), tf.square(mean)), tf.exp(logVariance))
  const kl = tf.mul(-0.5, tf.mean(tf.sum(inner, 1)))
  return { reconstruction, kl }
}

describe.each(await enginesHere())('the variational auto-encoder on the %s engine', (prefer) => {
  let tf: Tf
  let ops: FusedOps
  beforeAll(async () => {
    tf = (await openEngine({ prefer })).tf
    ops = openFusedOps(tf)
  })
  beforeEach(() => tf.engine().startScope())
  afterEach(() => tf.engine().endScope())

  const inputs = () => ({
    x: tf.sigmoid(normalTensor(tf, normals(1), [batch, shape.pixels])) as Tensor2D,
    noise: normalTensor(tf, normals(2), [batch, shape.latent]) as Tensor2D,
  })
  const initial = () => {
    const normal = normals(3)
    const entries = Object.entries(initialVae(shape, 4)).map(([name, { shape, data }]) => {
      return [name, { shape, data: data.map((value) => value + 0.3 * normal()) }] as const
    })
    return Object.fromEntries(entries)
  }

  it('has the loss and the gradients of its definition', () => {
    const { x, noise } = inputs()
    const variables = asVariables(tf, initial())
    const gradients: Weights = {}
    const { reconstruction, kl } = negativeElbo(tf, ops, shape, variables, x, noise, (name, g) => (gradients[name] = g))
    const expected = reference(tf, variables, x, noise)
    expect(reconstruction.dataSync()[0]).toBeCloseTo(expected.reconstruction.dataSync()[0]!, 4)
    expect(kl.dataSync()[0]).toBeCloseTo(expected.kl.dataSync()[0]!, 4)
    const byTfjs = autodiff(tf, variables, () => {
      const { reconstruction, kl } = reference(tf, variables, x, noise)
      return tf.add(reconstruction, kl)
    })
    expect(Object.keys(gradients).sort()).toEqual(Object.keys(byTfjs).sort())
    for (const [name, gradient] of Object.entries(byTfjs))
      expect(relativeDifference(tf, gradients[name]!, gradient), name).toBeLessThan(1e-4)
    tf.dispose(variables)
  })

  it('has the gradients of finite differences', () => {
    const { x, noise } = inputs()
    const weights = asVariables(tf, initial()) as Weights
    const gradients: Weights = {}
    negativeElbo(tf, ops, shape, weights, x, noise, (name, g) => (gradients[name] = g))
    for (const [name, gradient] of Object.entries(gradients)) {
      const values = gradient.dataSync() as Float32Array
      const f = (moved: Tfjs.Tensor) => {
        const { reconstruction, kl } = negativeElbo(tf, ops, shape, { ...weights, [name]: moved }, x, noise, () => {})
        return tf.add(reconstruction, kl) as Tfjs.Scalar
      }
      const { measured, analytic } = compareAlong(tf, f, weights[name]!, values, unit(values)!, 0.05)
      expect(Math.abs(measured - analytic), name).toBeLessThan(0.005 * Math.abs(analytic) + 1e-4)
    }
    tf.dispose(weights)
  })

  it('warms up from the gradient of the reconstruction alone', () => {
    const { x, noise } = inputs()
    const variables = asVariables(tf, initial())
    const gradients: Weights = {}
    const emit = (name: string, g: Tfjs.Tensor) => (gradients[name] = g)
    const { kl } = negativeElbo(tf, ops, shape, variables, x, noise, emit, 0)
    expect(kl.dataSync()[0]).toBeCloseTo(reference(tf, variables, x, noise).kl.dataSync()[0]!, 4)
    const byTfjs = autodiff(tf, variables, () => reference(tf, variables, x, noise).reconstruction as Tfjs.Scalar)
    for (const [name, gradient] of Object.entries(byTfjs))
      expect(relativeDifference(tf, gradients[name]!, gradient), name).toBeLessThan(1e-4)
    tf.dispose(variables)
  })

  it('starts with Xavier-uniform kernels and zero biases', () => {
    const { 'encoder1/kernel': kernel, 'decoder3/bias': bias } = initialVae(
      { pixels: 400, hidden: [300], latent: 8 },
      1,
    )
    expect(bias).toBeUndefined()
    const limit = Math.sqrt(6 / 700)
    const values = [...kernel!.data]
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    expect(largest).toBeLessThanOrEqual(limit)
    expect(largest).toBeGreaterThan(0.999 * limit)
    const square = values.reduce((sum, value) => sum + value ** 2, 0) / values.length
    expect(square).toBeCloseTo(limit ** 2 / 3, 4)
  })
})
