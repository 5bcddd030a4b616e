import { describe, expect, it } from 'vitest'
import { createPlaneGanTrainer } from '../../../../src/ml/experiments/gan2d/step.ts'
import type { PlaneGanParams } from '../../../../src/ml/experiments/gan2d/params.ts'
import type { PlaneGanTrainer } from '../../../../src/ml/experiments/gan2d/step.ts'
import { ganLosses } from '../../../../src/ml/models/gan-losses.ts'
import type { GanLossName } from '../../../../src/ml/models/gan-losses.ts'
import { normals } from '../../engine/finite-differences.ts'
import { reference } from './reference.ts'

/** Real points: N((1.5, −1), 0.2² I). */
function batches(params: PlaneGanParams, from: number): () => Float32Array {
  let k = from * params.discriminatorSteps
  return () => {
    const normal = normals(++k)
    return Float32Array.from({ length: 2 * params.batch }, (_, i) => (i % 2 === 0 ? 1.5 : -1) + 0.2 * normal())
  }
}

function train(trainer: PlaneGanTrainer, params: PlaneGanParams, from: number, to: number) {
  const nextBatch = batches(params, from)
  return Array.from({ length: to - from }, (_, i) => trainer.step(from + i, nextBatch))
}

const names = Object.keys(ganLosses) as GanLossName[]

describe.each(names)('a GAN on the plane with the %s loss', (loss) => {
  const params = { ...reference, loss, discriminatorSteps: loss === 'wganGp' ? 3 : 1 }

  it('repeats and resumes bit for bit', () => {
    const straight = createPlaneGanTrainer(params)
    const losses = train(straight, params, 0, 6)
    const interrupted = createPlaneGanTrainer(params)
    const first = train(interrupted, params, 0, 2)
    const resumed = createPlaneGanTrainer(params)
    resumed.load(structuredClone(interrupted.state()))
    expect([...first, ...train(resumed, params, 2, 6)]).toEqual(losses)
    expect(resumed.state()).toEqual(straight.state())
  })

  it('moves the generated points to the real ones', () => {
    const faster = { ...params, lrG: 5e-3, lrD: 5e-3, beta1: 0.5, activation: 'tanh' as const }
    const trainer = createPlaneGanTrainer(faster)
    const noise = Float32Array.from({ length: 400 }, (_, i) => ((i * 0.618) % 1) as number)
    const distance = () => {
      const points = trainer.generate(noise)
      let [x, y] = [0, 0]
      for (let n = 0; n < 200; n++) {
        x += points[2 * n]! / 200
        y += points[2 * n + 1]! / 200
      }
      return Math.hypot(x - 1.5, y + 1)
    }
    const before = distance()
    train(trainer, faster, 0, 800)
    expect(distance()).toBeLessThan(0.35 * before)
  })
})

it('clips the weights of the discriminator under wganClip', () => {
  const params = { ...reference, loss: 'wganClip' as const }
  const trainer = createPlaneGanTrainer(params)
  train(trainer, params, 0, 3)
  const weights = [...trainer.state()['discriminator/weights']!.data]
  expect(Math.max(...weights.map(Math.abs))).toBeLessThanOrEqual(Math.fround(0.1))
})

it('the gradient penalty keeps the slope of the critic near 1', () => {
  const params = {
    ...reference,
    loss: 'wganGp' as const,
    penaltyWeight: 10,
    discriminatorSteps: 5,
    lrG: 1e-9,
    lrD: 5e-3,
  }
  const trainer = createPlaneGanTrainer({ ...params, activation: 'tanh' })
  train(trainer, params, 0, 300)
  const [a, b] = trainer.score(Float32Array.of(0.7, -0.45, 0.71, -0.457))
  const slope = Math.abs(b! - a!) / Math.hypot(0.01, 0.007)
  expect(slope).toBeGreaterThan(0.7)
  expect(slope).toBeLessThan(1.4)
})

it('refuses the state of other networks', () => {
  const trainer = createPlaneGanTrainer(reference)
  const other = createPlaneGanTrainer({ ...reference, generatorHidden: [4] }).state()
  expect(() => trainer.load(other)).toThrow("The saved 'generator/weights' has shape [22]; expected [114].")
})

it('refuses sizes that make no network, and says which', () => {
  expect(() => createPlaneGanTrainer({ ...reference, batch: 0 })).toThrow(
    'batch is 0; it must be a whole number from 1 to 1000000.',
  )
  expect(() => createPlaneGanTrainer({ ...reference, discriminatorHidden: [8, 2.5] })).toThrow(
    'A layer of discriminatorHidden is 2.5; it must be a whole number from 1 to 4096.',
  )
})
