import type { Points } from '../../../shared/plane/geometry.ts'
import { seedWords, streamNumber } from '../../engine/philox.ts'
import { uniforms } from '../../engine/random.ts'
import type { Activation } from '../../models/mlp.ts'
import { createLearner } from '../../models/mlp-learner.ts'

/** Draws `count` points [count, 2]; other points for another index. */
export type Draw = (index: number, count: number) => Points

export interface JudgeOptions {
  hidden: number[]
  activation: Activation
  batch: number
  learningRate: number
  /** Final weight of the gradient penalty, of a critic only. It grows to it, from a hundredth, over half the training. */
  penaltyWeight: number
  seed: number
}

/**
 * Settings found for P = {0} × U(0, 1), Q = {θ} × U(0, 1) at θ = ±0.1 … ±1 and three seeds: with 300 steps W is within
 * 1.3 % of |θ|, JS within 0.1 % of log 2, and both together take 0.25 s. Curves and mixtures want 1000: until then both
 * estimates are too small, as lower bounds are.
 */
export const usualJudge: Omit<JudgeOptions, 'seed'> = {
  hidden: [16, 16],
  activation: 'leakyRelu',
  batch: 64,
  learningRate: 0.01,
  penaltyWeight: 100,
}

/** A network that is trained to tell P from Q, and what it then says of them. */
export interface Judge {
  /**
   * Trains for `steps` steps, on batches index `from`, `from` + 1, … of both; over the last part the learning rate falls to
   * nothing, so that the result does not depend on where the last step happened to go.
   */
  train(p: Draw, q: Draw, from: number, steps: number): void
  /** Its estimate from samples [count, 2] that it was not trained on. */
  estimate(p: Points, q: Points): number
  /** Its scores of points and ∂score/∂point, both as if it took points as they are. */
  look(points: Points): { scores: Float32Array; slopes: Points }
}

/** What a judge of each sort wants: the slope of its loss by the score, for real (P) and for generated (Q) points. */
interface Aim {
  onP(score: number): number
  onQ(score: number): number
}

const logistic = (s: number) => 1 / (1 + Math.exp(-s))
const softplus = (s: number) => Math.max(s, 0) + Math.log1p(Math.exp(-Math.abs(s)))

/**
 * A discriminator, whose estimate is its lower bound on JS in nats: log 2 + (E_P[log D] + E_Q[log(1 − D)]) / 2 (Goodfellow
 * et al. 2014, theorem 1); the score is the logit, log p/q at the optimum. JS is the same in any coordinates, so each axis is
 * scaled by itself: however near two segments lie, they are as far apart for the network.
 * @param example points of both, that the scales are taken from
 */
export function createDiscriminator(options: JudgeOptions, example: Points): Judge {
  const judge = createJudge('discriminator', options, normaliser(example, false), {
    onP: (s) => -logistic(-s),
    onQ: logistic,
  })
  return {
    train: judge.train,
    look: judge.look,
    estimate: (p, q) =>
      Math.LN2 - (mean(judge.look(p).scores, (s) => softplus(-s)) + mean(judge.look(q).scores, softplus)) / 2,
  }
}

/**
 * A critic, whose estimate is E_P[f] − E_Q[f] with its slope held near 1 by the gradient penalty (Gulrajani et al. 2017,
 * equation 3). W₁ scales with the coordinates, so both axes are scaled alike, and the score back.
 *
 * The penalty lets the slope grow to 1 + W/(2λ) in scaled coordinates: at the weight λ of 100 that is used here 1 % too much
 * for distributions that are as far apart as they are wide.
 */
export function createCritic(options: JudgeOptions, example: Points): Judge {
  const judge = createJudge('critic', options, normaliser(example, true), { onP: () => -1, onQ: () => 1 })
  return {
    train: judge.train,
    look: judge.look,
    estimate: (p, q) => mean(judge.look(p).scores, (s) => s) - mean(judge.look(q).scores, (s) => s),
  }
}

interface Normaliser {
  centre: [number, number]
  scale: [number, number]
  /** Of the score: what a score of the scaled points is worth. */
  worth: number
}

function normaliser(points: Points, alike: boolean): Normaliser {
  const n = points.length / 2
  const centre: [number, number] = [0, 0]
  for (let i = 0; i < points.length; i++) centre[i & 1]! += points[i]! / n
  const squares = [0, 0]
  for (let i = 0; i < points.length; i++) squares[i & 1]! += (points[i]! - centre[i & 1]!) ** 2 / n
  const positive = (scale: number) => (scale > 1e-9 ? scale : 1)
  const both = positive(Math.sqrt((squares[0]! + squares[1]!) / 2))
  const scale: [number, number] = alike
    ? [both, both]
    : [positive(Math.sqrt(squares[0]!)), positive(Math.sqrt(squares[1]!))]
  return { centre, scale, worth: alike ? both : 1 }
}

function createJudge(
  name: string,
  options: JudgeOptions,
  { centre, scale, worth }: Normaliser,
  aim: Aim,
): Omit<Judge, 'estimate'> {
  const { hidden, activation, batch, learningRate, penaltyWeight, seed } = options
  const learner = createLearner(name, { sizes: [2, ...hidden, 1], activation }, batch, seed)
  const adam = { optimiser: 'adam', beta1: 0.5, beta2: 0.99 } as const
  const dScores = new Float32Array(batch)
  const scaled = (points: Points) => points.map((value, i) => (value - centre[i & 1]!) / scale[i & 1]!)

  function learn(points: Points, slope: (score: number) => number): void {
    const scores = learner.net.forward(points)
    for (let i = 0; i < batch; i++) dScores[i] = slope(scores[i]!) / batch
    learner.net.backward(dScores, learner.gradients)
  }

  return {
    train(p, q, from, steps) {
      for (let k = 0; k < steps; k++) {
        const [onP, onQ] = [scaled(p(from + k, batch)), scaled(q(from + k, batch))]
        learner.gradients.fill(0)
        learn(onP, aim.onP)
        learn(onQ, aim.onQ)
        if (name === 'critic') {
          const mix = uniforms(seedWords(seed, streamNumber('interpolation'), from + k), batch)
          learner.net.forward(onP.map((value, i) => value + mix[i >> 1]! * (onQ[i]! - value)))
          // Heavy from the start, the penalty holds the slope at the sign it happens to begin with.
          const weight = penaltyWeight * 100 ** (Math.min(1, (2 * k) / steps) - 1)
          learner.net.penaliseSlopes(weight, learner.gradients)
        }
        learner.update({ ...adam, learningRate: learningRate * Math.min(1, (2 * (steps - k)) / steps) })
      }
    },
    look(points) {
      const net = learner.at(points.length / 2)
      const scores = net.forward(scaled(points)).map((score) => worth * score)
      const ones = new Float32Array(points.length / 2).fill(worth)
      return { scores, slopes: net.backward(ones, null).map((slope, i) => slope / scale[i & 1]!) }
    },
  }
}

function mean(values: Float32Array, f: (value: number) => number): number {
  let sum = 0
  for (const value of values) sum += f(value)
  return sum / values.length
}
