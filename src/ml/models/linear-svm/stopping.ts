import type { Problem } from './problem.ts'

export interface SolverOptions {
  C: number
  tolerance: number
  seed: number
  maxIterations: number
  /** Called with the binary problems solved and their number. */
  onProgress?: ((done: number, of: number) => void) | undefined
}

export interface Solution {
  /** [targets, width]: the features' weights, then the intercept, then nothing of meaning. */
  weights: Float64Array
  width: number
  /** The rest one for each target. */
  iterations: number[]
  converged: boolean[]
  /** ½‖w‖² + C Σ max(0, 1 − y w·x)², the intercept counted in ‖w‖. */
  objective: number[]
}

/**
 * The norm of the gradient at which liblinear's primal solver stops: tolerance × the smaller class's share × the norm at
 * w = 0 (liblinear's `train_one`).
 */
export function gradientBound(problem: Problem, target: number, tolerance: number, initialNorm: number): number {
  const positive = problem.positives[target]!
  const smaller = Math.max(Math.min(positive, problem.rows - positive), 1)
  return (tolerance * smaller * initialNorm) / problem.rows
}
