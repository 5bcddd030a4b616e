import type * as Tfjs from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { openEngine } from '../../../src/ml/engine/open.ts'
import type { Tf } from '../../../src/ml/engine/open.ts'
import { createM2Trainer } from '../../../src/ml/experiments/m2/step.ts'
import type { M2StepParams, M2Trainer } from '../../../src/ml/experiments/m2/step.ts'
import { enginesHere, normals } from '../engine/finite-differences.ts'

const labelled = 6
const images = 38
const params: M2StepParams = {
  inputs: 4,
  classes: 3,
  hidden: [16],
  latent: 2,
  likelihood: 'gaussian',
  seed: 1,
  beta1: 0.9,
  beta2: 0.999,
  alpha: 1,
  labelledShare: 0.1,
  neglect: 0.001,
}
const centres = [
  [3, 0, 0, 1],
  [0, 3, 0, -1],
  [0, 0, 3, 0],
]

describe.each(await enginesHere())('a step of M2 on the %s engine', (prefer) => {
  let tf: Tf
  beforeAll(async () => {
    tf = (await openEngine({ prefer })).tf
  })

  /** Points around three centres in turn. */
  const pointsAt = (step: number, count: number) => {
    const normal = normals(step + 1)
    const rows = Array.from({ length: count }, (_, row) => centres[row % 3]!.map((mean) => mean + 0.4 * normal()))
    return tf.tensor2d(rows, [count, 4])
  }
  const train = (trainer: M2Trainer, from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => {
      const x = pointsAt(from + i, images)
      const logVariance = tf.fill([images, 4], -4) as Tfjs.Tensor2D
      const classes = Int32Array.from({ length: labelled }, (_, row) => row % 3)
      const metrics = trainer.step(from + i, { x, logVariance, classes }, 0.01)
      tf.dispose([x, logVariance])
      return metrics
    })

  it('repeats and resumes bit for bit', () => {
    const straight = createM2Trainer(tf, params)
    const metrics = train(straight, 0, 6)
    const interrupted = createM2Trainer(tf, params)
    const first = train(interrupted, 0, 2)
    const saved = structuredClone(interrupted.state())
    interrupted.dispose()
    const resumed = createM2Trainer(tf, params)
    resumed.load(saved)
    expect([...first, ...train(resumed, 2, 6)]).toEqual(metrics)
    expect(resumed.state()).toEqual(straight.state())
    straight.dispose()
    resumed.dispose()
  })

  it('leaves as many tensors as it found', () => {
    const before = tf.memory().numTensors
    const trainer = createM2Trainer(tf, params)
    train(trainer, 0, 1)
    const burnedIn = tf.memory().numTensors
    train(trainer, 1, 4)
    expect(tf.memory().numTensors).toBe(burnedIn)
    trainer.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('learns the classes of points of which few are labelled, and to draw points of a class', () => {
    const trainer = createM2Trainer(tf, params)
    const metrics = train(trainer, 0, 300)
    expect(metrics.at(-1)!.loss).toBeLessThan(0.7 * metrics[0]!.loss)
    tf.tidy(() => {
      const x = pointsAt(1000, 90)
      const likeliest = [...tf.argMax(trainer.classify(x), 1).dataSync()]
      const right = likeliest.filter((y, row) => y === row % 3).length
      expect(right).toBeGreaterThanOrEqual(87)

      const y = tf.tensor1d([0, 1, 2], 'int32')
      const drawn = trainer.generate(y, tf.zeros([3, 2])).arraySync()
      for (const [row, point] of drawn.entries()) {
        const distances = centres.map((centre) => Math.hypot(...centre.map((c, i) => c - point[i]!)))
        expect(distances.indexOf(Math.min(...distances))).toBe(row)
      }
    })
    trainer.dispose()
  })
})
