import { expect, test } from 'vitest'
import { FrameCache, unpackFrames } from '../../../src/renderer/components/plane/frame-cache.ts'
import { encodeFrame } from '../../../src/shared/plane/frame.ts'
import type { PlaneFrame } from '../../../src/shared/plane/frame.ts'

const frame = (step: number, points = 150): PlaneFrame => ({
  step,
  output: 'probability',
  extent: 1,
  map: null,
  fake: new Float32Array(2 * points).fill(step / 10_000),
  arrows: null,
  manifold: null,
})
function packed(frames: readonly PlaneFrame[]): Uint8Array {
  const parts = frames.flatMap((f) => {
    const bytes = encodeFrame(f)
    const length = new Uint8Array(4)
    new DataView(length.buffer).setUint32(0, bytes.length, true)
    return [length, bytes]
  })
  return new Uint8Array(parts.flatMap((part) => [...part]))
}
const settle = () => new Promise((resolve) => setTimeout(resolve, 5))

/** What the core does: frames of a range of steps, at most so many. */
function core(steps: readonly number[], most = Infinity) {
  const asked: { from: number; to: number; limit: number }[] = []
  const fetch = (range: { from: number; to: number; limit: number }) => {
    asked.push(range)
    const found = steps.filter((s) => s >= range.from && s <= range.to).slice(0, Math.min(range.limit, most))
    return Promise.resolve(packed(found.map((s) => frame(s))))
  }
  return { asked, fetch }
}

test('frames come out of an answer as they went in; one that was cut is refused', () => {
  const bytes = packed([frame(1), frame(2)])
  expect(unpackFrames(bytes).map((f) => f.step)).toEqual([1, 2])
  expect(unpackFrames(new Uint8Array(0))).toEqual([])
  expect(() => unpackFrames(bytes.subarray(0, bytes.length - 1))).toThrow('cut short')
})

test('a look at one frame fetches those around it, once', async () => {
  const steps = Array.from({ length: 1000 }, (_, i) => 3 * i)
  const { asked, fetch } = core(steps)
  let changes = 0
  const cache = new FrameCache(fetch, () => changes++)
  cache.reset(steps, false)
  expect(cache.at(500)).toBeNull()
  cache.want(500)
  cache.want(500)
  await settle()
  expect(cache.at(500)?.step).toBe(1500)
  expect(asked.length).toBe(1)
  expect(changes).toBe(1)
  cache.want(500)
  await settle()
  expect(asked.length).toBe(1)
})

test('an answer that holds fewer than asked for is asked for the rest', async () => {
  const steps = Array.from({ length: 100 }, (_, i) => i)
  const { asked, fetch } = core(steps, 30)
  const cache = new FrameCache(fetch, () => {})
  cache.reset(steps, false)
  cache.want(10)
  await settle()
  expect(asked.map((a) => a.from)).toEqual([0, 30, 60, 90])
  expect(cache.at(99)?.step).toBe(99)
})

test('new frames are appended once, in order, and the ones shown last survive the bound', async () => {
  const steps = Array.from({ length: 2000 }, (_, i) => i)
  const { fetch } = core(steps)
  const size = 200 + 150 * 8
  const cache = new FrameCache(fetch, () => {}, 400 * size)
  cache.reset(steps, false)
  for (let i = 60; i < 2000; i += 120) {
    cache.at(i)
    cache.want(i)
    await settle()
  }
  expect(cache.bytesHeld).toBeLessThanOrEqual(400 * size)
  expect(cache.at(60)).toBeNull()
  expect(cache.at(1999)?.step).toBe(1999)
  cache.append([frame(1999), frame(2000), frame(2005)])
  expect(cache.steps.slice(-3)).toEqual([1999, 2000, 2005])
  expect(cache.at(2001)?.step).toBe(2005)
})

test('when history is taken back, frames of the old one are gone and late answers are not taken', async () => {
  let release = () => {}
  const waiting = new Promise<void>((resolve) => (release = resolve))
  const cache = new FrameCache(
    async ({ from, to }) => {
      await waiting
      return packed([from, to].map((s) => frame(s)))
    },
    () => {},
  )
  cache.reset([0, 1], false)
  cache.want(0)
  cache.reset([0, 7], false)
  release()
  await settle()
  expect(cache.at(0)).toBeNull()
  expect(cache.bytesHeld).toBe(0)
})

test('a refused fetch is told and does not end the recording', async () => {
  const cache = new FrameCache(
    () => Promise.reject(new Error('gone')),
    () => {},
  )
  cache.reset([0], false)
  cache.want(0)
  await settle()
  expect(String(cache.problem)).toContain('gone')
  expect(cache.steps).toEqual([0])
})
