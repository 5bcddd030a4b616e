import type * as Tfjs from '@tensorflow/tfjs'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openFusedOps } from '../../../src/ml/engine/fused.ts'
import type { FusedOps } from '../../../src/ml/engine/fused-ops.ts'
import { openEngine } from '../../../src/ml/engine/open.ts'
import type { Tf } from '../../../src/ml/engine/open.ts'
import type { Weights } from '../../../src/ml/models/initial-weights.ts'
import { classify, encodeWithClass, generate, initialM2 } from '../../../src/ml/models/m2.ts'
import type { M2Shape } from '../../../src/ml/models/m2.ts'
import { m2Loss } from '../../../src/ml/models/m2-loss.ts'
import { compareAlong, enginesHere, normalTensor, normals, unit } from '../engine/finite-differences.ts'
import { asVariables, autodiff, relativeDifference } from './references.ts'

type Tensor2D = Tfjs.Tensor2D

const labelled = 4
const images = 9
const classes = Int32Array.of(2, 0, 1, 2)
const options = { alpha: 0.7, labelledShare: 0.2, neglect: 0 }
const shapes: [string, M2Shape][] = [
  ['pixels', { inputs: 8, classes: 3, hidden: [7], latent: 2, likelihood: 'bernoulli' }],
  ['features', { inputs: 5, classes: 3, hidden: [7, 6], latent: 2, likelihood: 'gaussian' }],
]

/** A dense network with the class, one-hot, beside its input: the two parts of its first layer's kernel stacked. */
function dense(tf: Tf, weights: Weights, name: string, layers: number, x: Tensor2D, oneHot?: Tensor2D): Tensor2D {
  let h = oneHot ? (tf.concat([x, oneHot], 1) as Tensor2D) : x
  for (let i = 1; i <= layers; i++) {
    const own = weights[`${name}${i}/kernel`] as Tensor2D
    const kernel = i === 1 && oneHot ? tf.concat([own, weights[`${name}1/class`] as Tensor2D]) : own
    h = tf.add(tf.matMul(h, kernel), weights[`${name}${i}/bias`]!)
    if (i < layers) h = tf.softplus(h)
  }
  return h
}

const oneHotOf = (tf: Tf, y: Tfjs.Tensor1D, count: number) => tf.cast(tf.oneHot(y, count), 'float32') as Tensor2D

/** Kingma et al. 2014, equations 6 to 9, image by image and class by class in tfjs's own operations. */
function reference(tf: Tf, shape: M2Shape, weights: Weights, x: Tensor2D, noise: Tensor2D) {
  const layers = shape.hidden.length + 1
  const bound = (x: Tensor2D, noise: Tensor2D, oneHot: Tensor2D): Tfjs.Tensor => {
    const [mean, logVariance] = tf.split(dense(tf, weights, 'encoder', layers, x, oneHot), 2, 1) as [Tensor2D, Tensor2D]
    const z = tf.add(mean, tf.mul(tf.exp(tf.mul(0.5, logVariance)), noise)) as Tensor2D
    const output = dense(tf, weights, 'decoder', layers, z, oneHot)
    let logLikelihood: Tfjs.Tensor
    if (shape.likelihood === 'bernoulli') {
      const p = tf.sigmoid(output)
      logLikelihood = tf.add(tf.mul(x, tf.log(p)), tf.mul(tf.sub(1, x), tf.log(tf.sub(1, p))))
    } else {
      const [m, v] = tf.split(output, 2, 1) as [Tensor2D, Tensor2D]
      const exponent = tf.div(tf.squaredDifference(x, m), tf.exp(v))
      logLikelihood = tf.mul(-0.5, tf.add(tf.add(exponent, v), Math.log(2 * Math.PI)))
    }
    const kl = tf.mul(-0.5, tf.sum(tf.sub(tf.sub(tf.add(1, logVariance), tf.square(mean)), tf.exp(logVariance)), 1))
    return tf.sub(kl, tf.add(tf.sum(logLikelihood, 1), Math.log(1 / shape.classes)))
  }
  const part = (t: Tensor2D, from: number, count: number) => tf.slice(t, [from, 0], [count, t.shape[1]])
  const oneHot = (y: ArrayLike<number>) => oneHotOf(tf, tf.tensor1d(Array.from(y), 'int32'), shape.classes)
  const logQ = tf.logSoftmax(dense(tf, weights, 'classifier', layers, x)) as Tensor2D

  const labelledBound = tf.mean(bound(part(x, 0, labelled), part(noise, 0, labelled), oneHot(classes)))
  const logQLabelled = part(logQ, 0, labelled)
  const classification = tf.neg(tf.mean(tf.sum(tf.mul(logQLabelled, oneHot(classes)), 1)))

  const unlabelled = images - labelled
  const [xu, noiseU, logQU] = [
    part(x, labelled, unlabelled),
    part(noise, labelled, unlabelled),
    part(logQ, labelled, unlabelled),
  ]
  let u: Tfjs.Tensor = tf.zeros([unlabelled])
  for (let y = 0; y < shape.classes; y++) {
    const logQy = tf.reshape(tf.slice(logQU, [0, y], [unlabelled, 1]), [-1])
    const value = bound(xu, noiseU, oneHot(Array<number>(unlabelled).fill(y)))
    u = tf.add(u, tf.mul(tf.exp(logQy), tf.add(value, logQy)))
  }
  return { labelledBound, unlabelledBound: tf.mean(u), classification }
}

type Parts = Record<'labelledBound' | 'unlabelledBound' | 'classification', Tfjs.Tensor>
const total = (tf: Tf, { labelledBound, unlabelledBound, classification }: Parts) => {
  const { alpha, labelledShare: share } = options
  const bounds = tf.add(tf.mul(share, labelledBound), tf.mul(1 - share, unlabelledBound))
  return tf.add(bounds, tf.mul(alpha, classification)) as Tfjs.Scalar
}

describe.each(await enginesHere())('model M2 on the %s engine', (prefer) => {
  let tf: Tf
  let ops: FusedOps
  beforeAll(async () => {
    tf = (await openEngine({ prefer })).tf
    ops = openFusedOps(tf)
  })
  beforeEach(() => tf.engine().startScope())
  afterEach(() => tf.engine().endScope())

  const inputs = (shape: M2Shape) => {
    const numbers = normalTensor(tf, normals(1), [images, shape.inputs]) as Tensor2D
    return {
      x: shape.likelihood === 'bernoulli' ? tf.sigmoid(numbers) : numbers,
      noise: normalTensor(tf, normals(2), [images, shape.latent]) as Tensor2D,
    }
  }
  const initial = (shape: M2Shape) => {
    const normal = normals(3)
    const entries = Object.entries(initialM2(shape, 4)).map(([name, { shape, data }]) => {
      return [name, { shape, data: data.map((value) => value + 0.3 * normal()) }] as const
    })
    return Object.fromEntries(entries)
  }
  const lossOf = (shape: M2Shape, weights: Weights, neglect = 0, gradients: Weights = {}) => {
    const { x, noise } = inputs(shape)
    const emit = (name: string, g: Tfjs.Tensor) => (gradients[name] = g)
    return m2Loss(tf, ops, shape, weights, x, classes, noise, { ...options, neglect }, emit)
  }

  it.each(shapes)('has the loss and the gradients of its definition, on %s', (_, shape) => {
    const { x, noise } = inputs(shape)
    const variables = asVariables(tf, initial(shape))
    const gradients: Weights = {}
    const loss = lossOf(shape, variables, 0, gradients)
    const expected = reference(tf, shape, variables, x, noise)
    for (const name of ['labelledBound', 'unlabelledBound', 'classification'] as const)
      expect(loss[name].dataSync()[0], name).toBeCloseTo(expected[name].dataSync()[0]!, 4)
    const byTfjs = autodiff(tf, variables, () => total(tf, reference(tf, shape, variables, x, noise)))
    expect(Object.keys(gradients).sort()).toEqual(Object.keys(byTfjs).sort())
    for (const [name, gradient] of Object.entries(byTfjs))
      expect(relativeDifference(tf, gradients[name]!, gradient), name).toBeLessThan(1e-4)
    tf.dispose(variables)
  })

  it.each(shapes)('has the gradients of finite differences, on %s', (_, shape) => {
    const weights = asVariables(tf, initial(shape)) as Weights
    const gradients: Weights = {}
    lossOf(shape, weights, 0, gradients)
    for (const [name, gradient] of Object.entries(gradients)) {
      const values = gradient.dataSync() as Float32Array
      const f = (moved: Tfjs.Tensor) => total(tf, lossOf(shape, { ...weights, [name]: moved }))
      const { measured, analytic } = compareAlong(tf, f, weights[name]!, values, unit(values)!, 0.03)
      expect(Math.abs(measured - analytic), name).toBeLessThan(0.01 * Math.abs(analytic) + 2e-4)
    }
    tf.dispose(weights)
  })

  it('leaves out only classes that are less likely than asked for, and then still gives a bound and its gradient', () => {
    const [, shape] = shapes[1]!
    const weights = asVariables(tf, initial(shape)) as Weights
    const exact: Weights = {}
    const all = lossOf(shape, weights, 0, exact)
    const tiny: Weights = {}
    const same = lossOf(shape, weights, 1e-30, tiny)
    expect(same.unlabelledBound.dataSync()[0]).toBeCloseTo(all.unlabelledBound.dataSync()[0]!, 5)
    for (const name of Object.keys(exact))
      expect(relativeDifference(tf, tiny[name]!, exact[name]!), name).toBeLessThan(1e-5)

    // At 0.2 some classes fall away here; at 1 all but the likeliest, and U(x) is L(x, y) of that one.
    const q = classify(tf, ops, shape, weights, inputs(shape).x).arraySync().slice(labelled)
    expect(q.flat().some((value) => value < 0.2)).toBe(true)
    const gradients: Weights = {}
    lossOf(shape, weights, 0.2, gradients)
    for (const name of ['classifier3/kernel', 'encoder1/kernel', 'decoder1/class']) {
      const values = gradients[name]!.dataSync() as Float32Array
      const f = (moved: Tfjs.Tensor) => total(tf, lossOf(shape, { ...weights, [name]: moved }, 0.2))
      const { measured, analytic } = compareAlong(tf, f, weights[name]!, values, unit(values)!, 0.003)
      expect(Math.abs(measured - analytic), name).toBeLessThan(0.02 * Math.abs(analytic) + 2e-3)
    }
    const only = lossOf(shape, weights, 1, {})
    expect(only.unlabelledBound.dataSync()[0]).not.toBeCloseTo(all.unlabelledBound.dataSync()[0]!, 3)
    tf.dispose(weights)
  })

  it('encodes, classifies and generates as its networks say', () => {
    for (const [, shape] of shapes) {
      const { x, noise } = inputs(shape)
      const weights = asVariables(tf, initial(shape)) as Weights
      const layers = shape.hidden.length + 1
      const y = tf.tensor1d([...classes, 0, 1, 2, 0, 1], 'int32')
      const oneHot = oneHotOf(tf, y, shape.classes)
      const probabilities = tf.softmax(dense(tf, weights, 'classifier', layers, x))
      expect(relativeDifference(tf, classify(tf, ops, shape, weights, x), probabilities)).toBeLessThan(1e-5)
      const { mean, logVariance } = encodeWithClass(tf, ops, shape, weights, x, y)
      const encoded = dense(tf, weights, 'encoder', layers, x, oneHot)
      expect(relativeDifference(tf, tf.concat([mean, logVariance], 1), encoded)).toBeLessThan(1e-5)
      const output = dense(tf, weights, 'decoder', layers, noise, oneHot)
      const expected =
        shape.likelihood === 'bernoulli' ? tf.sigmoid(output) : tf.slice(output, [0, 0], [images, shape.inputs])
      expect(relativeDifference(tf, generate(tf, ops, shape, weights, y, noise), expected)).toBeLessThan(1e-5)
      tf.dispose(weights)
    }
  })
})
