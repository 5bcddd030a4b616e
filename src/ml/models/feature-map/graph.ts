import type { Neighbours } from './neighbours.ts'

/** A symmetric sparse matrix by rows: row i holds value[e] at column[e] for e from start[i] to start[i + 1] − 1. */
export interface SparseMatrix {
  rows: number
  start: Int32Array
  column: Int32Array
  value: Float32Array
}

/**
 * The normalised affinity D^−½ A D^−½ of a nearest-neighbour graph: a_ij = exp(−‖xᵢ − xⱼ‖² / σᵢσⱼ) where i is among j's
 * neighbours or j among i's, else 0; σᵢ is the distance to i's last neighbour (Zelnik-Manor and Perona 2004, "Self-tuning
 * spectral clustering", section 3); D holds the row sums. Its eigenvalues lie in [−1, 1], the largest is 1.
 *
 * @param neighbours of each point, itself among them or not; only others become edges
 */
export function normalisedAffinity({ k, place, squared }: Neighbours): SparseMatrix {
  const rows = place.length / k
  const scale = Float64Array.from({ length: rows }, (_, i) => Math.sqrt(Math.max(squared[i * k + k - 1]!, 1e-30)))
  // Each edge twice; those that both ends name come four times and are merged below.
  const start = new Int32Array(rows + 1)
  const eachEdge = (visit: (i: number, j: number, squared: number) => void) => {
    for (let i = 0; i < rows; i++)
      for (let e = i * k; e < (i + 1) * k; e++) if (place[e] !== i) visit(i, place[e]!, squared[e]!)
  }
  eachEdge((i, j) => {
    start[i + 1]!++
    start[j + 1]!++
  })
  for (let i = 0; i < rows; i++) start[i + 1]! += start[i]!
  const at = start.slice()
  const column = new Int32Array(start[rows]!)
  const value = new Float32Array(start[rows]!)
  eachEdge((i, j, square) => {
    const affinity = Math.exp(-square / (scale[i]! * scale[j]!))
    column[at[i]!] = j
    value[at[i]!++] = affinity
    column[at[j]!] = i
    value[at[j]!++] = affinity
  })
  return normalise(merged({ rows, start, column, value }))
}

/** Sorts each row by column and keeps the first of entries for the same place. */
function merged({ rows, start, column, value }: SparseMatrix): SparseMatrix {
  const newStart = new Int32Array(rows + 1)
  let to = 0
  for (let i = 0; i < rows; i++) {
    const entries: number[] = []
    for (let e = start[i]!; e < start[i + 1]!; e++) entries.push(e)
    entries.sort((a, b) => column[a]! - column[b]! || a - b)
    const kept = entries.filter((e, n) => n === 0 || column[e] !== column[entries[n - 1]!])
    const columns = kept.map((e) => column[e]!)
    const values = kept.map((e) => value[e]!)
    // Rows only shrink, so what is overwritten here was read before.
    column.set(columns, to)
    value.set(values, to)
    to += kept.length
    newStart[i + 1] = to
  }
  return { rows, start: newStart, column: column.slice(0, to), value: value.slice(0, to) }
}

function normalise(matrix: SparseMatrix): SparseMatrix {
  const { rows, start, column, value } = matrix
  const inverseRoot = new Float64Array(rows)
  for (let i = 0; i < rows; i++) {
    let degree = 0
    for (let e = start[i]!; e < start[i + 1]!; e++) degree += value[e]!
    inverseRoot[i] = degree > 0 ? 1 / Math.sqrt(degree) : 0
  }
  for (let i = 0; i < rows; i++)
    for (let e = start[i]!; e < start[i + 1]!; e++) value[e]! *= inverseRoot[i]! * inverseRoot[column[e]!]!
  return matrix
}
