import type * as Tfjs from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { openEngine } from '../../../src/ml/engine/open.ts'
import type { Tf } from '../../../src/ml/engine/open.ts'
import { createVaeTrainer } from '../../../src/ml/experiments/vae/step.ts'
import type { VaeTrainer } from '../../../src/ml/experiments/vae/step.ts'
import { enginesHere, normals } from '../engine/finite-differences.ts'

const params = { pixels: 16, hidden: [12, 10], latent: 2, seed: 1, learningRate: 3e-3, beta1: 0.9, beta2: 0.999 }

describe.each(await enginesHere())('a step of the VAE on the %s engine', (prefer) => {
  let tf: Tf
  beforeAll(async () => {
    tf = (await openEngine({ prefer })).tf
  })

  /** Two patterns with some noise. */
  const batchAt = (step: number): Tfjs.Tensor2D => {
    const normal = normals(step + 1)
    const value = (row: number, column: number) => (column < 8 === (row % 2 === 0) ? 0.9 : 0.1) + 0.03 * normal()
    return tf.tensor2d(
      Float32Array.from({ length: 32 * 16 }, (_, i) => value(i >> 4, i & 15)),
      [32, 16],
    )
  }
  const train = (trainer: VaeTrainer, from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => {
      const batch = batchAt(from + i)
      const losses = trainer.step(from + i, batch)
      batch.dispose()
      return losses
    })

  it('repeats and resumes bit for bit', () => {
    const straight = createVaeTrainer(tf, params)
    const losses = train(straight, 0, 5)
    const interrupted = createVaeTrainer(tf, params)
    const first = train(interrupted, 0, 2)
    const saved = structuredClone(interrupted.state())
    interrupted.dispose()
    const resumed = createVaeTrainer(tf, params)
    resumed.load(saved)
    expect([...first, ...train(resumed, 2, 5)]).toEqual(losses)
    expect(resumed.state()).toEqual(straight.state())
    straight.dispose()
    resumed.dispose()
  })

  it('leaves as many tensors as it found', () => {
    const before = tf.memory().numTensors
    const trainer = createVaeTrainer(tf, params)
    train(trainer, 0, 1)
    const burnedIn = tf.memory().numTensors
    train(trainer, 1, 4)
    expect(tf.memory().numTensors).toBe(burnedIn)
    trainer.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('warms up as a function of the step, and evaluates without changing anything', () => {
    const warm = { ...params, warmUpSteps: 4 }
    const straight = createVaeTrainer(tf, warm)
    train(straight, 0, 6)
    const resumed = createVaeTrainer(tf, warm)
    train(resumed, 0, 3)
    const saved = structuredClone(resumed.state())
    const batch = batchAt(0)
    const bound = resumed.evaluate(7, batch)
    expect(resumed.evaluate(7, batch)).toEqual(bound)
    expect(bound.kl).toBeGreaterThan(0)
    expect(resumed.state()).toEqual(saved)
    batch.dispose()
    train(resumed, 3, 6)
    expect(resumed.state()).toEqual(straight.state())
    const cold = createVaeTrainer(tf, params)
    train(cold, 0, 6)
    expect(cold.state()).not.toEqual(straight.state())
    for (const trainer of [straight, resumed, cold]) trainer.dispose()
  })

  it('learns to encode two patterns and to reconstruct them', () => {
    const trainer = createVaeTrainer(tf, params)
    const losses = train(trainer, 0, 400)
    expect(losses.at(-1)!.loss).toBeLessThan(0.75 * losses[0]!.loss)
    tf.tidy(() => {
      const batch = batchAt(1000)
      const reconstructed = trainer.reconstruct(trainer.features(batch))
      expect(tf.mean(tf.abs(tf.sub(reconstructed, batch))).dataSync()[0]).toBeLessThan(0.08)
    })
    trainer.dispose()
  })
})
