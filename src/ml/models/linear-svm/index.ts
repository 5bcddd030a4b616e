import { solveByDualDescent } from './dual.ts'
import { dotRow, solveByNewtonCg } from './newton-cg.ts'
import { solveByNewton } from './newton.ts'
import { expectMatrix, oneVersusRest } from './problem.ts'
import type { LabelledFeatures, Problem } from './problem.ts'
import type { Solution, SolverOptions } from './stopping.ts'

export type { LabelledFeatures } from './problem.ts'

export interface LinearSvm {
  /** The labels, ascending. */
  classes: number[]
  /** [classes, features]; one row when there are two classes, whose positive side is the larger label. */
  weights: Float64Array
  /** [classes], or one. */
  intercepts: Float64Array
  features: number
}

export type LinearSvmSolver = 'auto' | 'dual' | 'primal'

export interface LinearSvmOptions {
  /** Weight of the losses against ‖w‖²/2; default 1. */
  C?: number
  /** How near to the optimum, as liblinear measures it; default 1e-5. */
  tolerance?: number
  /** Of the order of the dual solver's coordinates; default 0. */
  seed?: number
  /** 'auto' (default): dual for fewer rows than features, else primal, as scikit-learn chooses. */
  solver?: LinearSvmSolver
  /** Of the solver, for each class; default 1000. */
  maxIterations?: number
  /** Called with the number of binary problems solved and of all. */
  onProgress?: (done: number, of: number) => void
}

export interface LinearSvmFit {
  svm: LinearSvm
  /** For each class (one for two classes): iterations taken, and the primal objective reached. */
  iterations: number[]
  objective: number[]
  /** True if every class's solver met the tolerance. */
  converged: boolean
}

/** The exact Newton solver takes features up to this dimension: beyond it, conjugate gradients are cheaper than Hessians. */
const exactDimension = 256

/**
 * The linear support vector machine of liblinear's `LinearSVC` (Fan et al. 2008): for each class against the rest,
 * min over w of ½‖w‖² + C Σ max(0, 1 − yᵢ w·xᵢ)², where xᵢ has a constant 1 appended for the intercept, which is
 * regularised like the other weights.
 *
 * The result depends on the arguments alone, bit for bit.
 *
 * @throws RangeError before any fitting if lengths do not match, a feature is not finite, fewer than two classes occur,
 *   or an option is out of its range
 */
export function fitLinearSvm(data: LabelledFeatures, options: LinearSvmOptions = {}): LinearSvmFit {
  const solver = options.solver ?? 'auto'
  if (!['auto', 'dual', 'primal'].includes(solver))
    throw new RangeError(`The solver is '${solver}'; it may be auto, dual or primal.`)
  const checked = checkOptions(options)
  const problem = oneVersusRest(data)
  const solution = solve(problem, solver, checked)
  const { features, classes, targets } = problem
  const weights = new Float64Array(targets * features)
  const intercepts = new Float64Array(targets)
  for (let target = 0; target < targets; target++) {
    const from = target * solution.width
    weights.set(solution.weights.subarray(from, from + features), target * features)
    intercepts[target] = solution.weights[from + features]!
  }
  return {
    svm: { classes, weights, intercepts, features },
    iterations: solution.iterations,
    objective: solution.objective,
    converged: solution.converged.every((done) => done),
  }
}

function solve(problem: Problem, solver: LinearSvmSolver, options: SolverOptions): Solution {
  const { rows, features } = problem
  if (solver === 'dual' || (solver === 'auto' && rows < features)) {
    const solution = solveByDualDescent(problem, options)
    if (solver === 'dual' || solution.converged.every((done) => done)) return solution
    // Where coordinates are slow, the primal solver goes on from the point they reached (liblinear ≥ 2.40 does so).
    return solveByNewtonCg(problem, options, solution.weights)
  }
  return features < exactDimension ? solveByNewton(problem, options) : solveByNewtonCg(problem, options)
}

function checkOptions(options: LinearSvmOptions): SolverOptions {
  const { C = 1, tolerance = 1e-5, seed = 0, maxIterations = 1000, onProgress } = options
  const positive = (name: string, value: number) => {
    if (!(value > 0 && value < Infinity)) throw new RangeError(`${name} is ${value}; it must be a positive number.`)
  }
  positive('C', C)
  positive('tolerance', tolerance)
  if (!Number.isInteger(maxIterations) || maxIterations < 1)
    throw new RangeError(`maxIterations is ${maxIterations}; it must be a whole number of at least 1.`)
  return { C, tolerance, seed, maxIterations, onProgress }
}

/**
 * w·x + b for each row and class: [rows, classes], or [rows] for two classes.
 *
 * @throws RangeError if x is not [rows, svm.features] of finite numbers
 */
export function decisionValues(svm: LinearSvm, x: Float32Array, rows: number): Float64Array {
  const { features, weights, intercepts } = svm
  expectMatrix(x, rows, features)
  const targets = intercepts.length
  const values = new Float64Array(rows * targets)
  const w = new Float64Array(features + 1)
  for (let target = 0; target < targets; target++) {
    w.set(weights.subarray(target * features, (target + 1) * features))
    w[features] = intercepts[target]!
    for (let i = 0; i < rows; i++) values[i * targets + target] = dotRow(x, i * features, features, w)
  }
  return values
}

/** The label of each row: that of the largest decision value, the first of equals. Errors as `decisionValues`. */
export function predictLinearSvm(svm: LinearSvm, x: Float32Array, rows: number): Int32Array {
  return largestClass(svm, decisionValues(svm, x, rows))
}

/** The labels that decision values of the form of `decisionValues` stand for. */
export function largestClass({ classes, intercepts }: LinearSvm, values: Float64Array): Int32Array {
  if (intercepts.length === 1) return Int32Array.from(values, (value) => classes[value > 0 ? 1 : 0]!)
  const labels = new Int32Array(values.length / classes.length)
  for (let i = 0; i < labels.length; i++) {
    const row = i * classes.length
    let best = 0
    for (let c = 1; c < classes.length; c++) if (values[row + c]! > values[row + best]!) best = c
    labels[i] = classes[best]!
  }
  return labels
}
