import type { Slope } from '../../../shared/plane/descent.ts'
import type { LearnedName } from '../../../shared/plane/divergences.ts'
import { thetaVelocity } from '../../../shared/plane/geometry.ts'
import type { Points, ThetaKind } from '../../../shared/plane/geometry.ts'
import type { Judge, JudgeOptions } from './judge.ts'
import { trainedJudge } from './pair.ts'
import type { Pair } from './pair.ts'

const judgeOf = (name: LearnedName) => (name === 'wasserstein' ? 'critic' : 'discriminator')

/**
 * The learned slope at θ: a network is trained from scratch for `steps` steps, and its estimate differentiated through the
 * points of Q, the network held fixed, as a GAN's generator does. With the score s:
 *   W₁ of a critic: E_P[s] − E_Q[s], so the points feel −∇s;
 *   JS of a discriminator: log 2 + (E_P[log D] + E_Q[log(1 − D)]) / 2, the saturating loss: −D ∇s / 2;
 *   KL(P‖Q) of the same discriminator, by the bound E_P[T] − E_Q[exp(T − 1)] with T = 1 + s (Nguyen et al. 2010; Nowozin et
 *   al. 2016, "f-GAN", section 2.2): −exp(s) ∇s.
 * The better the discriminator, the less the last two say where P is (Arjovsky and Bottou 2017, theorem 2.4).
 * A function of (pair, θ, step, seedIndex): nothing is carried from one step to the next.
 */
export function learnedSlope(
  pair: Pair,
  name: LearnedName,
  steps: number,
  seedIndex: number,
  settings: Partial<JudgeOptions> = {},
) {
  return (theta: number, step: number): Slope => {
    const { judge, p, q } = trainedJudge(pair, theta, seedIndex * 100_000 + step, steps, judgeOf(name), settings)
    return slopeOf(pair.theta, name, judge, p, q)
  }
}

/** The learned estimates at θ and their slopes, from one seed: a critic's W₁, and a discriminator's bounds on JS and KL. */
export function learnedAt(
  pair: Pair,
  theta: number,
  seedIndex: number,
  steps: number,
  settings: Partial<JudgeOptions> = {},
): Record<LearnedName, Slope> {
  const critic = trainedJudge(pair, theta, seedIndex, steps, 'critic', settings)
  const wasserstein = slopeOf(pair.theta, 'wasserstein', critic.judge, critic.p, critic.q)
  const { judge, p, q } = trainedJudge(pair, theta, seedIndex, steps, 'discriminator', settings)
  return {
    wasserstein,
    js: slopeOf(pair.theta, 'js', judge, p, q),
    klPQ: slopeOf(pair.theta, 'klPQ', judge, p, q),
  }
}

/** What a trained network says of held-out points p and q, and how that changes as θ moves q. */
function slopeOf(kind: ThetaKind, name: LearnedName, judge: Judge, p: Points, q: Points): Slope {
  const { scores, slopes } = judge.look(q)
  const value = name === 'klPQ' ? klBound(judge.look(p).scores, scores) : judge.estimate(p, q)
  const factor = (s: number) => {
    if (name === 'wasserstein') return -1
    return name === 'js' ? -0.5 / (1 + Math.exp(-s)) : -Math.exp(s)
  }
  return { value, slope: meanPull(kind, q, slopes, scores.map(factor)) }
}

function klBound(onP: Float32Array, onQ: Float32Array): number {
  const mean = (values: Float32Array) => values.reduce((a, b) => a + b, 0) / values.length
  return mean(onP) + 1 - mean(onQ.map(Math.exp))
}

/** Mean over the points of factor · ⟨slope, ∂point/∂θ⟩. */
function meanPull(kind: ThetaKind, points: Points, slopes: Points, factors: Float32Array): number {
  let sum = 0
  for (let i = 0; i < points.length; i += 2) {
    const [vx, vy] = thetaVelocity(kind, points[i]!, points[i + 1]!)
    sum += factors[i >> 1]! * (slopes[i]! * vx + slopes[i + 1]! * vy)
  }
  return (2 * sum) / points.length
}
