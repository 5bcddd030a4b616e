export interface Summary {
  /** Null of no values. */
  mean: number | null
  /** Sample standard deviation, with n − 1 in the denominator; null of fewer than two values. */
  std: number | null
  n: number
}

/** Mean and sample standard deviation, in two passes: the deviations of fractions near 1 are small. */
export function summarise(values: readonly number[]): Summary {
  const n = values.length
  if (n === 0) return { mean: null, std: null, n }
  const mean = values.reduce((sum, v) => sum + v, 0) / n
  if (n === 1) return { mean, std: null, n }
  return { mean, std: Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (n - 1)), n }
}
