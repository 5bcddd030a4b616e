import { decodeFrame } from '../../../shared/plane/frame.ts'
import type { PlaneFrame } from '../../../shared/plane/frame.ts'

/** Frames that are fetched at a time; a bunch is about half a megabyte. */
const bunch = 120

const bytesOf = ({ map, fake, arrows, manifold }: PlaneFrame): number =>
  200 + [map?.values, fake, arrows, manifold?.points].reduce((sum, layer) => sum + (layer?.byteLength ?? 0), 0)

/**
 * Frames out of an answer of the API: u32 length | bytes, little-endian, one after the other.
 * @throws Error if the bytes are no frames or end within one
 */
export function unpackFrames(bytes: Uint8Array): PlaneFrame[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const frames: PlaneFrame[] = []
  for (let at = 0; at < bytes.length;) {
    const length = at + 4 <= bytes.length ? view.getUint32(at, true) : Infinity
    if (at + 4 + length > bytes.length) throw new Error(`The pictures were cut short at ${bytes.length} bytes.`)
    frames.push(decodeFrame(bytes.subarray(at + 4, at + 4 + length)))
    at += 4 + length
  }
  return frames
}

export type FetchFrames = (range: { from: number; to: number; limit: number }) => Promise<Uint8Array>

/**
 * The recorded frames of one run: all their steps, and of the frames themselves those that were looked at last, up to a
 * number of bytes. Not reactive; `changed` is called when frames have come.
 */
export class FrameCache {
  steps: readonly number[] = []
  problem: unknown = null
  private readonly frames = new Map<number, PlaneFrame>()
  /** Bunches by their place in the list, the least recently used first. */
  private readonly used = new Map<number, true>()
  private readonly loading = new Set<number>()
  private bytes = 0
  /** Rises when the history was taken back; what was asked for before is not taken then. */
  private history = 0
  private readonly fetch: FetchFrames
  private readonly changed: () => void
  private readonly capacity: number

  constructor(fetch: FetchFrames, changed: () => void, capacity = 64 << 20) {
    this.fetch = fetch
    this.changed = changed
    this.capacity = capacity
  }

  get bytesHeld(): number {
    return this.bytes
  }

  /** The frame of an index if it is here. */
  at(index: number): PlaneFrame | null {
    const step = this.steps[index]
    if (step === undefined) return null
    this.touch(Math.floor(index / bunch))
    return this.frames.get(step) ?? null
  }

  /** The last frame at or before an index that is here, so that something is shown while another comes. */
  nearest(index: number): PlaneFrame | null {
    for (let i = Math.min(index, this.steps.length - 1); i >= 0 && i > index - 2 * bunch; i--) {
      const frame = this.frames.get(this.steps[i]!)
      if (frame) return frame
    }
    return null
  }

  /** Fetches what is around an index, and what comes next in the direction of play. */
  want(index: number): void {
    const at = Math.floor(index / bunch)
    void this.load(at)
    if (index % bunch > bunch / 2) void this.load(at + 1)
  }

  /** Takes all steps anew; frames of steps that stay are kept unless history was taken back. */
  reset(steps: readonly number[], keep: boolean): void {
    this.steps = steps
    if (keep) return
    this.history++
    this.frames.clear()
    this.used.clear()
    this.loading.clear()
    this.bytes = 0
  }

  /** Takes frames that are newer than all known ones. */
  append(frames: readonly PlaneFrame[]): void {
    const last = this.steps.at(-1) ?? -Infinity
    const fresh = frames.filter((frame) => frame.step > last)
    if (!fresh.length) return
    this.steps = this.steps.concat(fresh.map((frame) => frame.step))
    for (const frame of fresh) this.put(frame)
    this.touch(Math.floor((this.steps.length - 1) / bunch))
    this.evict()
    this.changed()
  }

  private async load(at: number): Promise<void> {
    const wanted = this.steps.slice(at * bunch, (at + 1) * bunch).filter((step) => !this.frames.has(step))
    if (!wanted.length || this.loading.has(at)) return
    this.loading.add(at)
    const { history } = this
    try {
      const to = wanted.at(-1)!
      // An answer may hold fewer than asked for: it is bounded in bytes.
      for (let from = wanted[0]!; from <= to;) {
        const frames = unpackFrames(await this.fetch({ from, to, limit: bunch }))
        if (history !== this.history) return
        if (!frames.length) break
        for (const frame of frames) this.put(frame)
        from = frames.at(-1)!.step + 1
      }
      this.problem = null
      this.touch(at)
      this.evict()
    } catch (error) {
      this.problem = error
      // Not to be asked for again at every tick.
      await new Promise((resolve) => setTimeout(resolve, 1000))
    } finally {
      if (history === this.history) this.loading.delete(at)
      this.changed()
    }
  }

  private put(frame: PlaneFrame): void {
    const old = this.frames.get(frame.step)
    if (old) this.bytes -= bytesOf(old)
    this.frames.set(frame.step, frame)
    this.bytes += bytesOf(frame)
  }

  private touch(at: number): void {
    this.used.delete(at)
    this.used.set(at, true)
  }

  private evict(): void {
    for (const at of this.used.keys()) {
      if (this.bytes <= this.capacity || this.used.size <= 2) return
      this.used.delete(at)
      for (const step of this.steps.slice(at * bunch, (at + 1) * bunch)) {
        const frame = this.frames.get(step)
        if (!frame) continue
        this.bytes -= bytesOf(frame)
        this.frames.delete(step)
      }
    }
  }
}
