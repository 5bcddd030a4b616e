import { crc32 } from 'node:zlib'
import { JsonEvent, SampleHeader } from './events.ts'
import type { FrameEvent, MetricsEvent, SampleEvent, WorkerEvent } from './events.ts'

/**
 * The frame format of `events.log`, for its writer (ml) and its reader (main):
 * u32 length of the body | u32 CRC-32 of the body | body, all little-endian; the body's first byte is its type.
 * A frame that is cut off at the end of the file is one still being written; any other damage is an error.
 */
const JSON_FRAME = 1
const METRICS_FRAME = 2
const SAMPLE_FRAME = 3
const PICTURE_FRAME = 4
const HEADER = 8
const MAX_BODY = 1 << 28

export class DamagedLogError extends Error {
  readonly offset: number
  /** The whole events before the damage, still good. */
  readonly before: WorkerEvent[]
  constructor(offset: number, what: string, before: WorkerEvent[]) {
    super(`The event log is damaged at byte ${offset}: ${what}. Everything before it is kept.`)
    this.name = 'DamagedLogError'
    this.offset = offset
    this.before = before
  }
}

const text = new TextEncoder()
const decoder = new TextDecoder()

function frame(body: Uint8Array): Uint8Array {
  const out = new Uint8Array(HEADER + body.length)
  const view = new DataView(out.buffer)
  view.setUint32(0, body.length, true)
  view.setUint32(4, crc32(body), true)
  out.set(body, HEADER)
  return out
}

/** Encodes one event as a frame, to be appended in one write. */
export function encodeEvent(event: WorkerEvent): Uint8Array {
  if (event.type === 'metrics') return encodeMetrics(event)
  if (event.type === 'frame') return encodePicture(event)
  if (event.type === 'sample') {
    const { png, ...header } = event
    const json = text.encode(JSON.stringify(header))
    const body = new Uint8Array(5 + json.length + png.length)
    body[0] = SAMPLE_FRAME
    new DataView(body.buffer).setUint32(1, json.length, true)
    body.set(json, 5)
    body.set(png, 5 + json.length)
    return frame(body)
  }
  const json = text.encode(JSON.stringify(event))
  const body = new Uint8Array(1 + json.length)
  body[0] = JSON_FRAME
  body.set(json, 1)
  return frame(body)
}

function encodeMetrics(e: MetricsEvent): Uint8Array {
  const out = new Uint8Array(HEADER + 27 + 8 * e.values.length)
  const view = new DataView(out.buffer)
  view.setUint8(HEADER, METRICS_FRAME)
  view.setUint16(HEADER + 1, e.set, true)
  view.setFloat64(HEADER + 3, e.step, true)
  view.setFloat64(HEADER + 11, e.epoch, true)
  view.setFloat64(HEADER + 19, e.time, true)
  for (let i = 0; i < e.values.length; i++) view.setFloat64(HEADER + 27 + 8 * i, e.values[i]!, true)
  view.setUint32(0, out.length - HEADER, true)
  view.setUint32(4, crc32(out.subarray(HEADER)), true)
  return out
}

function encodePicture(e: FrameEvent): Uint8Array {
  const body = new Uint8Array(17 + e.bytes.length)
  const view = new DataView(body.buffer)
  view.setUint8(0, PICTURE_FRAME)
  view.setFloat64(1, e.step, true)
  view.setFloat64(9, e.time, true)
  body.set(e.bytes, 17)
  return frame(body)
}

export interface Decoded {
  events: WorkerEvent[]
  /** Bytes of the input that made whole frames; read on from here. */
  consumed: number
}

/**
 * Decodes the whole frames at the front of `bytes`. Sample PNGs are views into it.
 * @param origin Where `bytes` begins in the file, for error messages.
 * @param maxEvents Stop after this many events.
 * @throws DamagedLogError when a frame fails its checksum or its schema.
 */
export function decodeEvents(bytes: Uint8Array, origin = 0, maxEvents = Infinity): Decoded {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const events: WorkerEvent[] = []
  let at = 0
  while (events.length < maxEvents && at + HEADER <= bytes.length) {
    const length = view.getUint32(at, true)
    if (length === 0 || length > MAX_BODY) throw new DamagedLogError(origin + at, `a frame of ${length} bytes`, events)
    if (at + HEADER + length > bytes.length) break
    const body = bytes.subarray(at + HEADER, at + HEADER + length)
    if (crc32(body) !== view.getUint32(at + 4, true))
      throw new DamagedLogError(origin + at, 'its checksum does not match', events)
    try {
      events.push(decodeBody(body, view, at + HEADER))
    } catch (cause) {
      throw new DamagedLogError(origin + at, (cause as Error).message, events)
    }
    at += HEADER + length
  }
  return { events, consumed: at }
}

function decodeBody(body: Uint8Array, view: DataView, at: number): WorkerEvent {
  switch (body[0]) {
    case JSON_FRAME:
      return JsonEvent.parse(JSON.parse(decoder.decode(body.subarray(1))))
    case METRICS_FRAME: {
      const count = (body.length - 27) / 8
      if (!Number.isInteger(count) || count < 1) throw new Error('a metrics frame of a wrong size')
      const values = new Float64Array(count)
      for (let i = 0; i < count; i++) values[i] = view.getFloat64(at + 27 + 8 * i, true)
      return {
        type: 'metrics',
        set: view.getUint16(at + 1, true),
        step: view.getFloat64(at + 3, true),
        epoch: view.getFloat64(at + 11, true),
        time: view.getFloat64(at + 19, true),
        values,
      }
    }
    case SAMPLE_FRAME: {
      const jsonLength = view.getUint32(at + 1, true)
      const header = SampleHeader.parse(JSON.parse(decoder.decode(body.subarray(5, 5 + jsonLength))))
      return { ...header, png: body.subarray(5 + jsonLength) } satisfies SampleEvent
    }
    case PICTURE_FRAME:
      if (body.length < 17) throw new Error('a picture frame of a wrong size')
      return {
        type: 'frame',
        step: view.getFloat64(at + 1, true),
        time: view.getFloat64(at + 9, true),
        bytes: body.subarray(17),
      } satisfies FrameEvent
    default:
      throw new Error(`an unknown frame type ${body[0]}`)
  }
}
