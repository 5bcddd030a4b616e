import type * as Tfjs from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import type { OpenedDataset } from '../../../src/ml/datasets/open-dataset.ts'
import { openEngine } from '../../../src/ml/engine/open.ts'
import type { Tf } from '../../../src/ml/engine/open.ts'
import {
  featureInputs,
  loadScale,
  measureScale,
  posteriors,
  storeScale,
} from '../../../src/ml/experiments/m1-m2/features.ts'
import { createVaeTrainer } from '../../../src/ml/experiments/vae/step.ts'
import { normals } from '../engine/finite-differences.ts'

const latent = 3

/** Posteriors of images whose second dimension is unused, and whose third is three times as wide as the prior. */
function madeUp(count: number): Float32Array {
  const normal = normals(1)
  const rows = Array.from({ length: count }, () => [
    0.5 + 0.8 * normal(),
    0.01 * normal(),
    -1 + 3 * normal(),
    Math.log(0.36),
    0,
    Math.log(0.25),
  ])
  return Float32Array.from(rows.flat())
}

describe('the features of M1 as M2 sees them', () => {
  let tf: Tf
  beforeAll(async () => {
    tf = (await openEngine()).tf
  })

  it('are the dimensions that M1 uses, with the mean and the whole deviation of z', () => {
    const { dimensions, mean, deviation } = measureScale(madeUp(20_000), latent)
    expect([...dimensions]).toEqual([0, 2])
    expect(mean[0]).toBeCloseTo(0.5, 1)
    expect(mean[1]).toBeCloseTo(-1, 1)
    // Between images and within q(z | x): 0.8² + 0.6², 3² + 0.5².
    expect(deviation[0]).toBeCloseTo(1, 1)
    expect(deviation[1]).toBeCloseTo(Math.sqrt(9.25), 1)
  })

  it('are refused when M1 uses no dimension', () => {
    const unused = madeUp(50).map((value, i) => (i % 6 < 3 ? value * 0.001 : value))
    expect(() => measureScale(unused, latent)).toThrow('uses none of its latent dimensions')
  })

  it('come back from a saved model, which must have all of them', () => {
    const scale = measureScale(madeUp(100), latent)
    expect(loadScale(storeScale(scale))).toEqual(scale)
    expect(() => loadScale({ dimensions: storeScale(scale)['dimensions']! })).toThrow("has no 'mean'")
  })

  it('have mean 0 and variance 1 together with their noise, and lead back to M1’s pixels', () => {
    const normal = normals(2)
    const images = Uint8Array.from({ length: 300 * 16 }, () => Math.max(0, Math.min(255, 128 + 60 * normal())))
    const split = { count: 300, images, labels: null }
    const data = { train: split, test: split } as unknown as OpenedDataset
    const vae = createVaeTrainer(tf, {
      pixels: 16,
      hidden: [8],
      latent,
      seed: 3,
      learningRate: 0.01,
      beta1: 0.9,
      beta2: 0.999,
    })
    const train = posteriors(tf, vae, split, latent)
    const scale = measureScale(train, latent)
    const inputs = featureInputs(tf, vae, data, latent, scale, train)
    tf.tidy(() => {
      const all = Array.from({ length: 300 }, (_, i) => i)
      const { x, logVariance } = inputs.train(all)
      const { mean, variance } = tf.moments(x, 0)
      const whole = tf.add(variance, tf.mean(tf.exp(logVariance!), 0)).dataSync()
      for (const value of mean.dataSync()) expect(value).toBeCloseTo(0, 4)
      for (const value of whole) expect(value).toBeCloseTo(1, 3)

      const encoded = vae.features(
        tf.tensor2d(
          Float32Array.from(images.subarray(0, 32), (v) => v / 255),
          [2, 16],
        ),
      )
      const used = tf.gather(encoded, tf.tensor1d(scale.dimensions, 'int32'), 1)
      const kept = tf.sum(tf.oneHot(tf.tensor1d(scale.dimensions, 'int32'), latent), 0).asType('float32')
      const expected = vae.reconstruct(tf.mul(encoded, kept)).dataSync()
      const found = inputs.pixels(inputs.firstOfTest(2)).dataSync()
      expect(used.shape).toEqual([2, inputs.width])
      for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i]!, 4)
    })
    expect(inputs.overTest(1, (x: Tfjs.Tensor2D) => tf.sum(x, 1)).length).toBe(300)
    vae.dispose()
  })
})
