import type { PlaneFrame } from '../../../shared/plane/frame.ts'

type Manifold = NonNullable<PlaneFrame['manifold']>

/**
 * How dense the generator puts its points in each cell of the carried grid, as an opacity from 0.04 to 0.75. The cells
 * hold equal noise, so density is one over the area; the root keeps a crowded cell from drowning all others. A cell
 * as large as if the grid filled the plane evenly has a quarter of the most.
 * @returns [rows − 1, columns − 1] by rows; empty for a curve
 */
export function cellOpacities({ rows, columns, points }: Manifold): Float32Array {
  if (rows < 2 || columns < 2) return new Float32Array(0)
  const out = new Float32Array((rows - 1) * (columns - 1))
  const even = 4 / out.length
  for (let r = 0; r + 1 < rows; r++)
    for (let c = 0; c + 1 < columns; c++) {
      const [a, b, d, e] = corners(columns, r, c).map((i) => [points[2 * i]!, points[2 * i + 1]!] as const)
      // Half the cross product of the diagonals.
      const area = Math.abs((d![0] - a![0]) * (e![1] - b![1]) - (d![1] - a![1]) * (e![0] - b![0])) / 2
      const density = Math.sqrt(even / Math.max(area, 1e-9))
      out[r * (columns - 1) + c] = Number.isFinite(area) ? Math.max(0.04, Math.min(0.75, 0.19 * density)) : 0
    }
  return out
}

/** A cell's corners in the order in which they are gone round. */
export const corners = (columns: number, r: number, c: number): number[] => {
  const at = r * columns + c
  return [at, at + 1, at + columns + 1, at + columns]
}
