import { cholesky, choleskySolve } from './cholesky.ts'
import { lineSearch } from './line-search.ts'
import { addOuterProducts, augment, scoreRows } from './products.ts'
import type { Augmented } from './products.ts'
import type { Problem } from './problem.ts'
import { gradientBound } from './stopping.ts'
import type { Solution, SolverOptions } from './stopping.ts'

/** One binary problem on its way. */
interface Target {
  index: number
  signs: Int8Array
  /** Rows with a margin below 1, which alone have a loss. */
  active: Uint8Array
  activeCount: number
  /** I + 2C Σ x xᵀ over the active rows, lower triangle. */
  hessian: Float64Array
  /** 2C Σ y x over the active rows; the gradient is hessian · w − pull. */
  pull: Float64Array
  objective: number
  bound: number
  iterations: number
  converged: boolean
}

/**
 * Newton's method with the exact generalised Hessian on all binary problems at once (Keerthi and DeCoste 2005, "A
 * modified finite Newton method for fast solution of large scale linear SVMs"; Chapelle 2007, section 4), for features
 * of small dimension.
 *
 * At w = 0 every row is active, so all problems share their first Hessian. Afterwards only the rows that enter or leave
 * the active set change it. A step goes to the minimiser of the quadratic that the active rows make, or to the minimum of
 * the objective on the line there. When the active set stays, that point is the exact optimum.
 */
export function solveByNewton(problem: Problem, options: SolverOptions): Solution {
  const { rows, targets: count } = problem
  const { C, maxIterations, onProgress } = options
  const data = augment(problem.x, rows, problem.features)
  const { dimension, width } = data
  const w = new Float64Array(count * width)
  const next = new Float64Array(count * width)
  const scores = new Float64Array(count * rows)
  const nextScores = new Float64Array(count * rows)
  const factor = new Float64Array(dimension * dimension)
  const changed = { list: new Int32Array(rows), weights: new Float64Array(rows) }
  const gradient = new Float64Array(dimension)

  const targets = start(problem, data, options)
  let open = targets
  for (let iteration = 0; open.length > 0 && iteration < maxIterations; iteration++) {
    for (const target of open) {
      // The first factor serves all: they start with the same rows.
      if (iteration > 0 || target === open[0]) {
        factor.set(target.hessian)
        if (!cholesky(factor, dimension)) {
          rebuild(target, data, C, changed)
          factor.set(target.hessian)
          if (!cholesky(factor, dimension))
            throw new RangeError(
              'The features span too many orders of magnitude for the exact solver: standardise them.',
            )
        }
      }
      const at = target.index * width
      next.set(target.pull, at)
      choleskySolve(factor, dimension, next, at)
    }
    const indices = open.map((target) => target.index)
    scoreRows(data, next, indices, nextScores)
    for (const target of open) {
      step(target)
      target.iterations++
    }
    open = open.filter((target) => !target.converged)
    onProgress?.(count - open.length, count)
  }
  return {
    weights: w,
    width,
    iterations: targets.map((target) => target.iterations),
    converged: targets.map((target) => target.converged),
    objective: targets.map((target) => target.objective),
  }

  /** Moves a target to its Newton point or to the best point on the way, and brings its Hessian there. */
  function step(target: Target): void {
    const { index, signs } = target
    const at = index * width
    const from = index * rows
    let objective = objectiveOf(signs, next.subarray(at, at + dimension), nextScores, from, C)
    if (!(objective < target.objective)) {
      let [wd, dd] = [0, 0]
      for (let j = at; j < at + dimension; j++) {
        const d = next[j]! - w[j]!
        wd += w[j]! * d
        dd += d * d
      }
      for (let i = from; i < from + rows; i++) nextScores[i]! -= scores[i]!
      const t = dd === 0 ? 0 : lineSearch(signs, scores, nextScores, from, C, wd, dd)
      for (let j = at; j < at + dimension; j++) next[j] = w[j]! + t * (next[j]! - w[j]!)
      for (let i = from; i < from + rows; i++) nextScores[i] = scores[i]! + t * nextScores[i]!
      objective = objectiveOf(signs, next.subarray(at, at + dimension), nextScores, from, C)
      // No point on the line is better in double precision: this is the optimum as far as it can be told.
      if (!(objective < target.objective)) {
        target.converged = norm(trueGradient(target, w, scores)) <= Math.max(target.bound, 1e-9 * target.objective)
        if (target.converged) return
        rebuild(target, data, C, changed)
        return
      }
    }
    w.set(next.subarray(at, at + width), at)
    scores.set(nextScores.subarray(from, from + rows), from)
    target.objective = objective
    update(target, from)
    multiplySymmetric(target.hessian, dimension, w, at, gradient)
    for (let j = 0; j < dimension; j++) gradient[j]! -= target.pull[j]!
    if (norm(gradient) > target.bound) return
    // What many small changes of the Hessian rounded away is found out here.
    if (norm(trueGradient(target, w, scores)) <= target.bound) target.converged = true
    else rebuild(target, data, C, changed)
  }

  function update(target: Target, from: number): void {
    const { signs, active } = target
    const { list, weights } = changed
    let count = 0
    let activeCount = 0
    for (let i = 0; i < rows; i++) {
      const now = signs[i]! * scores[from + i]! < 1 ? 1 : 0
      activeCount += now
      if (now === active[i]) continue
      active[i] = now
      list[count] = i
      weights[count++] = now ? 2 * C : -2 * C
    }
    target.activeCount = activeCount
    if (count > activeCount) return rebuild(target, data, C, changed)
    addOuterProducts(data, list, weights, count, target.hessian)
    addPull(target, data, list, weights, count)
  }

  function trueGradient(target: Target, w: Float64Array, scores: Float64Array): Float64Array {
    const { index, signs } = target
    for (let j = 0; j < dimension; j++) gradient[j] = w[index * width + j]!
    for (let i = 0; i < rows; i++) {
      const slack = 1 - signs[i]! * scores[index * rows + i]!
      if (slack <= 0) continue
      const factor = -2 * C * slack * signs[i]!
      for (let j = 0; j < dimension; j++) gradient[j]! += factor * data.x[i * width + j]!
    }
    return gradient
  }
}

/** All problems at w = 0, where every row is active. */
function start(problem: Problem, data: Augmented, { C, tolerance }: SolverOptions): Target[] {
  const { rows, targets, signs } = problem
  const { dimension } = data
  const shared = identity(dimension)
  const list = Int32Array.from({ length: rows }, (_, i) => i)
  const weights = new Float64Array(rows).fill(2 * C)
  addOuterProducts(data, list, weights, rows, shared)
  return Array.from({ length: targets }, (_, index) => {
    const target: Target = {
      index,
      signs: signs.subarray(index * rows, (index + 1) * rows),
      active: new Uint8Array(rows).fill(1),
      activeCount: rows,
      hessian: shared.slice(),
      pull: new Float64Array(dimension),
      objective: C * rows,
      bound: 0,
      iterations: 0,
      converged: false,
    }
    addPull(target, data, list, weights, rows)
    target.bound = gradientBound(problem, index, tolerance, norm(target.pull))
    return target
  })
}

function rebuild(
  target: Target,
  data: Augmented,
  C: number,
  { list, weights }: { list: Int32Array; weights: Float64Array },
): void {
  let count = 0
  for (let i = 0; i < data.rows; i++) if (target.active[i]) list[count++] = i
  weights.fill(2 * C, 0, count)
  target.hessian.set(identity(data.dimension))
  addOuterProducts(data, list, weights, count, target.hessian)
  target.pull.fill(0)
  addPull(target, data, list, weights, count)
}

function addPull(target: Target, data: Augmented, list: Int32Array, weights: Float64Array, count: number): void {
  const { pull, signs } = target
  for (let i = 0; i < count; i++) {
    const row = list[i]! * data.width
    const weight = weights[i]! * signs[list[i]!]!
    for (let j = 0; j < data.dimension; j++) pull[j]! += weight * data.x[row + j]!
  }
}

function objectiveOf(signs: Int8Array, w: Float64Array, scores: Float64Array, from: number, C: number): number {
  let loss = 0
  for (let i = 0; i < signs.length; i++) {
    const slack = 1 - signs[i]! * scores[from + i]!
    if (slack > 0) loss += slack * slack
  }
  let square = 0
  for (const value of w) square += value * value
  return square / 2 + C * loss
}

/** out = a · v[at …], of the lower triangle of a. */
function multiplySymmetric(a: Float64Array, n: number, v: Float64Array, at: number, out: Float64Array): void {
  out.fill(0)
  for (let i = 0; i < n; i++) {
    const x = v[at + i]!
    let sum = 0
    for (let j = 0; j < i; j++) {
      sum += a[i * n + j]! * v[at + j]!
      out[j]! += a[i * n + j]! * x
    }
    out[i]! += sum + a[i * n + i]! * x
  }
}

function identity(n: number): Float64Array {
  const a = new Float64Array(n * n)
  for (let i = 0; i < n; i++) a[i * n + i] = 1
  return a
}

function norm(v: Float64Array): number {
  let sum = 0
  for (const x of v) sum += x * x
  return Math.sqrt(sum)
}
