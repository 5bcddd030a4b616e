/**
 * Points of the plane are rows [count, 2] of one flat array: x₀, y₀, x₁, y₁, … The plane that is shown and trained on is
 * the square [−1, 1]²; a generator may leave it.
 */
export type Points = Float32Array

/** x ↦ M x + offset, M = (a b; c d). */
export interface Transform {
  matrix: readonly [a: number, b: number, c: number, d: number]
  offset: readonly [x: number, y: number]
}

export const identity: Transform = { matrix: [1, 0, 0, 1], offset: [0, 0] }
export const shift = (x: number, y: number): Transform => ({ matrix: [1, 0, 0, 1], offset: [x, y] })
/** About the origin, counter-clockwise, in radians. */
export const rotation = (angle: number): Transform => {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  return { matrix: [cos, -sin, sin, cos], offset: [0, 0] }
}
/** About the origin. */
export const scaling = (factor: number): Transform => ({ matrix: [factor, 0, 0, factor], offset: [0, 0] })

export const determinant = ({ matrix: [a, b, c, d] }: Transform): number => a * d - b * c

/** @throws RangeError if the transform has none: it maps the plane to a line or a point */
export function inverse(transform: Transform): Transform {
  const det = determinant(transform)
  if (!Number.isFinite(1 / det)) throw new RangeError('A transform that flattens the plane cannot be undone.')
  const { matrix, offset } = transform
  const [a, b, c, d] = [matrix[3] / det, -matrix[1] / det, -matrix[2] / det, matrix[0] / det]
  return { matrix: [a, b, c, d], offset: [-(a * offset[0] + b * offset[1]), -(c * offset[0] + d * offset[1])] }
}

/** The transformed points [count, 2]; `into` may be the points themselves. */
export function transformPoints(
  { matrix: [a, b, c, d], offset: [dx, dy] }: Transform,
  points: Points,
  into: Points = new Float32Array(points.length),
): Points {
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [points[i]!, points[i + 1]!]
    into[i] = a * x + b * y + dx
    into[i + 1] = c * x + d * y + dy
  }
  return into
}

/** The ways in which one number θ moves a distribution; θ = 0 leaves it where it is. */
export const thetaKinds = ['shift', 'rotation', 'scale'] as const
export type ThetaKind = (typeof thetaKinds)[number]

/** Shift by (θ, 0), rotation by θ half-turns, or scaling by 2^θ. */
export function thetaTransform(kind: ThetaKind, theta: number): Transform {
  if (kind === 'shift') return shift(theta, 0)
  return kind === 'rotation' ? rotation(Math.PI * theta) : scaling(2 ** theta)
}

/** ∂/∂θ of where θ has moved a point to, by the point (x, y) it is at now. */
export function thetaVelocity(kind: ThetaKind, x: number, y: number): [x: number, y: number] {
  if (kind === 'shift') return [1, 0]
  return kind === 'rotation' ? [-Math.PI * y, Math.PI * x] : [Math.LN2 * x, Math.LN2 * y]
}

/** How data of any scale was brought into the plane: plane = (data − centre) / scale. */
export interface Fit {
  centre: readonly [x: number, y: number]
  scale: number
}

/** Points that were fitted reach to this far from the middle, so that nothing lies on the picture's edge. */
export const fitMargin = 0.9

/**
 * Brings data into the plane without distorting it: the larger side of its bounding box becomes 2 × 0.9 long, centred on
 * the origin. Data without extent is only centred.
 * @param data finite coordinates [count, 2] in float64, so that small differences of large numbers survive
 */
export function fitToPlane(data: Float64Array): { points: Points; fit: Fit } {
  const low = [Infinity, Infinity]
  const high = [-Infinity, -Infinity]
  for (let i = 0; i < data.length; i++) {
    low[i & 1] = Math.min(low[i & 1]!, data[i]!)
    high[i & 1] = Math.max(high[i & 1]!, data[i]!)
  }
  if (data.length === 0) return { points: new Float32Array(0), fit: { centre: [0, 0], scale: 1 } }
  // Halves first: the sum or difference of two large numbers may overflow.
  const centre = [low[0]! / 2 + high[0]! / 2, low[1]! / 2 + high[1]! / 2] as const
  const half = Math.max(high[0]! / 2 - low[0]! / 2, high[1]! / 2 - low[1]! / 2)
  const scale = half > 0 ? half / fitMargin : 1
  const points = Float32Array.from(data, (value, i) => (value - centre[i & 1]!) / scale)
  return { points, fit: { centre, scale } }
}

/** Points of the plane in the data's own scale. */
export const fromPlane = ({ centre, scale }: Fit, points: Points): Float64Array =>
  Float64Array.from(points, (value, i) => value * scale + centre[i & 1]!)
