import { describe, expect, it } from 'vitest'
import { planeDistributions, planeNames } from '../../../src/shared/plane/distributions.ts'

/** Evenly spread points in the unit cube (Roberts' R₃ sequence). */
const spread = (n: number) => {
  const g = 1.2207440846057596
  return Array.from({ length: n }, (_, i) => [1, 2, 3].map((k) => (0.5 + (i + 1) / g ** k) % 1))
}

describe.each(planeNames)('%s', (name) => {
  const { point, logDensity, modes } = planeDistributions[name]
  const points = new Float32Array(2 * 20_000)
  spread(20_000).forEach((u, i) => point(u, points, 2 * i))

  it('lies in the plane', () => {
    for (const value of points) expect(Math.abs(value)).toBeLessThan(1.05)
  })

  it('has a density that integrates to one and is the one its points have', () => {
    if (!logDensity) {
      expect(name).toBe('segment')
      return
    }
    // Midpoints of squares of 0.01 on [−1.3, 1.3]²; the thinnest Gaussian has sd 0.02.
    const bins = 13
    const cell = 0.01
    const mass = new Float64Array(bins * bins)
    let total = 0
    for (let row = 0; row < 260; row++)
      for (let column = 0; column < 260; column++) {
        const part = Math.exp(logDensity(-1.3 + cell * (column + 0.5), -1.3 + cell * (row + 0.5))) * cell * cell
        total += part
        mass[Math.floor(row / 20) * bins + Math.floor(column / 20)]! += part
      }
    // Discs have an edge that squares follow only so well.
    expect(Math.abs(total - 1)).toBeLessThan(name === 'blobs' ? 0.01 : 1e-6)
    const found = new Float64Array(bins * bins)
    for (let i = 0; i < points.length; i += 2)
      found[Math.floor((points[i + 1]! + 1.3) / 0.2) * bins + Math.floor((points[i]! + 1.3) / 0.2)]! += 1 / 20_000
    mass.forEach((value, i) => expect(Math.abs(found[i]! - value)).toBeLessThan(0.007))
  })

  it('knows its modes if it is a mixture', () => {
    expect(modes !== null).toBe(['two-gaussians', 'eight-gaussians', 'grid-25'].includes(name))
    if (!modes) return
    expect(modes.centres.length / 2).toBe(
      { 'two-gaussians': 2, 'eight-gaussians': 8, 'grid-25': 25 }[name as 'grid-25'],
    )
    let good = 0
    const counts = new Float64Array(modes.centres.length / 2)
    for (let i = 0; i < points.length; i += 2) {
      const distances = Array.from(counts.keys(), (k) =>
        Math.hypot(points[i]! - modes.centres[2 * k]!, points[i + 1]! - modes.centres[2 * k + 1]!),
      )
      const least = Math.min(...distances)
      counts[distances.indexOf(least)]! += 1 / 20_000
      if (least <= 3 * modes.sd) good++
    }
    // A round Gaussian has 1 − exp(−9/2) within three standard deviations.
    expect(good / 20_000).toBeCloseTo(1 - Math.exp(-4.5), 2)
    counts.forEach((part) => expect(part).toBeCloseTo(1 / counts.length, 2))
  })
})

it('the density stays finite far away, where the Gaussians underflow', () => {
  const { logDensity } = planeDistributions['grid-25']
  expect(logDensity!(100, 100)).toBeLessThan(-1e6)
  expect(logDensity!(100, 100)).toBeGreaterThan(-Infinity)
})
