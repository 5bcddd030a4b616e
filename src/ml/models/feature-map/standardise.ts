/** Mean and standard deviation of each feature. */
export interface Standardisation {
  mean: Float32Array
  deviation: Float32Array
}

/**
 * Mean and standard deviation (of the population, as scikit-learn's StandardScaler) of each column of x, [rows, features],
 * in double precision, given as float32. A column that does not vary gets the deviation 1, so that it becomes 0.
 */
export function standardisation(x: Float32Array, rows: number, features: number): Standardisation {
  const sums = new Float64Array(features)
  for (let i = 0; i < rows; i++) for (let j = 0; j < features; j++) sums[j]! += x[i * features + j]!
  const means = sums.map((sum) => sum / rows)
  const squares = new Float64Array(features)
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < features; j++) squares[j]! += (x[i * features + j]! - means[j]!) ** 2
  const deviations = squares.map((square, j) => {
    const deviation = Math.sqrt(square / rows)
    // What rounding leaves of a constant column is no variation.
    return deviation > 1e-6 * Math.abs(means[j]!) && deviation > 1e-30 ? deviation : 1
  })
  return { mean: Float32Array.from(means), deviation: Float32Array.from(deviations) }
}

/** (x − mean) / deviation for each column, a new array. */
export function standardise({ mean, deviation }: Standardisation, x: Float32Array, rows: number): Float32Array {
  const features = mean.length
  if (x.length !== rows * features)
    throw new RangeError(
      `The features hold ${x.length} numbers; ${rows} rows of ${features} features are ${rows * features}.`,
    )
  const out = new Float32Array(x.length)
  for (let i = 0; i < x.length; i += features)
    for (let j = 0; j < features; j++) out[i + j] = (x[i + j]! - mean[j]!) / deviation[j]!
  return out
}

/** The same, with rows then brought to a mean square norm of 1, whatever their width. */
export function toUnitNorm({ mean, deviation }: Standardisation): Standardisation {
  const width = Math.sqrt(mean.length)
  return { mean, deviation: deviation.map((value) => value * width) }
}

/** Leaves features as they are. */
export function unscaled(features: number): Standardisation {
  return { mean: new Float32Array(features), deviation: new Float32Array(features).fill(1) }
}
