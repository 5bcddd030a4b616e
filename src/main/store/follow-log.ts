import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { DamagedLogError, decodeEvents } from '../../shared/event-log.ts'
import type { WorkerEvent } from '../../shared/events.ts'
import { IngestError, LibraryError } from './errors.ts'
import { fileInside } from './ingest.ts'
import type { IngestResult, Library } from './types.ts'

export interface FollowOptions {
  /** Called after each commit. */
  onBatch?: (result: IngestResult) => void
  /**
   * Called once: the log is damaged, or the library can't take it. Following has ended and what was committed stays;
   * after a passing LibraryError (`disk-full`, `io`, `locked`) `followLog` again goes on where this one ended.
   */
  onError?: (error: Error) => void
  /** Milliseconds between looks at the file, which also gathers what comes meanwhile into one commit; 200 by default. */
  interval?: number
}

export interface LogFollower {
  /** Bytes committed. */
  readonly offset: number
  /** Reads and commits every whole event that is in the file now. Rejects with what `onError` is told. */
  drain(): Promise<void>
  /** Stops; resolves when no commit is under way. */
  stop(): Promise<void>
}

const CHUNK = 1 << 20
/** A frame of the log: u32 length of its body | u32 CRC-32 | body; see src/shared/event-log.ts. */
export const FRAME_HEADER = 8
export const MAX_FRAME = 1 << 28
/** A commit of so many points takes some 8 ms, after which the core answers its windows. */
const COMMIT_POINTS = 4000
const LEAST_EVENTS = 32
const MOST_EVENTS = 4096

/**
 * Follows an attempt's events.log from the stored offset and commits what it reads; the same for a live worker's, an
 * adopted worker's and a dead worker's log. A log that doesn't exist yet is waited for; an event that is still being
 * written is left for later.
 */
export function followLog(library: Library, runId: string, attempt: number, options: FollowOptions = {}): LogFollower {
  return new Follower(library, runId, attempt, options)
}

class Follower implements LogFollower {
  offset: number
  private readonly library: Library
  private readonly runId: string
  private readonly attempt: number
  private readonly options: FollowOptions
  private readonly folder: string
  private readonly interval: number
  private fd: number | null = null
  /** Bytes of the file from `offset` on that are read and not committed. */
  private bytes: Uint8Array = new Uint8Array(0)
  private maxEvents = 512
  private stopped = false
  private failure: Error | null = null
  private timer: NodeJS.Timeout | null = null
  private work: Promise<void> = Promise.resolve()

  constructor(library: Library, runId: string, attempt: number, options: FollowOptions) {
    this.library = library
    this.runId = runId
    this.attempt = attempt
    this.options = options
    this.interval = options.interval ?? 200
    this.folder = library.attemptDirectory(runId, attempt)
    const known = library.attempts(runId).find((a) => a.attempt === attempt)
    if (!known) throw new IngestError(`The run "${runId}" has no attempt ${attempt}.`)
    this.offset = known.logOffset
    this.schedule(0)
  }

  drain(): Promise<void> {
    return this.enqueue(true)
  }

  async stop(): Promise<void> {
    this.stopped = true
    if (this.timer) clearTimeout(this.timer)
    await this.work.catch(() => {})
    this.close()
  }

  private close(): void {
    if (this.fd !== null) closeSync(this.fd)
    this.fd = null
  }

  private schedule(delay: number): void {
    if (this.stopped || this.failure) return
    this.timer = setTimeout(() => {
      this.enqueue(false).then(
        () => this.schedule(this.interval),
        () => {},
      )
    }, delay)
  }

  /** One reader at a time. */
  private enqueue(draining: boolean): Promise<void> {
    const next = this.work.catch(() => {}).then(() => this.readAll(draining))
    this.work = next
    // Whoever asked gets the rejection; the chain itself must not count as unhandled.
    next.catch(() => {})
    return next
  }

  private async readAll(draining: boolean): Promise<void> {
    if (this.failure) throw this.failure
    try {
      while ((draining || !this.stopped) && (await this.readBatch())) await nextTurn()
    } catch (cause) {
      this.failure = cause instanceof Error ? cause : new Error(String(cause))
      this.close()
      this.options.onError?.(this.failure)
      throw this.failure
    }
  }

  /** Commits one batch. Returns whether there was one. */
  private async readBatch(): Promise<boolean> {
    if (!this.fill()) return false
    let events: WorkerEvent[]
    let consumed: number
    let damage: DamagedLogError | null = null
    try {
      ;({ events, consumed } = decodeEvents(this.bytes, this.offset, this.maxEvents))
    } catch (error) {
      if (!(error instanceof DamagedLogError)) throw error
      damage = error
      events = error.before
      consumed = error.offset - this.offset
    }
    if (events.length > 0) await this.commit(events, this.offset + consumed)
    this.bytes = this.bytes.subarray(consumed)
    if (damage) throw damage
    return events.length > 0
  }

  private async commit(events: WorkerEvent[], to: number): Promise<void> {
    for (const event of events) {
      if (event.type !== 'checkpoint' && event.type !== 'artifact') continue
      const file = fileInside(this.folder, event.file)
      if (file === null) continue
      try {
        await this.library.stageBlob(file, event)
      } catch (error) {
        // A file that is missing or wrong is said in the run's log when its event is taken in.
        if (error instanceof LibraryError && error.code !== 'read-only') throw error
      }
    }
    const result = this.library.ingest({ runId: this.runId, attempt: this.attempt, events, from: this.offset, to })
    this.offset = to
    // How many points an event carries changes little from batch to batch.
    const fitting = Math.floor((events.length * COMMIT_POINTS) / Math.max(1, result.points))
    this.maxEvents = Math.min(MOST_EVENTS, Math.max(LEAST_EVENTS, fitting))
    this.options.onBatch?.(result)
  }

  /** Reads on until a whole frame is there, and a chunk's worth if the file has it. Returns whether one is. */
  private fill(): boolean {
    if (this.hasFrame()) return true
    this.fd ??= openIfThere(join(this.folder, 'events.log'))
    if (this.fd === null) return false
    const { size } = fstatSync(this.fd)
    if (size < this.offset)
      throw new IngestError(
        `The event log of run ${this.runId} has ${size} bytes, of which ${this.offset} were read before: it was cut off or replaced.`,
      )
    const have = this.bytes.length
    const want = Math.min(size - this.offset, Math.max(CHUNK, have + CHUNK, this.frameLength()))
    if (want <= have) return false
    const bytes = new Uint8Array(want)
    bytes.set(this.bytes)
    let filled = have
    while (filled < want) {
      const length = readSync(this.fd, bytes, filled, want - filled, this.offset + filled)
      if (length === 0) break
      filled += length
    }
    this.bytes = bytes.subarray(0, filled)
    return this.hasFrame()
  }

  private frameLength(): number {
    if (this.bytes.length < FRAME_HEADER) return 0
    return FRAME_HEADER + new DataView(this.bytes.buffer, this.bytes.byteOffset).getUint32(0, true)
  }

  /** Whether the decoder has something to say: a whole frame, or a length that no frame has. */
  private hasFrame(): boolean {
    if (this.bytes.length < FRAME_HEADER) return false
    const length = this.frameLength()
    return length === FRAME_HEADER || length > FRAME_HEADER + MAX_FRAME || this.bytes.length >= length
  }
}

function openIfThere(file: string): number | null {
  try {
    return openSync(file, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
