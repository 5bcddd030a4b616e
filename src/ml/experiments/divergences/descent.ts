import { segmentForms } from '../../../shared/plane/closed-forms.ts'
import type { DivergenceName } from '../../../shared/plane/closed-forms.ts'
import { thetaTransform, thetaVelocity } from '../../../shared/plane/geometry.ts'
import { transformed } from '../../datasets/plane/source.ts'
import { densityDivergences } from '../../measures/plane/densities.ts'
import { wasserstein } from '../../measures/plane/wasserstein.ts'
import type { Slope } from './learned.ts'
import { movedQ } from './pair.ts'
import type { Pair } from './pair.ts'

export interface DescentPoint extends Slope {
  /** Steps done. */
  step: number
  theta: number
}

export interface DescentOptions {
  start: number
  steps: number
  /** Of the first step; falls linearly to 0, so that a slope that never falls (|θ|) comes to rest. */
  rate: number
}

/**
 * A point that learns: gradient descent on θ, kept within [−1, 1]; where there is no derivative it stays where it is.
 * Yields where it stands before the first step, after each, and at the end: steps + 1 points.
 * @param slopeAt may differ from step to step (fresh samples, a newly trained network)
 * @throws RangeError for zero steps, or a start outside [−1, 1]
 */
export function* descend(
  { start, steps, rate }: DescentOptions,
  slopeAt: (theta: number, step: number) => Slope,
): Generator<DescentPoint> {
  if (!Number.isInteger(steps) || steps < 1)
    throw new RangeError(`The descent is to take ${steps} steps; expected a whole number of at least 1.`)
  if (!(Math.abs(start) <= 1)) throw new RangeError(`θ starts at ${start}; it must be a number from -1 to 1.`)
  let theta = start
  for (let step = 0; step <= steps; step++) {
    const at = slopeAt(theta, step)
    yield { step, theta, ...at }
    theta = Math.max(-1, Math.min(1, theta - rate * (1 - step / steps) * (at.slope ?? 0)))
  }
}

/** The closed forms of two segments. */
export const closedSlope =
  (name: DivergenceName) =>
  (theta: number): Slope => ({
    value: segmentForms[name].value(theta),
    slope: segmentForms[name].derivative(theta),
  })

/** Points of each side at every step. */
const assignedPoints = 256
const densityPoints = 2000

/**
 * The exact slope at θ for any pair. W₁: the points of Q move with θ under the optimal plan, which may be held fixed (the
 * envelope theorem; Arjovsky et al. 2017, theorem 3): the mean of ⟨(q − p)/|q − p|, ∂q/∂θ⟩. KL and JS: central differences of
 * their Monte Carlo estimates from the same random numbers. Null if a density is missing or KL infinite.
 */
export function exactSlope(pair: Pair, name: DivergenceName) {
  if (pair.closed) return closedSlope(name)
  return (theta: number): Slope =>
    name === 'wasserstein' ? assignmentSlope(pair, theta) : densitySlope(pair, name, theta)
}

function assignmentSlope(pair: Pair, theta: number): Slope {
  const p = pair.p.sample('exact', 2, assignedPoints)
  const q = movedQ(pair, theta).sample('exact', 2, assignedPoints)
  const { distance, to } = wasserstein(p, q)
  let slope = 0
  to.forEach((j, i) => {
    const [dx, dy] = [q[2 * j]! - p[2 * i]!, q[2 * j + 1]! - p[2 * i + 1]!]
    const length = Math.hypot(dx, dy)
    // Points that coincide up to rounding pull nowhere.
    if (length < 1e-7) return
    const [vx, vy] = thetaVelocity(pair.theta, q[2 * j]!, q[2 * j + 1]!)
    slope += (dx * vx + dy * vy) / length / assignedPoints
  })
  return { value: distance, slope }
}

function densitySlope(pair: Pair, name: 'klPQ' | 'klQP' | 'js', theta: number): Slope {
  const { logDensity: logP } = pair.p
  if (!logP || !pair.q.logDensity) return { value: NaN, slope: null }
  const p = pair.p.sample('exact', 3, densityPoints)
  const valueAt = (at: number): number => {
    // A step beyond the ends of θ's range is needed to differentiate there.
    const q = transformed(pair.q, thetaTransform(pair.theta, at))
    return densityDivergences(p, q.sample('exact', 4, densityPoints), logP, q.logDensity!)[name]
  }
  const h = 0.005
  const slope = (valueAt(theta + h) - valueAt(theta - h)) / (2 * h)
  return { value: valueAt(theta), slope: Number.isFinite(slope) ? slope : null }
}
