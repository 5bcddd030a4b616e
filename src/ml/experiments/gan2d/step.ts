import type { Points } from '../../../shared/plane/geometry.ts'
import type { StoredState } from '../../engine/parameters.ts'
import { seedWords, streamNumber } from '../../engine/philox.ts'
import { normals, uniforms } from '../../engine/random.ts'
import { ganLosses } from '../../models/gan-losses.ts'
import type { GanLoss, ScoreLoss } from '../../models/gan-losses.ts'
import type { MlpShape } from '../../models/mlp.ts'
import { createLearner } from '../../models/mlp-learner.ts'
import { checkParams, drawIndex } from './params.ts'
import type { NetworkName, PlaneGanParams } from './params.ts'

export interface PlaneGanLosses {
  discriminatorLoss: number
  generatorLoss: number
}

/**
 * What happened in a part of a step, in the order of parts; `update` counts those of this network in the step, from 0.
 * Points are [batch, 2], scores [batch]; the arrays are the trainer's own and good until the next part.
 */
export type StepPart =
  | { part: 'discriminatorForward'; update: number; real: Points; fake: Points; realScores: Points; fakeScores: Points }
  /** `loss` with the penalty, which is 0 for losses without one; the norm is that of the weights' gradient. */
  | { part: 'discriminatorUpdate'; update: number; loss: number; penalty: number; gradientNorm: number }
  | { part: 'generatorForward'; update: number; fake: Points; scores: Points }
  /** ∂L/∂point of the batch's mean loss: what the discriminator tells the generator. */
  | { part: 'pointGradients'; update: number; fake: Points; gradients: Points }
  | { part: 'generatorUpdate'; update: number; loss: number; gradientNorm: number }

export interface PlaneGanTrainer {
  /** Those in force. */
  readonly params: Readonly<PlaneGanParams>
  /**
   * `discriminatorSteps` updates of the discriminator, then `generatorSteps` of the generator.
   *
   * @param step counts from 0
   * @param nextBatch gives real points [batch, 2] by rows, another batch at each call
   * @returns mean losses of the updates; NaN for a network that was not updated
   */
  step(step: number, nextBatch: () => Points): PlaneGanLosses
  /** The same step, part by part. Until its end there is no other step, change or state. */
  parts(step: number, nextBatch: () => Points): Generator<StepPart, PlaneGanLosses>
  /**
   * Changes parameters between two steps. Weights and moments stay, but for a network whose layers' sizes change: it
   * begins anew, from the weights that the seed gives its new shape.
   * @returns the networks that began anew
   * @throws RangeError for values that no trainer can be made of, or another seed; then nothing has changed
   */
  change(changed: Partial<PlaneGanParams>): NetworkName[]
  /** Points [count, 2] from noise [count, latent]. */
  generate(noise: Float32Array): Points
  /** The discriminator's scores (logits) of points [count, 2]. */
  score(points: Points): Float32Array
  /** For each point [count, 2] the direction that lowers its own term of the generator's loss: −∂L/∂point, by its size. */
  pull(points: Points): Points
  state(): StoredState
  /** @throws Error if the state is not that of the same networks; then nothing has changed */
  load(state: StoredState): void
}

/**
 * A GAN on the plane, on JavaScript arrays: at this size a call to an engine costs more than the arithmetic. Random
 * numbers are functions of (seed, stream, step), so a resumed run goes on bit for bit.
 */
export function createPlaneGanTrainer(initial: PlaneGanParams): PlaneGanTrainer {
  checkParams(initial)
  let params = { ...initial }
  let loss: GanLoss = ganLosses[params.loss]
  const generatorShape = ({ latent, generatorHidden, activation }: PlaneGanParams): MlpShape => {
    return { sizes: [latent, ...generatorHidden, 2], activation }
  }
  const discriminatorShape = ({ discriminatorHidden, activation }: PlaneGanParams): MlpShape => {
    return { sizes: [2, ...discriminatorHidden, 1], activation }
  }
  const generator = createLearner('generator', generatorShape(params), params.batch, params.seed)
  const discriminator = createLearner('discriminator', discriminatorShape(params), params.batch, params.seed)
  const learners = [generator, discriminator]
  let dScores = new Float32Array(params.batch)
  let realScores = new Float32Array(params.batch)
  let walking = false

  const draw = (stream: string, index: number, count: number, kind = params.noise) =>
    (kind === 'normal' ? normals : uniforms)(seedWords(params.seed, streamNumber(stream), index), count)

  const options = (learningRate: number) => {
    const { optimiser, beta1, beta2 } = params
    return { optimiser, learningRate, beta1, beta2 }
  }

  /** Mean loss of the scores; leaves its gradient in `dScores`. */
  function meanLoss({ value, slope }: ScoreLoss, scores: Float32Array): number {
    let sum = 0
    const n = scores.length
    for (let i = 0; i < n; i++) {
      sum += value(scores[i]!)
      dScores[i] = slope(scores[i]!) / n
    }
    return sum / n
  }

  function* discriminatorStep(update: number, index: number, real: Points): Generator<StepPart, number> {
    const { net, gradients, weight } = discriminator
    gradients.fill(0)
    const fake = generator.net.forward(draw('discriminator noise', index, params.batch * params.latent))
    realScores.set(net.forward(real))
    let total = meanLoss(loss.real, realScores)
    net.backward(dScores, gradients)
    const fakeScores = net.forward(fake)
    total += meanLoss(loss.fake, fakeScores)
    yield { part: 'discriminatorForward', update, real, fake, realScores, fakeScores }
    net.backward(dScores, gradients)
    const penalty = params.loss === 'wganGp' ? penalise(index, real, fake) : 0
    total += penalty
    discriminator.update(options(params.lrD))
    if (params.loss === 'wganClip') {
      const { clip } = params
      for (let i = 0; i < weight.length; i++) weight[i] = Math.max(-clip, Math.min(clip, weight[i]!))
    }
    yield { part: 'discriminatorUpdate', update, loss: total, penalty, gradientNorm: norm(gradients) }
    return total
  }

  /** The gradient penalty of Gulrajani et al. 2017, equation 3; adds its gradient. */
  function penalise(index: number, real: Points, fake: Points): number {
    const mix = draw('interpolation', index, params.batch, 'uniform')
    const between = real.map((value, i) => value + mix[i >> 1]! * (fake[i]! - value))
    discriminator.net.forward(between)
    return discriminator.net.penaliseSlopes(params.penaltyWeight, discriminator.gradients)
  }

  function* generatorStep(update: number, index: number): Generator<StepPart, number> {
    const { net, gradients } = generator
    gradients.fill(0)
    const fake = net.forward(draw('generator noise', index, params.batch * params.latent))
    const scores = discriminator.net.forward(fake)
    yield { part: 'generatorForward', update, fake, scores }
    const total = meanLoss(loss.generator, scores)
    const pointGradients = discriminator.net.backward(dScores, null)
    yield { part: 'pointGradients', update, fake, gradients: pointGradients }
    net.backward(pointGradients, gradients)
    generator.update(options(params.lrG))
    yield { part: 'generatorUpdate', update, loss: total, gradientNorm: norm(gradients) }
    return total
  }

  function* parts(step: number, nextBatch: () => Points): Generator<StepPart, PlaneGanLosses> {
    expectRest()
    walking = true
    const { discriminatorSteps, generatorSteps } = params
    let [discriminatorLoss, generatorLoss] = [discriminatorSteps ? 0 : NaN, generatorSteps ? 0 : NaN]
    for (let k = 0; k < discriminatorSteps; k++)
      discriminatorLoss += (yield* discriminatorStep(k, drawIndex(step, k), nextBatch())) / discriminatorSteps
    for (let k = 0; k < generatorSteps; k++)
      generatorLoss += (yield* generatorStep(k, drawIndex(step, k))) / generatorSteps
    walking = false
    return { discriminatorLoss, generatorLoss }
  }

  function expectRest(): void {
    if (walking) throw new Error('The trainer is in the middle of a step; walk through its parts to the end first.')
  }

  return {
    get params() {
      return params
    },
    step(step, nextBatch) {
      const walk = parts(step, nextBatch)
      for (;;) {
        const { done, value } = walk.next()
        if (done) return value
      }
    },
    parts,
    change(changed) {
      expectRest()
      const next = { ...params, ...changed }
      checkParams(next)
      if (next.seed !== params.seed)
        throw new RangeError(`The seed is ${params.seed} for the whole run; start another run with seed ${next.seed}.`)
      const rebuilt: NetworkName[] = []
      if (generator.reshape(generatorShape(next), next.batch)) rebuilt.push('generator')
      if (discriminator.reshape(discriminatorShape(next), next.batch)) rebuilt.push('discriminator')
      dScores = new Float32Array(next.batch)
      realScores = new Float32Array(next.batch)
      loss = ganLosses[next.loss]
      params = next
      return rebuilt
    },
    generate: (noise) =>
      generator
        .at(noise.length / params.latent)
        .forward(noise)
        .slice(),
    score: (points) =>
      discriminator
        .at(points.length / 2)
        .forward(points)
        .slice(),
    pull(points) {
      const net = discriminator.at(points.length / 2)
      const slopes = net.forward(points).map((score) => -loss.generator.slope(score))
      return net.backward(slopes, null).slice()
    },
    state() {
      expectRest()
      return Object.assign({}, ...learners.map((learner) => learner.state())) as StoredState
    },
    load(state) {
      for (const learner of learners) learner.check(state)
      for (const learner of learners) learner.load(state)
      walking = false
    },
  }
}

function norm(values: Float32Array): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!
  return Math.sqrt(sum)
}
