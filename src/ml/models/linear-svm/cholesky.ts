/**
 * The Cholesky factor of a symmetric positive definite matrix, in place: the lower triangle of `a`, [n, n] row by row,
 * becomes L with a = L Lᵀ; only that triangle is read or written.
 *
 * @returns false if the matrix is not positive definite to working precision; then `a` is spoilt
 */
export function cholesky(a: Float64Array, n: number): boolean {
  for (let i = 0; i < n; i++) {
    const rowI = i * n
    for (let j = 0; j <= i; j++) {
      const rowJ = j * n
      let sum = a[rowI + j]!
      for (let k = 0; k < j; k++) sum -= a[rowI + k]! * a[rowJ + k]!
      if (i === j) {
        if (!(sum > 0)) return false
        a[rowI + i] = Math.sqrt(sum)
      } else {
        a[rowI + j] = sum / a[rowJ + j]!
      }
    }
  }
  return true
}

/** Solves L Lᵀ x = b for x, written over `b` from `at` on. */
export function choleskySolve(l: Float64Array, n: number, b: Float64Array, at = 0): void {
  for (let i = 0; i < n; i++) {
    let sum = b[at + i]!
    for (let k = 0; k < i; k++) sum -= l[i * n + k]! * b[at + k]!
    b[at + i] = sum / l[i * n + i]!
  }
  for (let i = n - 1; i >= 0; i--) {
    const x = b[at + i]! / l[i * n + i]!
    b[at + i] = x
    for (let k = 0; k < i; k++) b[at + k]! -= l[i * n + k]! * x
  }
}
