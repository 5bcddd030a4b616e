/** A divergence at θ and its derivative; null where there is none. */
export interface Slope {
  value: number
  slope: number | null
}

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
