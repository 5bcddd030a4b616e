import type { Modes } from '../../../shared/plane/distributions.ts'
import type { Points } from '../../../shared/plane/geometry.ts'

export interface ModeCoverage {
  /** Modes that are the nearest of at least one good sample. */
  covered: number
  /** All modes. */
  total: number
  /** Fraction of good samples: those within three standard deviations of their nearest mode. */
  good: number
}

/**
 * How well samples cover a mixture's modes, as the literature on 8 and 25 Gaussians counts it (Srivastava et al. 2017,
 * "VEEGAN", section 4.1; Lin et al. 2018, "PacGAN", section 4.1). Of the mixture's own samples 1 − exp(−9/2) = 98.9 %
 * are good.
 */
export function modeCoverage(points: Points, { centres, sd }: Modes): ModeCoverage {
  const total = centres.length / 2
  const found = new Uint8Array(total)
  const limit = (3 * sd) ** 2
  let good = 0
  for (let i = 0; i < points.length; i += 2) {
    let [nearest, least] = [0, Infinity]
    for (let k = 0; k < total; k++) {
      const distance = (points[i]! - centres[2 * k]!) ** 2 + (points[i + 1]! - centres[2 * k + 1]!) ** 2
      if (distance < least) [nearest, least] = [k, distance]
    }
    if (least > limit) continue
    good++
    found[nearest] = 1
  }
  return {
    covered: found.reduce((a, b) => a + b, 0),
    total,
    good: points.length === 0 ? 0 : (2 * good) / points.length,
  }
}
