/**
 * The matrix products of the solvers in double precision. Loops are blocked so that a number that was loaded serves
 * several multiplications; sums run in a fixed order, so results repeat bit for bit.
 */

/** Rows with a constant 1 behind them for the intercept, and zeros up to a multiple of four: [rows, width]. */
export interface Augmented {
  x: Float64Array
  rows: number
  /** Features and the constant. */
  dimension: number
  width: number
}

export function augment(x: Float32Array, rows: number, features: number): Augmented {
  const dimension = features + 1
  const width = (dimension + 3) & ~3
  const out = new Float64Array(rows * width)
  for (let i = 0, at = 0; i < rows; i++, at += features) {
    const row = i * width
    for (let j = 0; j < features; j++) out[row + j] = x[at + j]!
    out[row + features] = 1
  }
  return { x: out, rows, dimension, width }
}

/** scores[t, i] = w[t] · x[i] for the targets t that are listed; w is [targets, width], scores [targets, rows]. */
export function scoreRows(data: Augmented, w: Float64Array, targets: number[], scores: Float64Array): void {
  const { x, rows, width } = data
  let t = 0
  for (; t + 4 <= targets.length; t += 4) {
    const [a, b, c, d] = [targets[t]!, targets[t + 1]!, targets[t + 2]!, targets[t + 3]!]
    score4(x, rows, width, w, a, b, c, d, scores)
  }
  for (; t < targets.length; t++) score1(x, rows, width, w, targets[t]!, scores)
}

function score4(
  x: Float64Array,
  rows: number,
  width: number,
  w: Float64Array,
  a: number,
  b: number,
  c: number,
  d: number,
  scores: Float64Array,
): void {
  const [wa, wb, wc, wd] = [a * width, b * width, c * width, d * width]
  let i = 0
  for (; i + 2 <= rows; i += 2) {
    const p = i * width
    const q = p + width
    let [pa, pb, pc, pd, qa, qb, qc, qd] = [0, 0, 0, 0, 0, 0, 0, 0]
    for (let j = 0; j < width; j++) {
      const xp = x[p + j]!
      const xq = x[q + j]!
      const va = w[wa + j]!
      const vb = w[wb + j]!
      const vc = w[wc + j]!
      const vd = w[wd + j]!
      pa += xp * va
      pb += xp * vb
      pc += xp * vc
      pd += xp * vd
      qa += xq * va
      qb += xq * vb
      qc += xq * vc
      qd += xq * vd
    }
    scores[a * rows + i] = pa
    scores[b * rows + i] = pb
    scores[c * rows + i] = pc
    scores[d * rows + i] = pd
    scores[a * rows + i + 1] = qa
    scores[b * rows + i + 1] = qb
    scores[c * rows + i + 1] = qc
    scores[d * rows + i + 1] = qd
  }
  for (; i < rows; i++) {
    const p = i * width
    let [pa, pb, pc, pd] = [0, 0, 0, 0]
    for (let j = 0; j < width; j++) {
      const xp = x[p + j]!
      pa += xp * w[wa + j]!
      pb += xp * w[wb + j]!
      pc += xp * w[wc + j]!
      pd += xp * w[wd + j]!
    }
    scores[a * rows + i] = pa
    scores[b * rows + i] = pb
    scores[c * rows + i] = pc
    scores[d * rows + i] = pd
  }
}

function score1(
  x: Float64Array,
  rows: number,
  width: number,
  w: Float64Array,
  target: number,
  scores: Float64Array,
): void {
  const from = target * width
  for (let i = 0; i < rows; i++) {
    const row = i * width
    let [s0, s1, s2, s3] = [0, 0, 0, 0]
    for (let j = 0; j < width; j += 4) {
      s0 += x[row + j]! * w[from + j]!
      s1 += x[row + j + 1]! * w[from + j + 1]!
      s2 += x[row + j + 2]! * w[from + j + 2]!
      s3 += x[row + j + 3]! * w[from + j + 3]!
    }
    scores[target * rows + i] = s0 + s1 + (s2 + s3)
  }
}

/**
 * Adds Σ weight[i] · x[i] x[i]ᵀ over the listed rows to the lower triangle of `h`, [dimension, dimension], four rows at a
 * time.
 *
 * @param count how many of `list` and `weights` count
 */
export function addOuterProducts(
  data: Augmented,
  list: Int32Array,
  weights: Float64Array,
  count: number,
  h: Float64Array,
): void {
  const { x, dimension, width } = data
  let i = 0
  for (; i + 4 <= count; i += 4) {
    const [p, q, r, s] = [list[i]! * width, list[i + 1]! * width, list[i + 2]! * width, list[i + 3]! * width]
    const [wp, wq, wr, ws] = [weights[i]!, weights[i + 1]!, weights[i + 2]!, weights[i + 3]!]
    for (let j = 0; j < dimension; j++) {
      const a = wp * x[p + j]!
      const b = wq * x[q + j]!
      const c = wr * x[r + j]!
      const d = ws * x[s + j]!
      const row = j * dimension
      for (let k = 0; k <= j; k++) h[row + k]! += a * x[p + k]! + b * x[q + k]! + (c * x[r + k]! + d * x[s + k]!)
    }
  }
  for (; i < count; i++) {
    const p = list[i]! * width
    const weight = weights[i]!
    for (let j = 0; j < dimension; j++) {
      const a = weight * x[p + j]!
      const row = j * dimension
      for (let k = 0; k <= j; k++) h[row + k]! += a * x[p + k]!
    }
  }
}
