/**
 * Where the picture stands among the recorded steps. `place` is a step, or lies between two; it is kept as a step and not
 * as a number in the list, because lists of several runs grow in the middle.
 */
export interface Clock {
  /** Follows the newest frame, plays what is recorded, or stands. */
  mode: 'live' | 'play' | 'still'
  place: number
  /** Frames a second when it plays. */
  speed: number
}

export const clockSpeeds = [1, 5, 15, 30, 60, 120] as const

/**
 * How far behind the newest frame the live picture stays: frames come in bunches a few times a second, and one that has
 * come already is needed to go on to.
 */
const lagSeconds = 0.5

/** Index of the last step at or before a place, with the fraction of the way to the next one. `steps` rise. */
export function indexAt(steps: readonly number[], place: number): number {
  const last = steps.length - 1
  if (last < 0 || place <= steps[0]!) return 0
  if (place >= steps[last]!) return last
  let [low, high] = [0, last]
  while (high - low > 1) {
    const mid = (low + high) >> 1
    if (steps[mid]! <= place) low = mid
    else high = mid
  }
  return low + (place - steps[low]!) / (steps[high]! - steps[low]!)
}

/** The place of a fractional index. */
export function placeAt(steps: readonly number[], index: number): number {
  const last = steps.length - 1
  if (last < 0) return 0
  const at = Math.max(0, Math.min(last, index))
  const low = Math.min(Math.floor(at), Math.max(0, last - 1))
  const next = steps[Math.min(low + 1, last)]!
  return steps[low]! + (at - low) * (next - steps[low]!)
}

/**
 * The clock after some time. Live, it closes in on the newest frame at a pace in proportion to how far that is, so that it
 * neither stops between bunches nor falls behind; playing, it moves on by `speed` frames a second and stands at the end.
 * @param seconds since the last tick; a window that slept ticks only once
 * @param waits at the end it plays on as soon as there is more
 */
export function ticked(clock: Clock, seconds: number, steps: readonly number[], waits = false): Clock {
  const last = steps.length - 1
  if (clock.mode === 'still' || last < 0) return clock
  const index = indexAt(steps, clock.place)
  if (clock.mode === 'live') {
    const lag = last - index
    // A picture that has just opened, or a window that slept: nobody wants to see it catch up.
    const next = lag > 300 || lag < 0.02 ? last : index + lag * (1 - Math.exp(-seconds / lagSeconds))
    return { ...clock, place: placeAt(steps, next) }
  }
  const next = index + Math.min(seconds, 0.25) * clock.speed
  return next >= last
    ? { ...clock, mode: waits ? 'play' : 'still', place: steps[last]! }
    : { ...clock, place: placeAt(steps, next) }
}

/** The clock `by` whole frames further on, standing; between two frames, the first step goes to the nearer side's frame. */
export function stepped(clock: Clock, by: number, steps: readonly number[]): Clock {
  const index = indexAt(steps, clock.place)
  const from = by > 0 ? Math.floor(index + 1e-6) : Math.ceil(index - 1e-6)
  return { ...clock, mode: 'still', place: placeAt(steps, from + by) }
}

/** All steps of several recordings in rising order, each once. */
export function unionOf(lists: readonly (readonly number[])[]): readonly number[] {
  if (lists.length === 1) return lists[0]!
  return [...new Set(lists.flat())].sort((a, b) => a - b)
}
