import type { Points } from '../../../shared/plane/geometry.ts'
import { roundUp } from './colour-scale.ts'

/** Plane units that an arrow of length 1 gets, where the loss keeps gradients to about 1. */
export const plainGain = 0.2
/** No arrow is drawn longer than this, in plane units. */
export const longestArrow = 0.3
/** Arrows shorter than this, in plane units, are not drawn, and their points count as at rest. */
export const stillBelow = 0.012

/**
 * Plane units of an arrow per unit of gradient. It is the same for all frames of a run as long as arrows stay between
 * visible and absurd: only so does one see them shrink when the generator arrives. A critic with clipped weights has
 * gradients of any size and needs another.
 * @param previous gain of the frame before
 */
export function gainFor(arrows: Points, previous: number | null): number {
  const size = typicalLength(arrows)
  if (!(size > 0)) return previous ?? plainGain
  const shown = size * (previous ?? plainGain)
  if (previous !== null ? shown < 0.6 && shown > 0.0004 : shown < 0.6 && shown > 0.004) return previous ?? plainGain
  return 1 / roundUp(size / 0.15)
}

/** The length that nine in ten arrows don't exceed. */
function typicalLength(arrows: Points): number {
  const lengths: number[] = []
  for (let i = 0; i < arrows.length; i += 2) {
    const length = Math.hypot(arrows[i]!, arrows[i + 1]!)
    if (Number.isFinite(length)) lengths.push(length)
  }
  lengths.sort((a, b) => a - b)
  return lengths[Math.floor(0.9 * (lengths.length - 1))] ?? 0
}

/** How many points still have a gradient worth the name. */
export function countMoving(arrows: Points, gain: number): number {
  let count = 0
  for (let i = 0; i < arrows.length; i += 2) if (Math.hypot(arrows[i]!, arrows[i + 1]!) * gain >= stillBelow) count++
  return count
}
