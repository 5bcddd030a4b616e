/**
 * The named distributions on the plane [−1, 1]². Each is a map from independent U[0, 1) numbers to a point, so that whoever
 * has numbers (a run's hashed ones, a preview's evenly spread ones) has points.
 */
export interface PlaneDistribution {
  /** Writes the point of the uniform numbers u[0 … 2] to out[at], out[at + 1]. */
  point(u: ArrayLike<number>, out: Float32Array, at: number): void
  /** The logarithm of the density at (x, y), −∞ outside the support; null for a distribution without one (on a line). */
  logDensity: ((x: number, y: number) => number) | null
  /** The components of a mixture of equal round Gaussians; null for any other distribution. */
  modes: Modes | null
}

export interface Modes {
  /** [count, 2] */
  centres: Float32Array
  /** Standard deviation along each axis. */
  sd: number
}

export const planeNames = [
  'line',
  'parabola',
  'ring',
  'two-gaussians',
  'eight-gaussians',
  'grid-25',
  'spiral',
  'blobs',
  'segment',
] as const
export type PlaneName = (typeof planeNames)[number]

/** Distance across a curve; a tenth of GAN Lab's brush, so that one sees whether the generator found the curve. */
const curveSd = 0.02
/** Of a curve; the longest piece is then 0.025 long. */
const pieces = 256

export const planeDistributions: Record<PlaneName, PlaneDistribution> = {
  line: noisyCurve((t) => [1.4 * t - 0.7, 1.4 * t - 0.7], curveSd),
  parabola: noisyCurve((t) => [1.6 * t - 0.8, 1.4 * (1.6 * t - 0.8) ** 2 - 0.5], curveSd),
  ring: noisyCurve((t) => [0.7 * Math.cos(2 * Math.PI * t), 0.7 * Math.sin(2 * Math.PI * t)], curveSd),
  'two-gaussians': gaussians([-0.5, 0, 0.5, 0], 0.1),
  /** On a circle, as in Metz et al. 2017 ("Unrolled GANs", section 3.1), whose sd is 0.01 of the radius; here 0.04 of it. */
  'eight-gaussians': gaussians(
    Array.from({ length: 8 }, (_, i) => [
      0.75 * Math.cos((i * Math.PI) / 4),
      0.75 * Math.sin((i * Math.PI) / 4),
    ]).flat(),
    0.03,
  ),
  /** sd 1/20 of the distance of neighbours, as in Azadi et al. 2019 ("Discriminator rejection sampling", section 4.1). */
  'grid-25': gaussians(
    Array.from({ length: 25 }, (_, i) => [0.4 * (i % 5) - 0.8, 0.4 * Math.floor(i / 5) - 0.8]).flat(),
    0.02,
  ),
  /** Archimedes' with two turns. */
  spiral: noisyCurve((t) => {
    const [radius, angle] = [0.1 + 0.7 * t, 4 * Math.PI * t]
    return [radius * Math.cos(angle), radius * Math.sin(angle)]
  }, curveSd),
  blobs: discs([
    [-0.5, 0.45, 0.25],
    [0.5, -0.45, 0.25],
  ]),
  /** {0} × U(0, 1): P of Arjovsky et al. 2017 ("Wasserstein GAN", example 1). */
  segment: noisyCurve((t) => [0, t], 0),
}

/** Two independent N(0, sd²) numbers (Box and Muller 1958) around (x, y). */
function scatter(x: number, y: number, sd: number, u: number, v: number, out: Float32Array, at: number): void {
  // 1 − u is in (0, 1], where the logarithm is finite.
  const radius = sd * Math.sqrt(-2 * Math.log(1 - u))
  out[at] = x + radius * Math.cos(2 * Math.PI * v)
  out[at + 1] = y + radius * Math.sin(2 * Math.PI * v)
}

/** The log density of the mixture of N(centre, sd² I) with equal weights. */
function mixtureLogDensity(centres: ArrayLike<number>, sd: number) {
  const factor = -1 / (2 * sd * sd)
  const count = centres.length / 2
  const norm = -Math.log(count * 2 * Math.PI * sd * sd)
  return (x: number, y: number): number => {
    let nearest = Infinity
    for (let i = 0; i < centres.length; i += 2)
      nearest = Math.min(nearest, (x - centres[i]!) ** 2 + (y - centres[i + 1]!) ** 2)
    // Relative to the nearest, so that the sum does not underflow far from all.
    let sum = 0
    for (let i = 0; i < centres.length; i += 2)
      sum += Math.exp(factor * ((x - centres[i]!) ** 2 + (y - centres[i + 1]!) ** 2 - nearest))
    return norm + factor * nearest + Math.log(sum)
  }
}

function gaussians(centres: number[], sd: number): PlaneDistribution {
  const count = centres.length / 2
  return {
    point(u, out, at) {
      const i = 2 * Math.floor(u[0]! * count)
      scatter(centres[i]!, centres[i + 1]!, sd, u[1]!, u[2]!, out, at)
    },
    logDensity: mixtureLogDensity(centres, sd),
    modes: { centres: Float32Array.from(centres), sd },
  }
}

/**
 * Uniform along a curve, with round Gaussian noise. The curve is its polygon of 256 pieces of equal length.
 *
 * The density is the mean of Gaussians at the middles of the pieces: the midpoint rule on a Gaussian, whose error at a
 * spacing h is a factor of about 2 exp(−2π² sd²/h²), less than 10⁻⁸ here.
 * @param curve by a parameter in [0, 1]
 */
function noisyCurve(curve: (t: number) => [x: number, y: number], sd: number): PlaneDistribution {
  const fine = Array.from({ length: 16 * pieces + 1 }, (_, i) => curve(i / (16 * pieces)))
  const lengths = [0]
  for (let i = 1; i < fine.length; i++)
    lengths.push(lengths[i - 1]! + Math.hypot(fine[i]![0] - fine[i - 1]![0], fine[i]![1] - fine[i - 1]![1]))
  const vertices = new Float64Array(2 * (pieces + 1))
  for (let i = 0, j = 1; i <= pieces; i++) {
    const length = (lengths.at(-1)! * i) / pieces
    while (j < fine.length - 1 && lengths[j]! < length) j++
    const part = (length - lengths[j - 1]!) / (lengths[j]! - lengths[j - 1]!)
    for (const axis of [0, 1] as const)
      vertices[2 * i + axis] = fine[j - 1]![axis] + part * (fine[j]![axis] - fine[j - 1]![axis])
  }
  const middles = Float64Array.from({ length: 2 * pieces }, (_, i) => (vertices[i]! + vertices[i + 2]!) / 2)
  return {
    point(u, out, at) {
      const t = u[0]! * pieces
      const i = Math.floor(t)
      const part = t - i
      const x = vertices[2 * i]! + part * (vertices[2 * i + 2]! - vertices[2 * i]!)
      const y = vertices[2 * i + 1]! + part * (vertices[2 * i + 3]! - vertices[2 * i + 1]!)
      scatter(x, y, sd, u[1]!, u[2]!, out, at)
    },
    logDensity: sd === 0 ? null : mixtureLogDensity(middles, sd),
    modes: null,
  }
}

/** Uniform on discs (x, y, radius) that do not overlap. */
function discs(list: [x: number, y: number, radius: number][]): PlaneDistribution {
  const areas = list.map(([, , radius]) => Math.PI * radius * radius)
  const area = areas.reduce((a, b) => a + b)
  return {
    point(u, out, at) {
      let i = 0
      for (let left = u[0]! * area; i < list.length - 1 && left >= areas[i]!; i++) left -= areas[i]!
      const [x, y, radius] = list[i]!
      const distance = radius * Math.sqrt(u[1]!)
      out[at] = x + distance * Math.cos(2 * Math.PI * u[2]!)
      out[at + 1] = y + distance * Math.sin(2 * Math.PI * u[2]!)
    },
    logDensity: (x, y) =>
      list.some(([cx, cy, radius]) => (x - cx) ** 2 + (y - cy) ** 2 <= radius * radius) ? -Math.log(area) : -Infinity,
    modes: null,
  }
}
