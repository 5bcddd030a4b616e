import { adamStep } from '../../engine/adam-portable.ts'
import { expectStored } from '../../engine/parameters.ts'
import type { AdamOptions, StoredState } from '../../engine/parameters.ts'
import { seedWords, streamNumber } from '../../engine/philox.ts'
import { normals, uniforms } from '../../engine/random.ts'
import { ganLosses } from '../../models/gan-losses.ts'
import type { GanLossName } from '../../models/gan-losses.ts'
import { createMlp, initialMlp } from '../../models/mlp.ts'
import type { Activation, Mlp, MlpShape } from '../../models/mlp.ts'

export interface PlaneGanParams {
  /** Components of the noise. */
  latent: number
  noise: 'uniform' | 'normal'
  /** Units of the hidden layers, the same in both networks. */
  hidden: number[]
  activation: Activation
  batch: number
  loss: GanLossName
  /** Weight of the gradient penalty of `wganGp`. */
  penaltyWeight: number
  /** Bound on the discriminator's weights under `wganClip`. */
  clip: number
  discriminatorSteps: number
  generatorSteps: number
  lrG: number
  lrD: number
  beta1: number
  beta2: number
  seed: number
}

export interface PlaneGanTrainer {
  /**
   * `discriminatorSteps` updates of the discriminator, then `generatorSteps` of the generator.
   *
   * @param step counts from 0
   * @param nextBatch gives real points [batch, 2] by rows, another batch at each call
   */
  step(step: number, nextBatch: () => Float32Array): { discriminatorLoss: number; generatorLoss: number }
  /** Points [count, 2] from noise [count, latent]. */
  generate(noise: Float32Array): Float32Array
  /** The discriminator's scores (logits) of points [count, 2]. */
  score(points: Float32Array): Float32Array
  state(): StoredState
  /** @throws Error if the state is not that of the same networks */
  load(state: StoredState): void
}

/** A network's weights with Adam's moments. */
interface Learner {
  shape: MlpShape
  net: Mlp
  weight: Float32Array
  gradients: Float32Array
  m: Float32Array
  v: Float32Array
  updates: number
}

/**
 * A GAN on the plane, on JavaScript arrays: at this size a call to an engine costs more than the arithmetic. Random
 * numbers are functions of (seed, stream, step), so a resumed run goes on bit for bit.
 */
export function createPlaneGanTrainer(params: PlaneGanParams): PlaneGanTrainer {
  const { batch, latent, hidden, activation, seed, beta1, beta2, discriminatorSteps, generatorSteps } = params
  const loss = ganLosses[params.loss]
  const learner = (name: string, sizes: number[]): Learner => {
    const shape: MlpShape = { sizes, activation }
    const weight = initialMlp(shape, seed, name).data as Float32Array
    const zeros = () => new Float32Array(weight.length)
    const net = createMlp(shape, weight, batch)
    return { shape, net, weight, gradients: zeros(), m: zeros(), v: zeros(), updates: 0 }
  }
  const generator = learner('generator', [latent, ...hidden, 2])
  const discriminator = learner('discriminator', [2, ...hidden, 1])
  const learners = { generator, discriminator }
  const dScores = new Float32Array(batch)

  const draw = (stream: string, index: number, count: number, kind = params.noise) =>
    (kind === 'normal' ? normals : uniforms)(seedWords(seed, streamNumber(stream), index), count)

  function update(learner: Learner, learningRate: number): void {
    const options: AdamOptions = { learningRate, beta1, beta2 }
    adamStep(learner, learner.gradients, ++learner.updates, options)
  }

  /** Mean loss of the scores; leaves its gradient in `dScores`. */
  function meanLoss({ value, slope }: (typeof loss)['real'], scores: Float32Array): number {
    let sum = 0
    for (let n = 0; n < batch; n++) {
      sum += value(scores[n]!)
      dScores[n] = slope(scores[n]!) / batch
    }
    return sum / batch
  }

  function discriminatorStep(index: number, real: Float32Array): number {
    const { net, gradients, weight } = discriminator
    gradients.fill(0)
    const fake = generator.net.forward(draw('discriminator noise', index, batch * latent))
    let total = meanLoss(loss.real, net.forward(real))
    net.backward(dScores, gradients)
    total += meanLoss(loss.fake, net.forward(fake))
    net.backward(dScores, gradients)
    if (params.loss === 'wganGp') total += penalise(index, real, fake)
    update(discriminator, params.lrD)
    if (params.loss === 'wganClip')
      weight.forEach((value, i) => (weight[i] = Math.max(-params.clip, Math.min(params.clip, value))))
    return total
  }

  /** The gradient penalty of Gulrajani et al. 2017, equation 3; adds its gradient. */
  function penalise(index: number, real: Float32Array, fake: Float32Array): number {
    const { net, gradients } = discriminator
    const mix = draw('interpolation', index, batch, 'uniform')
    const between = real.map((value, i) => value + mix[i >> 1]! * (fake[i]! - value))
    net.forward(between)
    const slopes = net.backward(dScores.fill(1), null)
    const directions = new Float32Array(2 * batch)
    let total = 0
    for (let n = 0; n < batch; n++) {
      const [gx, gy] = [slopes[2 * n]!, slopes[2 * n + 1]!]
      const norm = Math.sqrt(gx * gx + gy * gy + 1e-12)
      total += (norm - 1) ** 2
      const factor = (params.penaltyWeight * 2 * (norm - 1)) / norm / batch
      directions[2 * n] = factor * gx
      directions[2 * n + 1] = factor * gy
    }
    net.backwardAlong(directions, gradients)
    return (params.penaltyWeight * total) / batch
  }

  function generatorStep(index: number): number {
    generator.gradients.fill(0)
    const fake = generator.net.forward(draw('generator noise', index, batch * latent))
    const total = meanLoss(loss.generator, discriminator.net.forward(fake))
    generator.net.backward(discriminator.net.backward(dScores, null), generator.gradients)
    update(generator, params.lrG)
    return total
  }

  return {
    step(step, nextBatch) {
      let [discriminatorLoss, generatorLoss] = [0, 0]
      for (let k = 0; k < discriminatorSteps; k++)
        discriminatorLoss += discriminatorStep(step * discriminatorSteps + k, nextBatch()) / discriminatorSteps
      for (let k = 0; k < generatorSteps; k++)
        generatorLoss += generatorStep(step * generatorSteps + k) / generatorSteps
      return { discriminatorLoss, generatorLoss }
    },
    generate: (noise) => createMlp(generator.shape, generator.weight, noise.length / latent).forward(noise),
    score: (points) => createMlp(discriminator.shape, discriminator.weight, points.length / 2).forward(points),
    state() {
      const state: StoredState = {}
      for (const [name, { weight, m, v, updates }] of Object.entries(learners)) {
        const shape = [weight.length]
        state[`${name}/weights`] = { shape, data: weight.slice() }
        state[`${name}/m`] = { shape, data: m.slice() }
        state[`${name}/v`] = { shape, data: v.slice() }
        state[`${name}/updates`] = { shape: [], data: Int32Array.of(updates) }
      }
      return state
    },
    load(state) {
      const expected = Object.entries(learners).flatMap(([name, { weight }]): [string, number[]][] => [
        ...['weights', 'm', 'v'].map((part): [string, number[]] => [`${name}/${part}`, [weight.length]]),
        [`${name}/updates`, []],
      ])
      expectStored(state, expected)
      for (const [name, learner] of Object.entries(learners)) {
        learner.weight.set(state[`${name}/weights`]!.data)
        learner.m.set(state[`${name}/m`]!.data)
        learner.v.set(state[`${name}/v`]!.data)
        learner.updates = state[`${name}/updates`]!.data[0]!
      }
    },
  }
}
