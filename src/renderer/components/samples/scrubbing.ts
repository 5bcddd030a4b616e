import type { Sample } from '../../../shared/run.ts'

/** What a scrubber moves along: sample grids are found by epoch, step, or seconds since the run's start. */
export type ScrubMode = 'epoch' | 'step' | 'time'

/** Place of a sample on the scrubber. @param startedAt When the run started, in ms since 1970. */
export function placeOf(sample: Sample, mode: ScrubMode, startedAt: number): number {
  if (mode === 'time') return Math.max(0, sample.time - startedAt) / 1000
  return sample[mode]
}

/** Index of the last sample at or before a place, or -1 when the first is later. `places` rise. */
export function atOrBefore(places: readonly number[], place: number): number {
  let low = 0
  let high = places.length
  while (low < high) {
    const mid = (low + high) >> 1
    if (places[mid]! <= place + 1e-9) low = mid + 1
    else high = mid
  }
  return low - 1
}

/** Index of the sample nearest to a place; the earlier one of two as near. -1 without samples. */
export function nearestIndex(places: readonly number[], place: number): number {
  const i = atOrBefore(places, place)
  if (i < 0) return places.length ? 0 : -1
  const next = places[i + 1]
  return next !== undefined && next - place < place - places[i]! ? i + 1 : i
}

/** All places of several runs in rising order, each once: the stops of a scrubber that drives them together. */
export function stopsOf(runs: readonly (readonly number[])[]): number[] {
  const all = runs.flat().sort((a, b) => a - b)
  return all.filter((place, i) => i === 0 || place - all[i - 1]! > 1e-9)
}

export type ScrubKey = 'previous' | 'next' | 'first' | 'last' | 'back' | 'forward' | 'play' | 'mark'

const keys: Record<string, ScrubKey> = {
  ArrowLeft: 'previous',
  ArrowDown: 'previous',
  ArrowRight: 'next',
  ArrowUp: 'next',
  Home: 'first',
  End: 'last',
  PageDown: 'back',
  PageUp: 'forward',
  ' ': 'play',
  g: 'mark',
}
export const scrubKey = (key: string): ScrubKey | null => (Object.hasOwn(keys, key) ? keys[key]! : null)

/** The stop that a key leads to from stop `i` of `n`. */
export function movedBy(key: ScrubKey, i: number, n: number): number {
  const page = Math.max(2, Math.round(n / 10))
  const to = {
    previous: i - 1,
    next: i + 1,
    first: 0,
    last: n - 1,
    back: i - page,
    forward: i + page,
    play: i,
    mark: i,
  }
  return Math.min(n - 1, Math.max(0, to[key]))
}

/**
 * Which ticks to draw so that they stay `gap` apart on a track of `width` pixels: all, or every second, fifth, tenth …
 * stop; never fewer than the first.
 */
export function tickEvery(count: number, width: number, gap = 4): number {
  if (count < 2 || width <= 0) return 1
  const room = width / (count - 1)
  for (let unit = 1; ; unit *= 10) for (const m of [1, 2, 5]) if (m * unit * room >= gap) return m * unit
}

/** Hashes around a stop in the order in which they should be fetched: the next ones first. */
export function prefetchOrder(hashes: readonly string[], i: number, reach = 4): string[] {
  const order: string[] = []
  for (let d = 1; d <= reach; d++) for (const j of [i + d, i - d]) if (hashes[j] !== undefined) order.push(hashes[j])
  return order
}
