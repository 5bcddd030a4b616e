import type { Drawing } from '../../../shared/plane/drawing.ts'
import { planeDistributions } from '../../../shared/plane/distributions.ts'
import type { Modes, PlaneName } from '../../../shared/plane/distributions.ts'
import { determinant, inverse, transformPoints } from '../../../shared/plane/geometry.ts'
import type { Points, Transform } from '../../../shared/plane/geometry.ts'
import { paintedArea } from './painted-area.ts'
import { numbersPerSample, sampleNumbers, sampleStream } from './uniform.ts'
import type { PointMap } from './uniform.ts'

/** A distribution on the plane that points are drawn from. */
export interface PlaneSource {
  /**
   * `count` independent points [count, 2]. Point i is a function of (seed, purpose, index, i) alone, so that a run which
   * goes on draws what it would have drawn.
   * @param purpose what for ('real', 'measures', …); different ones are independent
   * @param index a step or a batch, from 0
   */
  sample(purpose: string, index: number, count: number, into?: Points): Points
  /** As of a `PlaneDistribution`. */
  logDensity: ((x: number, y: number) => number) | null
  modes: Modes | null
}

/** Samples of whatever turns uniform numbers into a point. */
function sampler(seed: number, point: PointMap): PlaneSource['sample'] {
  const u = new Float64Array(numbersPerSample)
  return (purpose, index, count, into = new Float32Array(2 * count)) => {
    const stream = sampleStream(purpose, index)
    for (let i = 0; i < count; i++) {
      sampleNumbers(seed, stream, i, u)
      point(u, into, 2 * i)
    }
    return into
  }
}

/** One of the named distributions. */
export function namedSource(name: PlaneName, seed: number): PlaneSource {
  const { point, logDensity, modes } = planeDistributions[name]
  return { sample: sampler(seed, point), logDensity, modes }
}

/** Uniform on the area that was painted. Its density is flat on it. */
export function drawnSource(drawing: Drawing, seed: number): PlaneSource {
  const { point, contains, area } = paintedArea(drawing.strokes)
  const density = -Math.log(area)
  return { sample: sampler(seed, point), logDensity: (x, y) => (contains(x, y) ? density : -Infinity), modes: null }
}

/** Uniform on given points [count, 2], each draw with replacement: the empirical distribution. */
export function pointsSource(points: Points, seed: number): PlaneSource {
  const count = points.length / 2
  if (count < 1) throw new RangeError('There are no points to draw from; expected at least one.')
  const point: PointMap = (u, out, at) => {
    const i = Math.floor(u[0]! * count)
    out[at] = points[2 * i]!
    out[at + 1] = points[2 * i + 1]!
  }
  return { sample: sampler(seed, point), logDensity: null, modes: null }
}

/**
 * A source moved by an affine map.
 * @throws RangeError if the map flattens the plane and the source has a density, which is then lost
 */
export function transformed(source: PlaneSource, transform: Transform): PlaneSource {
  const { logDensity, modes } = source
  const { matrix, offset } = logDensity || modes ? inverse(transform) : transform
  const logScale = Math.log(Math.abs(determinant(transform)))
  const [a, b, c, d] = matrix
  return {
    sample: (purpose, index, count, into) => {
      const points = source.sample(purpose, index, count, into)
      return transformPoints(transform, points, points)
    },
    logDensity: logDensity && ((x, y) => logDensity(a * x + b * y + offset[0], c * x + d * y + offset[1]) - logScale),
    modes: modes && movedModes(modes, transform),
  }
}

/** Round modes stay round under shifts, rotations and scalings; otherwise they are no longer known. */
function movedModes({ centres, sd }: Modes, transform: Transform): Modes | null {
  const [a, b, c, d] = transform.matrix
  const factor = Math.hypot(a, c)
  const round = Math.abs(Math.hypot(b, d) - factor) < 1e-9 * factor && Math.abs(a * b + c * d) < 1e-9 * factor * factor
  return round ? { centres: transformPoints(transform, centres), sd: sd * factor } : null
}
