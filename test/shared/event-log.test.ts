import { describe, expect, it } from 'vitest'
import { DamagedLogError, decodeEvents, encodeEvent } from '../../src/shared/event-log.ts'
import type { WorkerEvent } from '../../src/shared/events.ts'

const metrics: WorkerEvent = {
  type: 'metrics',
  set: 3,
  step: 7,
  epoch: 0.25,
  time: 1e12,
  values: Float64Array.of(1, -0, NaN, Infinity, 1e308),
}
const line: WorkerEvent = { type: 'log', time: 1, level: 'info', message: 'a\u0000b <b>é 🙂' }
const sample: WorkerEvent = {
  type: 'sample',
  time: 2,
  name: 'samples',
  step: 5,
  epoch: 1,
  columns: 1,
  rows: 1,
  tileWidth: 2,
  tileHeight: 2,
  png: Uint8Array.of(1, 2, 3),
}
const picture: WorkerEvent = { type: 'frame', step: 9, time: 3, bytes: Uint8Array.of(4, 5) }
const all = Uint8Array.from(Buffer.concat([metrics, line, sample].map(encodeEvent)))

describe('the event log', () => {
  it('gives back every event as it was written', () => {
    const { events, consumed } = decodeEvents(all)
    expect(events).toEqual([metrics, line, sample])
    expect(consumed).toBe(all.length)
    expect(decodeEvents(encodeEvent(picture)).events).toEqual([picture])
    expect(Object.is((events[0] as typeof metrics & { values: Float64Array }).values[1], -0)).toBe(true)
  })

  it('takes only whole frames, wherever the file ends', () => {
    const ends = [metrics, line, sample].map((e) => encodeEvent(e).length)
    for (let cut = 0; cut < all.length; cut++) {
      const { consumed, events } = decodeEvents(all.subarray(0, cut))
      const whole = cut >= ends[0]! + ends[1]! ? 2 : cut >= ends[0]! ? 1 : 0
      expect(events).toHaveLength(whole)
      expect(consumed).toBe(ends.slice(0, whole).reduce((a, b) => a + b, 0))
    }
  })

  it('refuses a flipped bit anywhere in a body, and keeps what came before', () => {
    const first = encodeEvent(metrics).length
    for (let at = first + 8; at < first + encodeEvent(line).length; at++) {
      const bytes = all.slice()
      bytes[at]! ^= 0x10
      let error: unknown
      try {
        decodeEvents(bytes, 1000)
      } catch (e) {
        error = e
      }
      expect(error).toBeInstanceOf(DamagedLogError)
      expect((error as DamagedLogError).offset).toBe(1000 + first)
      expect((error as DamagedLogError).before).toEqual([metrics])
    }
  })

  it('stops after as many events as it was asked for', () => {
    expect(decodeEvents(all, 0, 1).consumed).toBe(encodeEvent(metrics).length)
  })
})
