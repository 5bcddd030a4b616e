/**
 * All eigenvalues, descending, and eigenvectors, the columns of `vectors`, of a symmetric matrix, [n, n], by Jacobi's
 * cyclic rotations (Golub and Van Loan, Matrix Computations, section 8.5). For n up to a few hundred.
 */
export function symmetricEigen(matrix: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } {
  const a = matrix.slice()
  // Rows of v are the eigenvectors, so that rotations run along memory.
  const v = new Float64Array(n * n)
  for (let i = 0; i < n; i++) v[i * n + i] = 1
  let scale = 0
  for (const x of a) scale += x * x
  for (let sweep = 0; sweep < 30; sweep++) {
    let off = 0
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) off += a[i * n + j]! ** 2
    if (off <= 1e-22 * scale) break
    for (let p = 0; p < n - 1; p++) for (let q = p + 1; q < n; q++) rotate(a, v, n, p, q)
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[j * n + j]! - a[i * n + i]! || i - j)
  const vectors = new Float64Array(n * n)
  for (const [column, from] of order.entries()) for (let i = 0; i < n; i++) vectors[i * n + column] = v[from * n + i]!
  return { values: Float64Array.from(order, (i) => a[i * n + i]!), vectors }
}

/** Makes a[p, q] zero by a rotation of the two coordinates. */
function rotate(a: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q]!
  if (apq === 0) return
  const [app, aqq] = [a[p * n + p]!, a[q * n + q]!]
  if (Math.abs(apq) < 1e-18 * Math.sqrt(Math.abs(app * aqq))) return
  const theta = (aqq - app) / (2 * apq)
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
  const c = 1 / Math.sqrt(t * t + 1)
  const s = t * c
  const [rowP, rowQ] = [p * n, q * n]
  for (let k = 0; k < n; k++) {
    const [x, y] = [a[rowP + k]!, a[rowQ + k]!]
    a[rowP + k] = c * x - s * y
    a[rowQ + k] = s * x + c * y
    const [f, g] = [v[rowP + k]!, v[rowQ + k]!]
    v[rowP + k] = c * f - s * g
    v[rowQ + k] = s * f + c * g
  }
  // The columns are the rows again, the matrix being symmetric, but for the four where both meet.
  for (let k = 0; k < n; k++) {
    a[k * n + p] = a[rowP + k]!
    a[k * n + q] = a[rowQ + k]!
  }
  a[rowP + p] = app - t * apq
  a[rowQ + q] = aqq + t * apq
  a[rowP + q] = 0
  a[rowQ + p] = 0
}
