/**
 * Eigenvalues, falling, and eigenvectors (as rows) of a symmetric matrix by Jacobi's rotations, to working precision
 * (Golub and Van Loan, Matrix Computations, section 8.5).
 * @param matrix [n, n]; overwritten
 */
export function jacobi(matrix: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } {
  const a = matrix
  const v = new Float64Array(n * n)
  for (let i = 0; i < n; i++) v[i * n + i] = 1
  const size = Math.hypot(...a)
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += a[p * n + q]! ** 2
    if (Math.sqrt(2 * off) <= 1e-14 * size) break
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        const apq = a[p * n + q]!
        if (apq === 0) continue
        const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * apq)
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1))
        const c = 1 / Math.hypot(t, 1)
        const s = t * c
        for (let k = 0; k < n; k++) {
          const [x, y] = [a[k * n + p]!, a[k * n + q]!]
          a[k * n + p] = c * x - s * y
          a[k * n + q] = s * x + c * y
        }
        for (let k = 0; k < n; k++) {
          const [x, y] = [a[p * n + k]!, a[q * n + k]!]
          a[p * n + k] = c * x - s * y
          a[q * n + k] = s * x + c * y
        }
        for (let k = 0; k < n; k++) {
          const [x, y] = [v[p * n + k]!, v[q * n + k]!]
          v[p * n + k] = c * x - s * y
          v[q * n + k] = s * x + c * y
        }
      }
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[j * n + j]! - a[i * n + i]!)
  const values = Float64Array.from(order, (i) => a[i * n + i]!)
  const vectors = new Float64Array(n * n)
  order.forEach((from, to) => vectors.set(v.subarray(from * n, (from + 1) * n), to * n))
  return { values, vectors }
}

/** A matrix of at most this many rows is solved at once. */
const DIRECT = 96
/** Vectors that are iterated together for a larger one. */
const BLOCK = 24

/**
 * The `wanted` largest eigenvalues and their eigenvectors (as rows) of a symmetric positive semi-definite matrix: by
 * Jacobi's rotations up to 96 rows, above that by subspace iteration with Rayleigh-Ritz steps until ‖Av − λv‖ ≤ 1e-9 λ₁
 * (Golub and Van Loan, section 8.2.4).
 */
export function largestEigen(
  matrix: Float64Array,
  n: number,
  wanted: number,
): { values: Float64Array; vectors: Float64Array } {
  if (n <= DIRECT) return jacobi(matrix.slice(), n)
  const m = BLOCK
  let basis = new Float64Array(m * n)
  // Any start that is not orthogonal to what is looked for will do; the same one each time gives the same picture.
  for (let i = 0; i < basis.length; i++) basis[i] = Math.sin(1 + i * 12.9898) % 1
  orthonormalise(basis, m, n)
  let values = new Float64Array(m)
  for (let round = 0; round < 1000; round++) {
    const image = multiply(matrix, basis, m, n)
    const small = new Float64Array(m * m)
    for (let i = 0; i < m; i++)
      for (let j = 0; j <= i; j++) small[i * m + j] = small[j * m + i] = dot(basis, i * n, image, j * n, n)
    const ritz = jacobi(small, m)
    values = ritz.values as Float64Array<ArrayBuffer>
    const rotated = combine(ritz.vectors, basis, m, n)
    const next = combine(ritz.vectors, image, m, n)
    let residual = 0
    for (let k = 0; k < wanted; k++) {
      let sum = 0
      for (let j = 0; j < n; j++) sum += (next[k * n + j]! - values[k]! * rotated[k * n + j]!) ** 2
      residual = Math.max(residual, Math.sqrt(sum))
    }
    basis = rotated
    if (residual <= 1e-9 * Math.abs(values[0]!)) break
    basis = next
    orthonormalise(basis, m, n)
  }
  return { values, vectors: basis }
}

function dot(a: Float64Array, i: number, b: Float64Array, j: number, n: number): number {
  let sum = 0
  for (let k = 0; k < n; k++) sum += a[i + k]! * b[j + k]!
  return sum
}

/** A b for each of `m` rows b; A is symmetric. */
function multiply(matrix: Float64Array, rows: Float64Array, m: number, n: number): Float64Array<ArrayBuffer> {
  const out = new Float64Array(m * n)
  for (let i = 0; i < m; i++) for (let r = 0; r < n; r++) out[i * n + r] = dot(matrix, r * n, rows, i * n, n)
  return out
}

/** weights [m, m] × rows [m, n] */
function combine(weights: Float64Array, rows: Float64Array, m: number, n: number): Float64Array<ArrayBuffer> {
  const out = new Float64Array(m * n)
  for (let i = 0; i < m; i++)
    for (let j = 0; j < m; j++) {
      const w = weights[i * m + j]!
      for (let k = 0; k < n; k++) out[i * n + k]! += w * rows[j * n + k]!
    }
  return out
}

/** Gram and Schmidt's, twice, so that rounding leaves no trace. */
function orthonormalise(rows: Float64Array, m: number, n: number): void {
  for (let i = 0; i < m; i++) {
    for (let twice = 0; twice < 2; twice++)
      for (let j = 0; j < i; j++) {
        const w = dot(rows, i * n, rows, j * n, n)
        for (let k = 0; k < n; k++) rows[i * n + k]! -= w * rows[j * n + k]!
      }
    const size = Math.sqrt(dot(rows, i * n, rows, i * n, n))
    for (let k = 0; k < n; k++) rows[i * n + k] = size > 1e-300 ? rows[i * n + k]! / size : 0
  }
}
