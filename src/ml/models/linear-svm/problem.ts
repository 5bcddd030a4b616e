/** Rows of features with a class each. */
export interface LabelledFeatures {
  /** [rows, features], row by row. */
  x: Float32Array
  rows: number
  features: number
  /** [rows], whole numbers; any, not only 0 … k − 1. */
  labels: ArrayLike<number>
}

/** What the solvers minimise: one binary problem for each target row, all on the same features. */
export interface Problem {
  x: Float32Array
  rows: number
  features: number
  /** The classes that occur, ascending. */
  classes: number[]
  /** Number of binary problems: one for two classes, else one a class. */
  targets: number
  /** +1 where row i belongs to the positive class of a target, else −1: [targets, rows]. */
  signs: Int8Array
  /** Rows of the positive class of each target. */
  positives: Int32Array
}

/**
 * Checks the data and splits the classes one against the rest, as scikit-learn does: with two classes there is one
 * problem, whose positive class is the larger label.
 *
 * @throws RangeError if lengths do not match, a number is not finite, a label is no whole number, or fewer than two
 *   classes occur
 */
export function oneVersusRest(data: LabelledFeatures): Problem {
  const { x, rows, features, labels } = data
  expectMatrix(x, rows, features)
  if (rows === 0) throw new RangeError('There are no labelled rows to fit a classifier to.')
  if (labels.length !== rows)
    throw new RangeError(`There are ${labels.length} labels for ${rows} rows; each row needs one.`)
  const classes = classesOf(labels)
  if (classes.length < 2)
    throw new RangeError(`All ${rows} labels are ${classes[0]}; a classifier needs at least two classes.`)
  const targets = classes.length === 2 ? 1 : classes.length
  const signs = new Int8Array(targets * rows)
  const positives = new Int32Array(targets)
  for (let target = 0; target < targets; target++) {
    const positive = classes[targets === 1 ? 1 : target]
    for (let i = 0; i < rows; i++) {
      const sign = labels[i] === positive ? 1 : -1
      signs[target * rows + i] = sign
      if (sign === 1) positives[target]!++
    }
  }
  return { x, rows, features, classes, targets, signs, positives }
}

/** The classes that occur, ascending. @throws RangeError if a label is no whole number of 32 bits */
export function classesOf(labels: ArrayLike<number>): number[] {
  const classes = new Set<number>()
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!
    if ((label | 0) !== label) throw new RangeError(`Label ${i} is ${label}; labels are whole numbers.`)
    classes.add(label)
  }
  return [...classes].sort((a, b) => a - b)
}

/** @throws RangeError if x is not [rows, features] of finite numbers */
export function expectMatrix(x: Float32Array, rows: number, features: number): void {
  if (!Number.isInteger(rows) || rows < 0) throw new RangeError(`${rows} is no number of rows.`)
  if (!Number.isInteger(features) || features < 1) throw new RangeError(`${features} is no number of features.`)
  if (x.length !== rows * features)
    throw new RangeError(
      `The features hold ${x.length} numbers; ${rows} rows of ${features} features are ${rows * features}.`,
    )
  for (let i = 0; i < x.length; i++)
    if (!Number.isFinite(x[i]))
      throw new RangeError(
        `Feature ${i % features} of row ${Math.floor(i / features)} is ${x[i]}; features must be finite numbers. ` +
          'Was the model that made them trained with too high a learning rate?',
      )
}
