import type { Stroke } from '../../../shared/plane/drawing.ts'
import type { PointMap } from './uniform.ts'

/** Cells along each side of the bounding square; a brush of 0.02 on the whole plane is then about two cells wide. */
const side = 256
const inside = -1

/** A piece of a stroke: all points at most `radius` from the line from (x, y) to (x + dx, y + dy). */
interface Capsule {
  x: number
  y: number
  dx: number
  dy: number
  radius: number
}

const covers = ({ x, y, dx, dy, radius }: Capsule, px: number, py: number): boolean => {
  const length2 = dx * dx + dy * dy
  const t = length2 > 0 ? Math.max(0, Math.min(1, ((px - x) * dx + (py - y) * dy) / length2)) : 0
  return (px - x - t * dx) ** 2 + (py - y - t * dy) ** 2 <= radius * radius
}

export interface PaintedArea {
  /** Uniform on the area, however often strokes cross. */
  point: PointMap
  contains(x: number, y: number): boolean
  /** In units of the plane, which is 4; estimated to a few parts in a thousand. */
  area: number
}

/**
 * The union of the strokes, cut into cells: those wholly painted, and those on its edge with the pieces that reach into
 * them. A point is drawn in a cell of either sort and, on the edge, drawn again until it is painted: exactly uniform, at
 * a cost that doesn't grow with the drawing.
 */
export function paintedArea(strokes: readonly Stroke[]): PaintedArea {
  const capsules = strokes.flatMap(capsulesOf)
  if (capsules.length === 0) throw new RangeError('The drawing is empty; draw at least one stroke.')
  const low = [Infinity, Infinity]
  const high = [-Infinity, -Infinity]
  for (const { x, y, dx, dy, radius } of capsules) {
    low[0] = Math.min(low[0]!, x - radius, x + dx - radius)
    low[1] = Math.min(low[1]!, y - radius, y + dy - radius)
    high[0] = Math.max(high[0]!, x + radius, x + dx + radius)
    high[1] = Math.max(high[1]!, y + radius, y + dy + radius)
  }
  const [left, bottom] = [low[0]!, low[1]!]
  const cell = (1.0001 * Math.max(high[0]! - left, high[1]! - bottom)) / side
  const touching = capsulesByCell(capsules, left, bottom, cell)
  const cells = Int32Array.from(touching.keys()).toSorted()

  const covered = (index: number, x: number, y: number) => {
    const list = touching.get(index)
    return list !== undefined && (list[0] === inside || list.some((i) => covers(capsules[i]!, x, y)))
  }
  const contains = (x: number, y: number) => {
    const [column, row] = [Math.floor((x - left) / cell), Math.floor((y - bottom) / cell)]
    return column >= 0 && row >= 0 && column < side && row < side && covered(row * side + column, x, y)
  }
  const point: PointMap = (u, out, at) => {
    // Further tries take numbers from a generator that these four start, so a point stays a function of its sample.
    const next = sequence(u)
    for (;;) {
      const index = cells[Math.floor(next() * cells.length)]!
      const x = left + cell * ((index % side) + next())
      const y = bottom + cell * (Math.floor(index / side) + next())
      if (!covered(index, x, y)) continue
      out[at] = x
      out[at + 1] = y
      return
    }
  }
  return { point, contains, area: cell * cell * paintedCells(cells, touching, covered, left, bottom, cell) }
}

function capsulesOf({ width, points }: Stroke): Capsule[] {
  const radius = width / 2
  if (points.length === 1) return [{ x: points[0]![0], y: points[0]![1], dx: 0, dy: 0, radius }]
  return points.slice(1).map(([x, y], i) => {
    const [fromX, fromY] = points[i]!
    return { x: fromX, y: fromY, dx: x - fromX, dy: y - fromY, radius }
  })
}

/** For each cell that may be painted, the capsules that reach into it, or [−1] if one covers it wholly. */
function capsulesByCell(capsules: Capsule[], left: number, bottom: number, cell: number): Map<number, number[]> {
  const touching = new Map<number, number[]>()
  // No point of a cell is farther than this from its middle.
  const reach = cell / Math.SQRT2
  capsules.forEach((capsule, i) => {
    const { x, y, dx, dy, radius } = capsule
    const wide = { ...capsule, radius: radius + reach }
    const narrow = { ...capsule, radius: radius - reach }
    const first = (from: number, by: number, origin: number) =>
      Math.max(0, Math.floor((Math.min(from, from + by) - radius - origin) / cell))
    const last = (from: number, by: number, origin: number) =>
      Math.min(side - 1, Math.floor((Math.max(from, from + by) + radius - origin) / cell))
    for (let row = first(y, dy, bottom); row <= last(y, dy, bottom); row++)
      for (let column = first(x, dx, left); column <= last(x, dx, left); column++) {
        const [middleX, middleY] = [left + cell * (column + 0.5), bottom + cell * (row + 0.5)]
        if (!covers(wide, middleX, middleY)) continue
        const index = row * side + column
        const list = touching.get(index)
        if (list?.[0] === inside) continue
        if (narrow.radius > 0 && covers(narrow, middleX, middleY)) touching.set(index, [inside])
        else if (list) list.push(i)
        else touching.set(index, [i])
      }
  })
  return touching
}

/** The painted part of the cells, in cells: 8 × 8 points of each cell on the edge are looked at. */
function paintedCells(
  cells: Int32Array,
  touching: Map<number, number[]>,
  covered: (index: number, x: number, y: number) => boolean,
  left: number,
  bottom: number,
  cell: number,
): number {
  let total = 0
  for (const index of cells) {
    if (touching.get(index)![0] === inside) {
      total++
      continue
    }
    for (let k = 0; k < 64; k++) {
      const x = left + cell * ((index % side) + ((k % 8) + 0.5) / 8)
      const y = bottom + cell * (Math.floor(index / side) + ((k >> 3) + 0.5) / 8)
      if (covered(index, x, y)) total += 1 / 64
    }
  }
  return total
}

/** The given numbers, then as many more as are asked for (Steele et al. 2014, SplitMix, in 32 bits). */
function sequence(u: Float64Array): () => number {
  let i = 0
  let state = (u[0]! * 0x1_0000_0000) ^ Math.imul(u[1]! * 0x1_0000_0000, 0x85157af5) ^ (u[2]! * 0x1_0000_0000)
  return () => {
    if (i < u.length) return u[i++]!
    state = (state + 0x9e3779b9) | 0
    let z = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
    return ((z ^ (z >>> 16)) >>> 0) / 0x1_0000_0000
  }
}
