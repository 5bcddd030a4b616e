import type { Points } from '../../../shared/plane/geometry.ts'

export interface GridOptions {
  /** Cells along each side of the plane; default 24. */
  bins?: number
  /** Added to the count of every cell for KL; default ½. */
  smoothing?: number
}

export interface GridDivergences {
  /** KL(P‖Q), KL(Q‖P) and JS, in nats. */
  klPQ: number
  klQP: number
  js: number
}

/** Cells of one sample: bins × bins on [−1, 1]², and one more for all that lies outside. */
export function histogram(points: Points, bins: number): Float64Array {
  const counts = new Float64Array(bins * bins + 1)
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [points[i]!, points[i + 1]!]
    // Written so that NaN counts as outside; 1 itself belongs to the last cell.
    if (!(Math.abs(x) <= 1 && Math.abs(y) <= 1)) counts[bins * bins]!++
    else {
      const column = Math.min(bins - 1, Math.floor(((x + 1) / 2) * bins))
      const row = Math.min(bins - 1, Math.floor(((y + 1) / 2) * bins))
      counts[row * bins + column]!++
    }
  }
  return counts
}

/**
 * KL and JS between two samples on a grid. Every point counts: those outside the plane fill one cell of their own.
 *
 * A histogram rather than a kernel density: its cost is linear, so that a few thousand points can be counted at every
 * step, it has no bandwidth that blurs a thin curve, and what it estimates is plain. By the data-processing inequality the
 * divergence of the cells' probabilities is at most that of the distributions; from n points each it comes out too large
 * by about (cells with points of both) / (4n) for JS (Miller 1955), so take many points: 4096 a side are 0.01 off on
 * the thin sets of this plane.
 *
 * KL smooths the counts, p = (count + α) / (n + α K) over K cells with α = ½ (Krichevsky and Trofimov 1981); without it one
 * empty cell makes it infinite. JS needs no smoothing and has none: it is log 2 exactly if no cell is shared.
 * @throws RangeError if a sample is empty
 */
export function gridDivergences(p: Points, q: Points, options: GridOptions = {}): GridDivergences {
  const { bins = 24, smoothing = 0.5 } = options
  if (p.length === 0 || q.length === 0)
    throw new RangeError('A divergence of samples needs at least one point of each.')
  const [countsP, countsQ] = [histogram(p, bins), histogram(q, bins)]
  const cells = countsP.length
  const [n, m] = [p.length / 2, q.length / 2]
  let [klPQ, klQP, js] = [0, 0, 0]
  for (let i = 0; i < cells; i++) {
    const [a, b] = [countsP[i]! / n, countsQ[i]! / m]
    js += (relative(a, (a + b) / 2) + relative(b, (a + b) / 2)) / 2
    const sa = (countsP[i]! + smoothing) / (n + smoothing * cells)
    const sb = (countsQ[i]! + smoothing) / (m + smoothing * cells)
    klPQ += relative(sa, sb)
    klQP += relative(sb, sa)
  }
  return { klPQ, klQP, js }
}

/** One cell's term of KL; 0 log 0 = 0. */
const relative = (a: number, b: number) => (a === 0 ? 0 : a * Math.log(a / b))
