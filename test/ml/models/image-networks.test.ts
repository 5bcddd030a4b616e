import type * as Tfjs from '@tensorflow/tfjs'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openFusedOps } from '../../../src/ml/engine/fused.ts'
import type { FusedOps } from '../../../src/ml/engine/fused-ops.ts'
import { openEngine } from '../../../src/ml/engine/open.ts'
import type { Tf } from '../../../src/ml/engine/open.ts'
import type { StoredState } from '../../../src/ml/engine/parameters.ts'
import {
  criticBackward,
  criticForward,
  criticWeightGradients,
  gradientPenalty,
  imageGradient,
  initialCritic,
} from '../../../src/ml/models/critic.ts'
import {
  generateSamples,
  generatorBackward,
  generatorForward,
  initialGenerator,
  initialMovingAverages,
} from '../../../src/ml/models/generator.ts'
import { pyramid } from '../../../src/ml/models/image-networks.ts'
import type { NetworkShape } from '../../../src/ml/models/image-networks.ts'
import type { Weights } from '../../../src/ml/models/initial-weights.ts'
import { compareAlong, enginesHere, normalTensor, normals, unit } from '../engine/finite-differences.ts'
import { asVariables, autodiff, referenceCritic, referenceGenerator, relativeDifference } from './references.ts'

type Tensor1D = Tfjs.Tensor1D
type Tensor2D = Tfjs.Tensor2D
type Tensor4D = Tfjs.Tensor4D

const batch = 6
const shapes: [string, NetworkShape][] = [28, 32, 64].flatMap((size) =>
  [false, true].map((norm): [string, NetworkShape] => {
    const channels = size === 32 ? 3 : 1
    const image = { height: size, width: size, channels }
    return [
      `${size} × ${size} × ${channels} ${norm ? 'with' : 'without'} batch norm`,
      { image, width: 4, latent: 5, norm },
    ]
  }),
)

/** Larger weights than the initial ones, and no zero biases, so that every term counts. */
function shaken(weights: StoredState, seed: number): StoredState {
  const normal = normals(seed)
  const shake = ([name, { shape, data }]: [string, StoredState[string]]) => {
    const inputs = Math.max(
      1,
      shape.slice(0, -1).reduce((product, n) => product * n, 1),
    )
    const scale = name.endsWith('/scale')
    return [
      name,
      { shape, data: Float32Array.from(data, () => (scale ? 1 : 0) + normal() / Math.sqrt(scale ? 9 : inputs)) },
    ]
  }
  return Object.fromEntries(Object.entries(weights).map(shake)) as StoredState
}

describe.each(await enginesHere())('the networks of an image GAN on the %s engine', (prefer) => {
  let tf: Tf
  let ops: FusedOps
  beforeAll(async () => {
    tf = (await openEngine({ prefer })).tf
    ops = openFusedOps(tf)
  })
  beforeEach(() => tf.engine().startScope())
  afterEach(() => tf.engine().endScope())

  const imagesOf = (shape: NetworkShape, seed: number) =>
    normalTensor(
      tf,
      normals(seed),
      [batch, shape.image.height, shape.image.width, shape.image.channels],
      0.5,
    ) as Tensor4D
  const averagesOf = (shape: NetworkShape) =>
    Object.fromEntries(
      Object.entries(initialMovingAverages(shape)).map(([name, { data }]) => [name, tf.tensor1d(data)]),
    ) as Record<string, Tensor1D>

  const asTensors = (weights: StoredState): Weights =>
    Object.fromEntries(Object.entries(weights).map(([name, { data, shape }]) => [name, tf.tensor(data, shape)]))

  function expectSame(actual: Weights, expected: Weights): void {
    expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort())
    for (const [name, gradient] of Object.entries(expected)) {
      expect(actual[name]!.shape, name).toEqual(gradient.shape)
      expect(relativeDifference(tf, actual[name]!, gradient), name).toBeLessThan(2e-4)
    }
  }

  it.each(shapes)("the critic's scores and gradients are tfjs's: %s", (_, shape) => {
    const variables = asVariables(tf, shaken(initialCritic(shape, 1), 2))
    const images = imagesOf(shape, 3)
    const dScores = normalTensor(tf, normals(4), [batch, 1]) as Tensor2D
    const loss = (x: Tensor4D) => tf.sum(tf.mul(dScores, referenceCritic(tf, shape, variables, x))) as Tfjs.Scalar

    const trace = criticForward(tf, ops, shape, variables, images)
    expect(relativeDifference(tf, trace.scores, referenceCritic(tf, shape, variables, images))).toBeLessThan(1e-4)
    const signals = criticBackward(ops, shape, variables, trace, dScores)
    expectSame(
      criticWeightGradients(tf, ops, variables, trace, signals),
      autodiff(tf, variables, () => loss(images)),
    )
    const dImages = imageGradient(ops, variables, trace, signals)
    expect(relativeDifference(tf, dImages, tf.grad(loss as (x: Tfjs.Tensor) => Tfjs.Tensor)(images))).toBeLessThan(2e-4)
    tf.dispose(variables)
  })

  it.each(shapes)("the generator's images and gradients are tfjs's: %s", (_, shape) => {
    const variables = asVariables(tf, shaken(initialGenerator(shape, 1), 2))
    const z = normalTensor(tf, normals(3), [batch, shape.latent]) as Tensor2D
    const dImages = imagesOf(shape, 4)
    const trace = generatorForward(tf, ops, shape, variables, averagesOf(shape), z)
    const expected = referenceGenerator(tf, shape, variables, z)
    expect(trace.images.shape).toEqual([batch, shape.image.height, shape.image.width, shape.image.channels])
    expect(relativeDifference(tf, trace.images, expected)).toBeLessThan(1e-4)
    expectSame(
      generatorBackward(tf, ops, shape, variables, trace, dImages),
      autodiff(tf, variables, () => tf.sum(tf.mul(dImages, referenceGenerator(tf, shape, variables, z)))),
    )
    tf.dispose(variables)
  })

  it.each(shapes.filter(([, shape]) => !shape.norm))(
    "the gradient penalty is tfjs's, gradient included: %s",
    (_, shape) => {
      const variables = asVariables(tf, shaken(initialCritic(shape, 1), 2))
      const images = imagesOf(shape, 3)
      const norms = () => {
        const score = (x: Tfjs.Tensor) => tf.sum(referenceCritic(tf, shape, variables, x as Tensor4D))
        const g = tf.grad(score)(images)
        return tf.sqrt(tf.add(tf.sum(tf.square(g), [1, 2, 3]), 1e-12))
      }
      const penalty = () => tf.mul(10, tf.mean(tf.square(tf.sub(norms(), 1)))) as Tfjs.Scalar
      const result = gradientPenalty(tf, ops, shape, variables, images, 10)
      expect(result.penalty.dataSync()[0]! * 10).toBeCloseTo(penalty().dataSync()[0]!, 3)
      expect(result.gradientNorm.dataSync()[0]).toBeCloseTo(tf.mean(norms()).dataSync()[0]!, 4)
      const kernels = Object.fromEntries(Object.entries(variables).filter(([name]) => !name.endsWith('/bias')))
      expectSame(result.gradients, autodiff(tf, kernels, penalty))
      tf.dispose(variables)
    },
  )

  it("the gradient penalty's gradient is that of finite differences", () => {
    const shape: NetworkShape = { image: { height: 28, width: 28, channels: 1 }, width: 2, latent: 5, norm: false }
    const names = new Set(Object.keys(initialCritic(shape, 1)).filter((name) => !name.endsWith('/bias')))
    for (let seed = 1; names.size > 0 && seed <= 60; seed++)
      tf.tidy(() => {
        const weights = asTensors(shaken(initialCritic(shape, 1), seed))
        const images = imagesOf(shape, 100 + seed).slice([0, 0, 0, 0], [1, -1, -1, -1]) as Tensor4D
        const { gradients } = gradientPenalty(tf, ops, shape, weights, images, 1)
        for (const name of names) {
          const values = gradients[name]!.dataSync() as Float32Array
          const f = (moved: Tfjs.Tensor) =>
            gradientPenalty(tf, ops, shape, { ...weights, [name]: moved }, images, 1).penalty
          const result = compareAlong(tf, f, weights[name]!, values, unit(values)!, 0.005)
          // Where a mask of LeakyReLU flips within the step, differences measure another piece of the function.
          if (!result.smooth) continue
          names.delete(name)
          expect(Math.abs(result.measured - result.analytic), name).toBeLessThan(0.02 * Math.abs(result.analytic))
        }
      })
    expect([...names]).toEqual([])
  })

  it('moving averages take a tenth of each batch, and samples are drawn with them', () => {
    const shape: NetworkShape = { image: { height: 28, width: 28, channels: 1 }, width: 4, latent: 5, norm: true }
    const variables = asVariables(tf, shaken(initialGenerator(shape, 1), 2))
    const z = normalTensor(tf, normals(3), [batch, 5]) as Tensor2D
    const { moving, layers } = generatorForward(tf, ops, shape, variables, averagesOf(shape), z)
    const { mean, variance } = tf.moments(layers[1]!.beforeNorm!, [0, 1, 2])
    const count = batch * 8 * 8
    expect(relativeDifference(tf, moving['norm1/mean']!, tf.mul(0.1, mean))).toBeLessThan(1e-4)
    const unbiased = tf.mul(variance, count / (count - 1))
    expect(relativeDifference(tf, moving['norm1/variance']!, tf.add(0.9, tf.mul(0.1, unbiased)))).toBeLessThan(1e-4)

    const together = generateSamples(tf, ops, shape, variables, moving, z)
    const alone = generateSamples(tf, ops, shape, variables, moving, tf.slice(z, [2, 0], [1, 5]))
    expect(relativeDifference(tf, alone, tf.slice(together, [2, 0, 0, 0], [1, -1, -1, -1]))).toBeLessThan(1e-4)
    tf.dispose(variables)
  })
})

it('refuses images that the networks do not fit', () => {
  expect(() => pyramid({ image: { height: 30, width: 30, channels: 1 }, width: 4 })).toThrow(
    'Images of 30 × 30 pixels do not fit the networks; they take 28 × 28, 32 × 32 or 64 × 64.',
  )
})
