import { describe, expect, it } from 'vitest'
import {
  fitToPlane,
  fromPlane,
  inverse,
  rotation,
  scaling,
  shift,
  thetaKinds,
  thetaTransform,
  thetaVelocity,
  transformPoints,
} from '../../../src/shared/plane/geometry.ts'
import type { Transform } from '../../../src/shared/plane/geometry.ts'

const points = Float32Array.of(0.5, -0.25, 0, 1, -1, 0.75)
const closeTo = (actual: ArrayLike<number>, expected: number[], digits = 6) => {
  expect(actual.length).toBe(expected.length)
  expected.forEach((value, i) => expect(actual[i]).toBeCloseTo(value, digits))
}

it('shifts, rotates counter-clockwise and scales', () => {
  closeTo(transformPoints(shift(0.25, -1), points), [0.75, -1.25, 0.25, 0, -0.75, -0.25])
  closeTo(transformPoints(rotation(Math.PI / 2), points), [0.25, 0.5, -1, 0, -0.75, -1])
  closeTo(transformPoints(scaling(2), points), [1, -0.5, 0, 2, -2, 1.5])
})

it('undoes a transform, and refuses to undo one that flattens the plane', () => {
  const sheared: Transform = { matrix: [2, 1, -0.5, 3], offset: [0.3, -4] }
  closeTo(transformPoints(inverse(sheared), transformPoints(sheared, points)), [...points])
  expect(() => inverse(scaling(0))).toThrow('A transform that flattens the plane cannot be undone.')
})

describe.each(thetaKinds)('θ as a %s', (kind) => {
  it('leaves all where it is at 0', () => closeTo(transformPoints(thetaTransform(kind, 0), points), [...points]))

  it('moves points with the velocity it says', () => {
    const [theta, h] = [0.3, 1e-3]
    const at = (t: number) => transformPoints(thetaTransform(kind, t), points)
    const [before, now, after] = [at(theta - h), at(theta), at(theta + h)]
    for (let i = 0; i < points.length; i += 2) {
      const velocity = thetaVelocity(kind, now[i]!, now[i + 1]!)
      expect(velocity[0]).toBeCloseTo((after[i]! - before[i]!) / (2 * h), 3)
      expect(velocity[1]).toBeCloseTo((after[i + 1]! - before[i + 1]!) / (2 * h), 3)
    }
  })
})

describe('fitting data into the plane', () => {
  it('keeps its shape and remembers its scale', () => {
    const data = Float64Array.of(100, 7, 300, 7, 200, 57)
    const { points: fitted, fit } = fitToPlane(data)
    closeTo(fitted, [-0.9, -0.225, 0.9, -0.225, 0, 0.225])
    closeTo(fromPlane(fit, fitted), [...data], 4)
  })

  it('keeps small differences of large numbers', () => {
    closeTo(fitToPlane(Float64Array.of(1e9, 0, 1e9 + 1e-3, 0)).points, [-0.9, 0, 0.9, 0], 3)
  })

  it('centres data without extent, and takes numbers near the largest', () => {
    closeTo(fitToPlane(Float64Array.of(5, 6, 5, 6)).points, [0, 0, 0, 0])
    closeTo(fitToPlane(Float64Array.of(-1e308, 0, 1e308, 0)).points, [-0.9, 0, 0.9, 0])
  })
})
