import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { effectScope, ref } from 'vue'
import { useScrubber } from '../../../src/renderer/components/samples/use-scrubber.ts'
import { bitmapCache } from '../../../src/renderer/stores/sample-images.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const start = (places: number[]) => {
  const stops = ref(places)
  const scope = effectScope()
  return { stops, scope, s: scope.run(() => useScrubber(stops))! }
}

test('follows the newest grid until it is moved, and again from the last one on', () => {
  const { stops, s } = start([0, 1])
  expect(s.index.value).toBe(1)
  stops.value = [0, 1, 2]
  expect(s.index.value).toBe(2)
  s.press('previous')
  expect(s.following.value).toBe(false)
  stops.value = [0, 1, 2, 3]
  expect(s.place.value).toBe(1)
  s.press('last')
  stops.value = [0, 1, 2, 3, 4]
  expect(s.place.value).toBe(4)
})

test('stays on its grid when one is added before it', () => {
  const { stops, s } = start([0, 2, 4])
  s.goToPlace(2)
  stops.value = [0, 1, 2, 4]
  expect(s.place.value).toBe(2)
})

test('plays from the start when at the end, at its speed, and stops at the end', () => {
  const { s } = start([0, 1, 2, 3])
  s.speed.value = 4
  s.togglePlay()
  expect(s.place.value).toBe(0)
  vi.advanceTimersByTime(500)
  expect(s.place.value).toBe(2)
  vi.advanceTimersByTime(1000)
  expect(s.place.value).toBe(3)
  expect(s.playing.value).toBe(false)
  expect(s.following.value).toBe(true)
})

test('a move stops the play, and so does leaving the page', () => {
  const { s, scope } = start([0, 1, 2, 3])
  s.togglePlay()
  s.press('next')
  expect(s.playing.value).toBe(false)
  s.togglePlay()
  scope.stop()
  expect(vi.getTimerCount()).toBe(0)
})

test('without grids nothing happens', () => {
  const { s } = start([])
  s.press('next')
  s.togglePlay()
  expect(s.index.value).toBe(-1)
  expect(s.playing.value).toBe(false)
})

test('decoded grids are fetched once, kept up to the capacity, and a failure is tried again', async () => {
  let fetches = 0
  let broken = true
  const cache = bitmapCache(
    async (key) => {
      fetches++
      if (key === 'bad' && broken) throw new Error('down')
      return new Blob([key])
    },
    async () => ({ width: 1, height: 1 }) as ImageBitmap,
    2,
  )
  const [a, b] = await Promise.all([cache.get('a'), cache.get('a')])
  expect(a).toBe(b)
  expect(fetches).toBe(1)
  await cache.get('b')
  cache.peek('a')
  await cache.get('c')
  expect(cache.peek('a')).toBeDefined()
  expect(cache.peek('b')).toBeUndefined()
  await expect(cache.get('bad')).rejects.toThrow('down')
  broken = false
  await expect(cache.get('bad')).resolves.toBeDefined()
})
