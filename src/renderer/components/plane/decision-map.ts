import type { PlaneFrame } from '../../../shared/plane/frame.ts'
import { positionOn, tableIndex } from './colour-scale.ts'
import type { Scale } from './colour-scale.ts'

export type DecisionMap = NonNullable<PlaneFrame['map']>

/**
 * The map's value at a point of the plane, bilinear between the middles of its squares and level beyond the outermost;
 * null outside the map.
 */
export function valueAt({ side, values }: DecisionMap, extent: number, x: number, y: number): number | null {
  if (Math.abs(x) > extent || Math.abs(y) > extent) return null
  return bilinear(values, side, ((x + extent) / (2 * extent)) * side - 0.5, ((y + extent) / (2 * extent)) * side - 0.5)
}

function bilinear(values: Float32Array, side: number, column: number, row: number): number {
  const c = Math.max(0, Math.min(side - 1, column))
  const r = Math.max(0, Math.min(side - 1, row))
  const [left, below] = [Math.min(Math.floor(c), Math.max(0, side - 2)), Math.min(Math.floor(r), Math.max(0, side - 2))]
  const [right, above] = [Math.min(left + 1, side - 1), Math.min(below + 1, side - 1)]
  const [u, v] = [c - left, r - below]
  const low = values[below * side + left]! * (1 - u) + values[below * side + right]! * u
  const high = values[above * side + left]! * (1 - u) + values[above * side + right]! * u
  return low * (1 - v) + high * v
}

/**
 * The map as pixels of an image, its first row on top, which is the largest y. Values are interpolated, not colours, so
 * that the middle of the scale stays grey however coarse the map is.
 * @param pixels [size, size] as ImageData's buffer holds them
 */
export function paintPixels(
  { side, values }: DecisionMap,
  scale: Scale,
  table: Uint32Array,
  size: number,
  pixels: Uint32Array,
): void {
  for (let row = 0; row < size; row++) {
    const r = ((size - row - 0.5) / size) * side - 0.5
    for (let column = 0; column < size; column++) {
      const value = bilinear(values, side, ((column + 0.5) / size) * side - 0.5, r)
      pixels[row * size + column] = table[tableIndex(positionOn(scale, value))]!
    }
  }
}

/** The values that contours are drawn at: the undecided first, then as many on either side. */
export function contourLevels({ low, middle, high }: Scale): number[] {
  const parts = [0.4, 0.8]
  return [middle, ...parts.map((p) => middle - p * (middle - low)), ...parts.map((p) => middle + p * (high - middle))]
}

/** Corners of a cell, counted from below left against the clock, between which each case's lines run (edge i: i to i + 1). */
const cases: readonly (readonly [from: number, to: number])[][] = [
  [],
  [[3, 0]],
  [[0, 1]],
  [[3, 1]],
  [[1, 2]],
  [
    [3, 0],
    [1, 2],
  ],
  [[0, 2]],
  [[3, 2]],
  [[2, 3]],
  [[2, 0]],
  [
    [0, 1],
    [2, 3],
  ],
  [[2, 1]],
  [[1, 3]],
  [[1, 0]],
  [[0, 3]],
  [],
]

/**
 * Lines on which the map has a value, by marching squares (Lorensen and Cline 1987, in two dimensions); where a cell's
 * corners leave it open which way the lines run, the mean of the corners decides. Cells with a value that is not finite
 * have none.
 * @returns pieces [count, 4]: x₀, y₀, x₁, y₁ in units of the plane
 */
export function contour({ side, values }: DecisionMap, extent: number, level: number): Float32Array {
  const lines: number[] = []
  const step = (2 * extent) / side
  const place = (i: number) => -extent + (i + 0.5) * step
  for (let row = 0; row + 1 < side; row++)
    for (let column = 0; column + 1 < side; column++) {
      const at = row * side + column
      const corner = [values[at]!, values[at + 1]!, values[at + side + 1]!, values[at + side]!]
      const sum = corner[0]! + corner[1]! + corner[2]! + corner[3]!
      if (!Number.isFinite(sum)) continue
      let kind = 0
      for (let i = 0; i < 4; i++) if (corner[i]! >= level) kind |= 1 << i
      if ((kind === 5 || kind === 10) && sum / 4 >= level) kind = 15 - kind
      for (const ends of cases[kind]!)
        for (const edge of ends) {
          const [a, b] = [corner[edge]!, corner[(edge + 1) % 4]!]
          const part = a === b ? 0.5 : (level - a) / (b - a)
          const [dx, dy] = [[part, 1, 1 - part, 0][edge]!, [0, part, 1, 1 - part][edge]!]
          lines.push(place(column) + dx * step, place(row) + dy * step)
        }
    }
  return Float32Array.from(lines)
}
