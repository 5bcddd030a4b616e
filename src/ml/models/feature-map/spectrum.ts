import type * as Tfjs from '@tensorflow/tfjs'
import { createRandom } from '../../engine/random.ts'
import { cholesky } from '../linear-svm/cholesky.ts'
import type { SparseMatrix } from './graph.ts'
import { numbersOf } from './numbers.ts'
import { symmetricEigen } from './symmetric-eigen.ts'

type Tf = typeof Tfjs

export interface Spectrum {
  /** The largest eigenvalues, descending, [count]. */
  values: Float64Array
  /** Their eigenvectors, [rows, count]. */
  vectors: Float32Array
  count: number
}

/** Degree of the filter, and how often it is applied; between, the block is made orthonormal again. */
const degree = 10
const rounds = 5

/**
 * The largest eigenvalues of a symmetric matrix with spectrum in [−1, 1], and their eigenvectors, by Chebyshev-filtered
 * subspace iteration (Zhou, Saad, Tiago and Chelikowsky 2006): a block of random vectors is multiplied by a polynomial
 * that is small on the unwanted part of the spectrum, [−1, b], and grows fast above; b is the block's own smallest Ritz
 * value. A few more vectors than wanted are carried along, so that the last wanted ones converge too.
 *
 * A function of (matrix, count, seed) on one engine. Residuals are of the order of 10⁻³ near the end of the wanted
 * spectrum, far smaller at its beginning.
 */
export async function largestEigenvectors(
  tf: Tf,
  matrix: SparseMatrix,
  count: number,
  seed: number,
  onProgress?: (fraction: number) => void,
): Promise<Spectrum> {
  const { rows } = matrix
  const wanted = Math.min(count, rows)
  const width = Math.min(rows, (wanted + Math.max(8, wanted >> 3) + 3) & ~3)
  const noise = createRandom(tf, seed).normal<Tfjs.Rank.R2>('spectral block', 0, [rows, width])
  let block: Float32Array = noise.dataSync() as Float32Array
  noise.dispose()
  // Below this the first filter would amplify more than single precision can tell apart.
  let bound = 0.8
  let ritz: Float64Array = new Float64Array(width)
  for (let round = 0; round < rounds; round++) {
    block = orthonormal(tf, chebyshev(matrix, block, width, bound), rows, width)
    const rotated = rayleighRitz(tf, matrix, block, width)
    block = rotated.vectors
    ritz = rotated.values
    bound = Math.min(0.999, Math.max(bound, ritz[width - 1]!))
    onProgress?.((round + 1) / rounds)
    await new Promise((resolve) => setImmediate(resolve))
  }
  const vectors = new Float32Array(rows * wanted)
  for (let i = 0; i < rows; i++) for (let j = 0; j < wanted; j++) vectors[i * wanted + j] = block[i * width + j]!
  return { values: ritz.slice(0, wanted), vectors, count: wanted }
}

/** T_degree of the matrix, with [−1, bound] mapped to [−1, 1], times the block. */
function chebyshev(matrix: SparseMatrix, block: Float32Array, width: number, bound: number): Float32Array {
  const half = (bound + 1) / 2
  const centre = (bound - 1) / 2
  let before = block
  let now: Float32Array = new Float32Array(block.length)
  multiply(matrix, before, width, 1 / half, -centre / half, null, now)
  for (let k = 2; k <= degree; k++) {
    // T_k = 2 x T_k−1 − T_k−2, written over T_k−2, of which row i is read only for row i.
    const into = k === 2 ? before.slice() : before
    multiply(matrix, now, width, 2 / half, (-2 * centre) / half, before, into)
    before = now
    now = into
  }
  return now
}

/** out = a · matrix · v + b · v − minus. */
function multiply(
  { rows, start, column, value }: SparseMatrix,
  v: Float32Array,
  width: number,
  a: number,
  b: number,
  minus: Float32Array | null,
  out: Float32Array,
): void {
  const sums = new Float64Array(width)
  for (let i = 0; i < rows; i++) {
    const row = i * width
    if (minus) for (let j = 0; j < width; j++) sums[j] = b * v[row + j]! - minus[row + j]!
    else for (let j = 0; j < width; j++) sums[j] = b * v[row + j]!
    let e = start[i]!
    const end = start[i + 1]!
    for (; e + 2 <= end; e += 2) {
      const [p, q] = [column[e]! * width, column[e + 1]! * width]
      const [wp, wq] = [a * value[e]!, a * value[e + 1]!]
      for (let j = 0; j < width; j++) sums[j]! += wp * v[p + j]! + wq * v[q + j]!
    }
    for (; e < end; e++) {
      const p = column[e]! * width
      const weight = a * value[e]!
      for (let j = 0; j < width; j++) sums[j]! += weight * v[p + j]!
    }
    for (let j = 0; j < width; j++) out[row + j] = sums[j]!
  }
}

/** An orthonormal basis of the block's columns by Cholesky's factor of their Gram matrix, twice for single precision's sake. */
function orthonormal(tf: Tf, block: Float32Array, rows: number, width: number): Float32Array {
  let result = block
  for (let pass = 0; pass < 2; pass++) {
    const factor = gram(tf, result, result, rows, width)
    const scale = Array.from({ length: width }, (_, i) => 1 / Math.sqrt(factor[i * width + i]!))
    for (let i = 0; i < width; i++)
      for (let j = 0; j < width; j++) factor[i * width + j]! *= scale[i]! * scale[j]! * (i === j ? 1 + 1e-6 : 1)
    if (!cholesky(factor, width)) throw new Error('The block of vectors lost its rank; the graph has too few points.')
    const transform = new Float32Array(width * width)
    const column = new Float64Array(width)
    for (let j = 0; j < width; j++) {
      // Column j of the inverse of Lᵀ.
      column.fill(0)
      for (let i = j; i >= 0; i--) {
        let sum = i === j ? 1 : 0
        for (let k = i + 1; k <= j; k++) sum -= factor[k * width + i]! * column[k]!
        column[i] = sum / factor[i * width + i]!
      }
      for (let i = 0; i <= j; i++) transform[i * width + j] = scale[i]! * column[i]!
    }
    result = times(tf, result, transform, rows, width)
  }
  return result
}

/** The eigenvectors of the matrix within the space of an orthonormal block. */
function rayleighRitz(tf: Tf, matrix: SparseMatrix, block: Float32Array, width: number) {
  const image = new Float32Array(block.length)
  multiply(matrix, block, width, 1, 0, null, image)
  const { values, vectors } = symmetricEigen(gram(tf, block, image, matrix.rows, width), width)
  return { values, vectors: times(tf, block, Float32Array.from(vectors), matrix.rows, width) }
}

/** aᵀ b, made symmetric, [width, width]. */
function gram(tf: Tf, a: Float32Array, b: Float32Array, rows: number, width: number): Float64Array {
  const product = numbersOf(tf, () => {
    const left = tf.tensor2d(a, [rows, width])
    return tf.matMul(left, a === b ? left : tf.tensor2d(b, [rows, width]), true)
  })
  const out = new Float64Array(width * width)
  for (let i = 0; i < width; i++)
    for (let j = 0; j < width; j++) out[i * width + j] = (product[i * width + j]! + product[j * width + i]!) / 2
  return out
}

function times(tf: Tf, a: Float32Array, b: Float32Array, rows: number, width: number): Float32Array {
  return numbersOf(tf, () => tf.matMul(tf.tensor2d(a, [rows, width]), tf.tensor2d(b, [width, width])))
}
