import type { Points } from '../../../shared/plane/geometry.ts'

type LogDensity = (x: number, y: number) => number

export interface DensityDivergences {
  /** In nats. */
  klPQ: number
  klQP: number
  js: number
  /** Standard errors of the three; 0 where every point says the same. */
  errors: { klPQ: number; klQP: number; js: number }
}

/**
 * KL and JS of two distributions with known densities, by Monte Carlo over samples of each:
 * KL(P‖Q) = E_P[log p/q], JS = (E_P[log 2p/(p + q)] + E_Q[log 2q/(p + q)]) / 2.
 * Unbiased; the standard error is of order n^(−1/2). KL is infinite as soon as one point has no density under the other.
 * @throws RangeError if a sample is empty
 */
export function densityDivergences(p: Points, q: Points, logP: LogDensity, logQ: LogDensity): DensityDivergences {
  const onP = ratios(p, logP, logQ)
  const onQ = ratios(q, logQ, logP)
  const jsTerm = (ratio: number) => Math.LN2 - softplus(-ratio)
  const [jsP, jsQ] = [meanAndError(onP.map(jsTerm)), meanAndError(onQ.map(jsTerm))]
  const [klPQ, klQP] = [meanAndError(onP), meanAndError(onQ)]
  return {
    klPQ: klPQ.mean,
    klQP: klQP.mean,
    js: (jsP.mean + jsQ.mean) / 2,
    errors: { klPQ: klPQ.error, klQP: klQP.error, js: Math.hypot(jsP.error, jsQ.error) / 2 },
  }
}

const softplus = (s: number) => Math.max(s, 0) + Math.log1p(Math.exp(-Math.abs(s)))

/** log own/other at each point. */
function ratios(points: Points, own: LogDensity, other: LogDensity): Float64Array {
  if (points.length === 0) throw new RangeError('A divergence of densities needs at least one point of each.')
  // A point may be rounded out of its own support; it then says nothing of the ratio there.
  return Float64Array.from({ length: points.length / 2 }, (_, i) => {
    const [x, y] = [points[2 * i]!, points[2 * i + 1]!]
    const [a, b] = [own(x, y), other(x, y)]
    return a === -Infinity ? (b === -Infinity ? 0 : Infinity) : a - b
  })
}

function meanAndError(values: Float64Array): { mean: number; error: number } {
  const n = values.length
  const mean = values.reduce((a, b) => a + b, 0) / n
  if (!Number.isFinite(mean)) return { mean, error: 0 }
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, error: n > 1 ? Math.sqrt(squares / (n - 1) / n) : 0 }
}
