import { planeDistributions, planeNames } from '../../../shared/plane/distributions.ts'
import type { PlaneName } from '../../../shared/plane/distributions.ts'
import type { Drawing } from '../../../shared/plane/drawing.ts'
import type { Points } from '../../../shared/plane/geometry.ts'
import type { PlaneSetContent } from '../../../shared/plane/sets.ts'

/** 1/φ₃, 1/φ₃², 1/φ₃³ of the generalised golden ratio φ₃⁴ = φ₃ + 1, and of φ₂³ = φ₂ + 1 for the plane (Roberts 2018). */
const steps3 = [0.8191725133961645, 0.6710436067037893, 0.5497004779019703]
const steps2 = [0.7548776662466927, 0.5698402909980532]

const isNamed = (name: string): name is PlaneName => (planeNames as readonly string[]).includes(name)

/**
 * Points [count, 2] of a named distribution to look at: from evenly spread numbers, so that a few hundred show its shape
 * without the clumps of random ones. Null for a name that is not one.
 */
export function namedPoints(name: string, count: number): Points | null {
  if (!isNamed(name)) return null
  const { point } = planeDistributions[name]
  const points = new Float32Array(2 * count)
  const u = [0, 0, 0]
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < 3; i++) u[i] = (0.5 + (n + 1) * steps3[i]!) % 1
    point(u, points, 2 * n)
  }
  return points
}

/** Whether a stroke covers (x, y). */
const covers = ({ width, points }: Drawing['strokes'][number], x: number, y: number): boolean => {
  const radius2 = (width / 2) ** 2
  return points.some(([ax, ay], i) => {
    const [bx, by] = points[i + 1] ?? [ax, ay]
    const [dx, dy] = [bx - ax, by - ay]
    const length2 = dx * dx + dy * dy
    const t = length2 > 0 ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / length2)) : 0
    return (x - ax - t * dx) ** 2 + (y - ay - t * dy) ** 2 <= radius2
  })
}

/** A number in [0, 1) that looks random, a function of n. */
const scrambled = (n: number): number => {
  const x = Math.sin(n * 12.9898) * 43758.5453
  return x - Math.floor(x)
}

/** Lines with fewer points that stay within a part of the brush's width of the old ones. */
function coarse({ width, points }: Drawing['strokes'][number]): Drawing['strokes'][number] {
  const spacing = width / 6
  const kept = points.filter((_, i) => i === 0)
  for (const point of points) {
    const last = kept.at(-1)!
    if (Math.hypot(point[0] - last[0], point[1] - last[1]) >= spacing) kept.push(point)
  }
  if (points.length > 1) kept.push(points.at(-1)!)
  return { width, points: kept }
}

/**
 * Points [≤ count, 2] spread evenly over the area that the strokes cover, however often they cover it: evenly spread
 * points of the strokes' bounding box, moved a little so that their lattice doesn't show, those kept that are painted.
 * @param most how many to look at before it is content with fewer: a thin line in a large box covers little of it
 */
export function drawingPoints(drawing: Drawing, count: number, most = 60_000): Points {
  const strokes = drawing.strokes.map(coarse).map((stroke) => ({ stroke, box: boxOf(stroke) }))
  const [left, right] = [Math.min(...strokes.map((s) => s.box.left)), Math.max(...strokes.map((s) => s.box.right))]
  const [low, high] = [Math.min(...strokes.map((s) => s.box.low)), Math.max(...strokes.map((s) => s.box.high))]
  const points: number[] = []
  for (let n = 1; n <= most && points.length < 2 * count; n++) {
    const spacing = Math.sqrt(((right - left) * (high - low)) / n)
    const x = left + (right - left) * ((0.5 + n * steps2[0]!) % 1) + spacing * (scrambled(n) - 0.5)
    const y = low + (high - low) * ((0.5 + n * steps2[1]!) % 1) + spacing * (scrambled(n + 0.5) - 0.5)
    const painted = strokes.some(
      ({ stroke, box }) => x >= box.left && x <= box.right && y >= box.low && y <= box.high && covers(stroke, x, y),
    )
    if (painted) points.push(x, y)
  }
  return Float32Array.from(points)
}

function boxOf({ width, points }: Drawing['strokes'][number]) {
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity]
  for (const [x, y] of points) {
    left = Math.min(left, x)
    right = Math.max(right, x)
    low = Math.min(low, y)
    high = Math.max(high, y)
  }
  const radius = width / 2
  return { left: left - radius, right: right + radius, low: low - radius, high: high + radius }
}

/** Every n-th of a set's points, so that at most `count` are left. */
export function setPoints(points: readonly number[], count: number): Points {
  const every = Math.max(1, Math.ceil(points.length / 2 / count))
  const kept: number[] = []
  for (let n = 0; 2 * n * every < points.length; n++) kept.push(points[2 * n * every]!, points[2 * n * every + 1]!)
  return Float32Array.from(kept)
}

export const contentPoints = (content: PlaneSetContent, count: number): Points =>
  content.type === 'drawing' ? drawingPoints(content.drawing, count) : setPoints(content.set.points, count)
