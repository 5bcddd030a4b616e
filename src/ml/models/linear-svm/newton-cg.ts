import { lineSearch } from './line-search.ts'
import type { Problem } from './problem.ts'
import { gradientBound } from './stopping.ts'
import type { Solution, SolverOptions } from './stopping.ts'

/** How well a Newton system is solved: to this share of its right side, better as the gradient falls. */
const loosest = 0.1
const mostInner = 500

/**
 * Truncated Newton on the primal problem, one class against the rest after the other (Lin, Weng and Keerthi 2008, with
 * the line search of Galli and Lin 2021 and the diagonal preconditioner of Hsia, Chiang and Lin 2018): each Newton system is solved
 * by conjugate gradients, which need products with the active rows only, so no Hessian is stored. For features of
 * any dimension.
 *
 * @param initial [targets, width] weights to begin with; default 0
 */
export function solveByNewtonCg(problem: Problem, options: SolverOptions, initial?: Float64Array): Solution {
  const { targets, features } = problem
  const width = features + 1
  const solution: Solution = {
    weights: initial?.slice() ?? new Float64Array(targets * width),
    width,
    iterations: [],
    converged: [],
    objective: [],
  }
  for (let target = 0; target < targets; target++) {
    solveOne(problem, target, options, solution)
    options.onProgress?.(target + 1, targets)
  }
  return solution
}

function solveOne(problem: Problem, target: number, options: SolverOptions, solution: Solution): void {
  const { x, rows, features } = problem
  const { C, tolerance, maxIterations } = options
  const dimension = features + 1
  const signs = problem.signs.subarray(target * rows, (target + 1) * rows)
  const w = solution.weights.subarray(target * dimension, (target + 1) * dimension)
  const vector = () => new Float64Array(dimension)
  const [gradient, direction, residual, search, product, preconditioner] = [
    vector(),
    vector(),
    vector(),
    vector(),
    vector(),
    vector(),
  ]
  const scores = new Float64Array(rows)
  const change = new Float64Array(rows)
  const active = new Int32Array(rows)

  const score = (v: Float64Array, out: Float64Array) => {
    for (let i = 0; i < rows; i++) out[i] = dotRow(x, i * features, features, v)
  }
  /** Gradient, active rows and diagonal of the Hessian at `scores`; returns the objective. */
  let activeCount = 0
  const evaluate = (): number => {
    let loss = 0
    activeCount = 0
    gradient.set(w)
    preconditioner.fill(1)
    for (let i = 0; i < rows; i++) {
      const slack = 1 - signs[i]! * scores[i]!
      if (slack <= 0) continue
      loss += slack * slack
      active[activeCount++] = i
      const factor = -2 * C * slack * signs[i]!
      const row = i * features
      for (let j = 0; j < features; j++) {
        const value = x[row + j]!
        gradient[j]! += factor * value
        preconditioner[j]! += 2 * C * value * value
      }
      gradient[features]! += factor
      preconditioner[features]! += 2 * C
    }
    return dot(w, w) / 2 + C * loss
  }
  /** out = (I + 2C Σ x xᵀ) v over the active rows. */
  const multiply = (v: Float64Array, out: Float64Array) => {
    out.set(v)
    for (let k = 0; k < activeCount; k++) {
      const row = active[k]! * features
      const factor = 2 * C * dotRow(x, row, features, v)
      for (let j = 0; j < features; j++) out[j]! += factor * x[row + j]!
      out[features]! += factor
    }
  }

  const atZero = initialNorm(problem, signs, C)
  const bound = gradientBound(problem, target, tolerance, atZero)
  score(w, scores)
  let objective = evaluate()
  let iteration = 0
  let converged = false
  for (; iteration < maxIterations; iteration++) {
    const size = Math.sqrt(dot(gradient, gradient))
    converged = size <= bound
    if (converged) break
    conjugateGradients(Math.min(loosest, Math.sqrt(size / atZero)) * size)
    score(direction, change)
    const wd = dot(w, direction)
    const t = lineSearch(signs, scores, change, 0, C, wd, dot(direction, direction))
    for (let j = 0; j < dimension; j++) w[j]! += t * direction[j]!
    for (let i = 0; i < rows; i++) scores[i]! += t * change[i]!
    const before = objective
    objective = evaluate()
    if (!(objective < before)) {
      // Double precision tells no better point: near the optimum that is convergence.
      converged = Math.sqrt(dot(gradient, gradient)) <= Math.max(bound, 1e-9 * atZero)
      break
    }
  }
  solution.iterations.push(iteration)
  solution.converged.push(converged)
  solution.objective.push(objective)

  /** Solves Hessian · direction = −gradient until the residual's norm is at most `enough`. */
  function conjugateGradients(enough: number): void {
    direction.fill(0)
    let energy = 0
    for (let j = 0; j < dimension; j++) {
      residual[j] = -gradient[j]!
      search[j] = residual[j]! / preconditioner[j]!
      energy += residual[j]! * search[j]!
    }
    for (let inner = 0; inner < mostInner; inner++) {
      multiply(search, product)
      const step = energy / dot(search, product)
      for (let j = 0; j < dimension; j++) {
        direction[j]! += step * search[j]!
        residual[j]! -= step * product[j]!
      }
      if (Math.sqrt(dot(residual, residual)) <= enough) return
      let next = 0
      for (let j = 0; j < dimension; j++) next += (residual[j]! * residual[j]!) / preconditioner[j]!
      const ratio = next / energy
      for (let j = 0; j < dimension; j++) search[j] = residual[j]! / preconditioner[j]! + ratio * search[j]!
      energy = next
    }
  }
}

/** The norm of the gradient at w = 0: 2C ‖Σ y x‖. */
function initialNorm({ x, rows, features }: Problem, signs: Int8Array, C: number): number {
  const sum = new Float64Array(features + 1)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < features; j++) sum[j]! += signs[i]! * x[i * features + j]!
    sum[features]! += signs[i]!
  }
  return 2 * C * Math.sqrt(dot(sum, sum))
}

/** Row · v, the last of v being the intercept. */
export function dotRow(x: Float32Array, row: number, features: number, v: Float64Array): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0]
  const whole = features & ~3
  for (let j = 0; j < whole; j += 4) {
    s0 += x[row + j]! * v[j]!
    s1 += x[row + j + 1]! * v[j + 1]!
    s2 += x[row + j + 2]! * v[j + 2]!
    s3 += x[row + j + 3]! * v[j + 3]!
  }
  for (let j = whole; j < features; j++) s0 += x[row + j]! * v[j]!
  return s0 + s1 + (s2 + s3) + v[features]!
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]!
  return sum
}
