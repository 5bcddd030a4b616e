import type * as Tfjs from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { openEngine } from '../../../src/ml/engine/open.ts'
import type { Tf } from '../../../src/ml/engine/open.ts'
import { createRandom } from '../../../src/ml/engine/random.ts'
import { createDcganTrainer } from '../../../src/ml/experiments/dcgan/step.ts'
import type { ImageTrainer } from '../../../src/ml/experiments/trainer.ts'
import { createWganGpTrainer } from '../../../src/ml/experiments/wgan-gp/step.ts'
import { enginesHere } from '../engine/finite-differences.ts'

const image = { height: 28, width: 28, channels: 1 }
const common = { width: 4, latent: 8, batch: 4, seed: 3, lrG: 1e-3, lrD: 1e-3, beta1: 0.5, beta2: 0.9 }
const trainers = {
  'wgan-gp': (tf: Tf) => createWganGpTrainer(tf, { ...common, criticSteps: 2, penaltyWeight: 10 }, image),
  dcgan: (tf: Tf) => createDcganTrainer(tf, common, image),
}
const metricNames = {
  'wgan-gp': ['criticLoss', 'generatorLoss', 'gradientNorm', 'gradientPenalty', 'wassersteinEstimate'],
  dcgan: ['dFake', 'dReal', 'discriminatorLoss', 'generatorLoss'],
}

const cases = (await enginesHere()).flatMap((engine) =>
  (['wgan-gp', 'dcgan'] as const).map((kind) => ({ engine, kind })),
)

describe.each(cases)('a step of $kind on the $engine engine', ({ engine, kind }) => {
  let tf: Tf
  beforeAll(async () => {
    tf = (await openEngine({ prefer: engine })).tf
  })

  /** Batches as functions of the step, as the data loader's are. */
  function train(trainer: ImageTrainer, from: number, to: number): Record<string, number>[] {
    const random = createRandom(tf, 1)
    return Array.from({ length: to - from }, (_, i) => {
      let k = 0
      const nextBatch = () =>
        tf.tidy(
          () => tf.sub(tf.mul(2, random.uniform('images', (from + i) * 10 + k++, [4, 28, 28, 1])), 1) as Tfjs.Tensor4D,
        )
      return trainer.step(from + i, nextBatch)
    })
  }

  it('repeats and resumes bit for bit', () => {
    const straight = trainers[kind](tf)
    const metrics = train(straight, 0, 5)

    const interrupted = trainers[kind](tf)
    const first = train(interrupted, 0, 2)
    const saved = structuredClone(interrupted.state())
    interrupted.dispose()
    const resumed = trainers[kind](tf)
    resumed.load(saved)
    expect([...first, ...train(resumed, 2, 5)]).toEqual(metrics)
    expect(resumed.state()).toEqual(straight.state())
    straight.dispose()
    resumed.dispose()
  })

  it('reports its metrics, all finite, and changes every weight', () => {
    const trainer = trainers[kind](tf)
    const before = trainer.state()
    const [metrics] = train(trainer, 0, 1)
    expect(Object.keys(metrics!).sort()).toEqual(metricNames[kind])
    expect(Object.values(metrics!).every(Number.isFinite)).toBe(true)
    const after = trainer.state()
    const unchanged = Object.keys(before).filter((key) => before[key]!.data.every((x, i) => x === after[key]!.data[i]))
    // A constant added to all scores changes neither of the two terms of the critic's loss.
    const weightless = kind === 'wgan-gp' ? ['critic/dense/bias', 'critic/dense/bias/m', 'critic/dense/bias/v'] : []
    expect(unchanged.filter((key) => !weightless.includes(key))).toEqual([])
    trainer.dispose()
  })

  it('leaves as many tensors as it found, and disposal none', () => {
    const before = tf.memory().numTensors
    const trainer = trainers[kind](tf)
    train(trainer, 0, 1)
    const burnedIn = tf.memory().numTensors
    train(trainer, 1, 4)
    tf.tidy(() => trainer.sample(tf.zeros([2, 8])).dispose())
    expect(tf.memory().numTensors).toBe(burnedIn)
    trainer.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('samples images in [−1, 1] as a function of the noise alone', () => {
    const trainer = trainers[kind](tf)
    train(trainer, 0, 2)
    const z = createRandom(tf, 5).normal<Tfjs.Rank.R2>('samples', 0, [9, 8])
    const images = trainer.sample(z)
    expect(images.shape).toEqual([9, 28, 28, 1])
    const values = images.dataSync()
    expect(values.every((value) => value >= -1 && value <= 1)).toBe(true)
    expect(trainer.sample(z).dataSync()).toEqual(values)
    tf.dispose([z, images])
    trainer.dispose()
  })

  it('refuses the state of other networks', () => {
    const trainer = trainers[kind](tf)
    const state = trainer.state()
    delete state['generator/dense/kernel']
    expect(() => trainer.load(state)).toThrow("The saved state has no 'dense/kernel'; it belongs to another network.")
    trainer.dispose()
  })
})

it('the critic of WGAN-GP converges to the optimum that theory gives', async () => {
  const { tf } = await openEngine()
  // Without a generator that moves, and with one real image, the best critic is a slope of norm n along the line between
  // the two distributions at distance W: it minimises −n W + 10 (n − 1)², so n = 1 + W / 20.
  const params = { ...common, lrG: 1e-12, batch: 16, criticSteps: 5, penaltyWeight: 10 }
  const trainer = createWganGpTrainer(tf, params, image)
  const real = () => tf.fill([16, 28, 28, 1], -1) as Tfjs.Tensor4D
  let metrics: Record<string, number> = {}
  for (let step = 0; step < 30; step++) metrics = trainer.step(step, real)
  const { wassersteinEstimate, gradientNorm, gradientPenalty, criticLoss } = metrics as Record<string, number>
  const distance = wassersteinEstimate! / gradientNorm!
  // The generator starts near 0, which is 28 away from an image of 28 × 28 pixels of −1.
  expect(Math.abs(distance / 28 - 1)).toBeLessThan(0.03)
  expect(Math.abs(gradientNorm! / (1 + distance / 20) - 1)).toBeLessThan(0.03)
  expect(criticLoss).toBeCloseTo(-wassersteinEstimate! + 10 * gradientPenalty!, 4)
  trainer.dispose()
})

it('a DCGAN discriminator learns to tell generated from real images', async () => {
  const { tf } = await openEngine()
  const trainer = createDcganTrainer(tf, { ...common, lrG: 1e-12, batch: 16 }, image)
  const real = () => tf.fill([16, 28, 28, 1], -1) as Tfjs.Tensor4D
  const first = trainer.step(0, real)
  let metrics = first
  for (let step = 1; step < 60; step++) metrics = trainer.step(step, real)
  expect(metrics['dReal']).toBeGreaterThan(0.95)
  expect(metrics['dFake']).toBeLessThan(0.05)
  expect(metrics['discriminatorLoss']).toBeLessThan(0.1 * first['discriminatorLoss']!)
  trainer.dispose()
})
