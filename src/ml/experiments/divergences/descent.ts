import { segmentForms } from '../../../shared/plane/closed-forms.ts'
import type { DivergenceName } from '../../../shared/plane/closed-forms.ts'
import type { Slope } from '../../../shared/plane/descent.ts'
import { thetaTransform, thetaVelocity } from '../../../shared/plane/geometry.ts'
import { transformed } from '../../datasets/plane/source.ts'
import { densityDivergences } from '../../measures/plane/densities.ts'
import { wasserstein } from '../../measures/plane/wasserstein.ts'
import { movedQ } from './pair.ts'
import type { Pair } from './pair.ts'

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
