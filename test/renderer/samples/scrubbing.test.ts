import { describe, expect, test } from 'vitest'
import type { Sample } from '../../../src/shared/run.ts'
import {
  atOrBefore,
  movedBy,
  nearestIndex,
  placeOf,
  prefetchOrder,
  scrubKey,
  stopsOf,
  tickEvery,
} from '../../../src/renderer/components/samples/scrubbing.ts'

const sample = (over: Partial<Sample>): Sample => ({
  hash: 'a',
  columns: 8,
  rows: 8,
  tileWidth: 28,
  tileHeight: 28,
  name: 'samples',
  step: 0,
  epoch: 0,
  time: 0,
  ...over,
})

test('a sample has its place by epoch, step, or seconds since the start', () => {
  const s = sample({ epoch: 3, step: 300, time: 65_000 })
  expect([placeOf(s, 'epoch', 5_000), placeOf(s, 'step', 5_000), placeOf(s, 'time', 5_000)]).toEqual([3, 300, 60])
  expect(placeOf(s, 'time', 70_000)).toBe(0)
})

describe('one scrubber for several runs', () => {
  const wgan = [0, 1, 2, 3, 4]
  const dcgan = [0, 2, 4]
  test('stops wherever one of them has a grid', () => {
    expect(stopsOf([wgan, dcgan, [0.5]])).toEqual([0, 0.5, 1, 2, 3, 4])
    expect(stopsOf([])).toEqual([])
  })
  test('each shows its newest grid at or before the place', () => {
    expect([-1, 0, 1, 2, 3.9, 4, 99].map((p) => atOrBefore(dcgan, p))).toEqual([-1, 0, 0, 1, 1, 2, 2])
    expect(atOrBefore([], 3)).toBe(-1)
  })
})

test('a drag finds the nearest stop, the earlier of two as near', () => {
  expect([-5, 0.4, 0.5, 0.6, 7].map((p) => nearestIndex([0, 1, 2], p))).toEqual([0, 0, 0, 1, 2])
  expect(nearestIndex([], 1)).toBe(-1)
})

describe('keys', () => {
  test('move by one, by a tenth, and to the ends, never beyond', () => {
    expect(movedBy('next', 3, 5)).toBe(4)
    expect(movedBy('next', 4, 5)).toBe(4)
    expect(movedBy('previous', 0, 5)).toBe(0)
    expect(movedBy('first', 3, 5)).toBe(0)
    expect(movedBy('last', 0, 5)).toBe(4)
    expect(movedBy('forward', 0, 100)).toBe(10)
    expect(movedBy('back', 5, 100)).toBe(0)
  })
  test('are named', () => {
    expect(scrubKey('ArrowRight')).toBe('next')
    expect(scrubKey(' ')).toBe('play')
    expect(scrubKey('x')).toBeNull()
    expect(scrubKey('constructor')).toBeNull()
  })
})

test('ticks thin out before they touch', () => {
  expect(tickEvery(11, 400)).toBe(1)
  expect(tickEvery(1001, 400)).toBe(10)
  expect(tickEvery(1, 400)).toBe(1)
  for (const n of [2, 57, 1000, 9999]) expect(tickEvery(n, 300) * (300 / (n - 1))).toBeGreaterThanOrEqual(4)
})

test('neighbours are fetched nearest first, forward before back', () => {
  expect(prefetchOrder(['a', 'b', 'c', 'd', 'e'], 1, 2)).toEqual(['c', 'a', 'd'])
  expect(prefetchOrder(['a'], 0)).toEqual([])
})
