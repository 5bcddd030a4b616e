import { hash32 } from '../../datasets/shuffle.ts'
import { dotRow } from './newton-cg.ts'
import type { Problem } from './problem.ts'
import type { Solution, SolverOptions } from './stopping.ts'

/**
 * Dual coordinate descent with shrinking (Hsieh, Chang, Lin, Keerthi and Sundararajan 2008, algorithm 3) for the squared
 * hinge: minimises ½ αᵀ(Q + I/2C)α − Σα over α ≥ 0 a coordinate at a time, in an order that is a function of (seed, class,
 * iteration), and keeps w = Σ yᵢαᵢxᵢ. For fewer rows than features.
 */
export function solveByDualDescent(problem: Problem, options: SolverOptions): Solution {
  const { targets, features } = problem
  const width = features + 1
  const solution: Solution = {
    weights: new Float64Array(targets * width),
    width,
    iterations: [],
    converged: [],
    objective: [],
  }
  const diagonal = diagonalOf(problem, options.C)
  for (let target = 0; target < targets; target++) {
    solveOne(problem, target, diagonal, options, solution)
    options.onProgress?.(target + 1, targets)
  }
  return solution
}

/** xᵢ·xᵢ + 1 + 1/2C: the curvature of each coordinate. */
function diagonalOf({ x, rows, features }: Problem, C: number): Float64Array {
  const diagonal = new Float64Array(rows)
  for (let i = 0; i < rows; i++) {
    let sum = 1 + 1 / (2 * C)
    for (let j = i * features; j < (i + 1) * features; j++) sum += x[j]! * x[j]!
    diagonal[i] = sum
  }
  return diagonal
}

function solveOne(
  problem: Problem,
  target: number,
  diagonal: Float64Array,
  { C, tolerance, seed, maxIterations }: SolverOptions,
  solution: Solution,
): void {
  const { x, rows, features } = problem
  const signs = problem.signs.subarray(target * rows, (target + 1) * rows)
  const w = solution.weights.subarray(target * solution.width, (target + 1) * solution.width)
  const alpha = new Float64Array(rows)
  const index = Int32Array.from({ length: rows }, (_, i) => i)
  let active = rows
  // A coordinate at its bound 0 whose gradient is above this is left out for now.
  let threshold = Infinity
  let iteration = 0
  let converged = false
  while (iteration < maxIterations) {
    let [largest, smallest] = [-Infinity, Infinity]
    shuffle(index, active, seed, target, iteration)
    for (let s = 0; s < active; s++) {
      const i = index[s]!
      const y = signs[i]!
      const row = i * features
      const before = alpha[i]!
      const slope = y * dotRow(x, row, features, w) - 1 + before / (2 * C)
      let projected = slope
      if (before === 0) {
        if (slope > threshold) {
          index[s--] = index[--active]!
          index[active] = i
          continue
        }
        projected = Math.min(slope, 0)
      }
      if (projected > largest) largest = projected
      if (projected < smallest) smallest = projected
      if (Math.abs(projected) <= 1e-12) continue
      const after = Math.max(before - slope / diagonal[i]!, 0)
      alpha[i] = after
      const change = (after - before) * y
      for (let j = 0; j < features; j++) w[j]! += change * x[row + j]!
      w[features]! += change
    }
    iteration++
    if (!(largest - smallest > tolerance)) {
      converged = active === rows
      if (converged) break
      // Optimal on what is left: look at all again.
      active = rows
      threshold = Infinity
      continue
    }
    threshold = largest > 0 ? largest : Infinity
  }
  let objective = 0
  for (const value of w) objective += (value * value) / 2
  for (let i = 0; i < rows; i++) {
    const slack = 1 - signs[i]! * dotRow(x, i * features, features, w)
    if (slack > 0) objective += C * slack * slack
  }
  solution.iterations.push(iteration)
  solution.converged.push(converged)
  solution.objective.push(objective)
}

function shuffle(index: Int32Array, count: number, seed: number, target: number, iteration: number): void {
  const stream = Math.imul(target, 0x9e3779b1) ^ iteration
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor((hash32(seed, stream, i) / 0x1_0000_0000) * (i + 1))
    const swap = index[i]!
    index[i] = index[j]!
    index[j] = swap
  }
}
