import type { PlaneFrame } from '../../../shared/plane/frame.ts'

type Manifold = NonNullable<PlaneFrame['manifold']>

/**
 * How dense the generator puts its points in each cell of the carried grid, as an opacity from 0.04 to 0.75. Density is the
 * noise in a cell over its area; the root keeps a crowded cell from drowning all others. A cell of as much noise and as
 * large as if all filled the plane evenly has a quarter of the most.
 * @param normal the grid spans [−2, 2] of N(0, 1) noise, whose cells hold less towards the rim; else of even noise
 * @returns [rows − 1, columns − 1] by rows; empty for a curve
 */
export function cellOpacities({ rows, columns, points }: Manifold, normal = false): Float32Array {
  if (rows < 2 || columns < 2) return new Float32Array(0)
  const out = new Float32Array((rows - 1) * (columns - 1))
  const even = 4 / out.length
  const [across, down] = [cellNoise(columns - 1, normal), cellNoise(rows - 1, normal)]
  for (let r = 0; r + 1 < rows; r++)
    for (let c = 0; c + 1 < columns; c++) {
      const [a, b, d, e] = corners(columns, r, c).map((i) => [points[2 * i]!, points[2 * i + 1]!] as const)
      // Half the cross product of the diagonals.
      const area = Math.abs((d![0] - a![0]) * (e![1] - b![1]) - (d![1] - a![1]) * (e![0] - b![0])) / 2
      const density = Math.sqrt((even * across[c]! * down[r]!) / Math.max(area, 1e-9))
      out[r * (columns - 1) + c] = Number.isFinite(area) ? Math.max(0.04, Math.min(0.75, 0.19 * density)) : 0
    }
  return out
}

/** Noise that cells along one component hold, 1 in the mean: by the density at their middles. */
function cellNoise(cells: number, normal: boolean): number[] {
  const density = Array.from({ length: cells }, (_, i) =>
    normal ? Math.exp(-(((4 * (i + 0.5)) / cells - 2) ** 2) / 2) : 1,
  )
  const mean = density.reduce((a, b) => a + b, 0) / cells
  return density.map((d) => d / mean)
}

/** A cell's corners in the order in which they are gone round. */
export const corners = (columns: number, r: number, c: number): number[] => {
  const at = r * columns + c
  return [at, at + 1, at + columns + 1, at + columns]
}
