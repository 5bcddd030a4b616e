import type { Range } from './lines.ts'

/** The range within `full` and at least `least` wide, moved rather than cut where it sticks out. */
export function clampRange(range: Range, full: Range, least: number): Range {
  const width = Math.min(full.max - full.min, Math.max(least, range.max - range.min))
  const centre = (range.min + range.max) / 2
  const min = Math.min(Math.max(centre - width / 2, full.min), full.max - width)
  return { min, max: min + width }
}

export function zoomed(range: Range, factor: number, about: number): Range {
  return { min: about - (about - range.min) / factor, max: about + (range.max - about) / factor }
}

export const shifted = (range: Range, by: number): Range => ({ min: range.min + by, max: range.max + by })

/** A range of steps that was fetched in detail. */
export interface DetailRange {
  from: number
  to: number
  buckets: number
}

/**
 * The steps to fetch for a view of `visible` steps on `pixels`: a margin to both sides, so that a small drag needs
 * nothing new, and two buckets a pixel. Null when the buckets that are there are fine enough already.
 * @param spanHeld Steps a bucket of the coarse series.
 * @param held What was fetched last.
 */
export function detailFor(
  visible: Range,
  pixels: number,
  spanHeld: number,
  held: DetailRange | null,
): DetailRange | null {
  const width = visible.max - visible.min
  if (!(width > 0) || pixels <= 0) return null
  if (spanHeld <= 1 || width / spanHeld >= pixels) return null
  if (held && held.from <= Math.max(0, visible.min) && held.to >= visible.max) {
    const spanOfHeld = (held.to - held.from) / held.buckets
    if (spanOfHeld <= 1 || width / spanOfHeld >= pixels * 0.75) return null
  }
  const margin = width / 2
  const from = Math.max(0, Math.floor(visible.min - margin))
  const to = Math.ceil(visible.max + margin)
  const wanted = Math.round((2 * pixels * (to - from)) / width)
  return { from, to, buckets: Math.min(8000, Math.max(200, Math.min(wanted, to - from + 1))) }
}
