import type { Control } from '../../shared/events.ts'
import { followLog } from '../store/index.ts'
import type { Library, LogFollower } from '../store/index.ts'
import { writeControl } from './attempt-folder.ts'
import type { WorkerHandle } from './executor.ts'
import type { SilenceWatch } from './silence.ts'

/** Once its last event is in, a worker has this long to leave by itself. */
const LEAVE_MS = 10_000
/** After a full disk, say, the log is tried again this often: it still holds all that isn't in the library. */
const RETRY_MS = 5000

export interface ActiveRunEvents {
  /** What the worker logs can't be taken in, and never will be. */
  onLost(run: ActiveRun, error: Error): void
}

/** A run that a worker has: the worker's process, its log, and what it has been told. */
export class ActiveRun {
  readonly runId: string
  readonly attempt: number
  readonly directory: string
  /** Null until the process has been started. */
  worker: WorkerHandle | null = null
  /** Why its log could not be taken in, if that is so. */
  lost: Error | null = null
  /** The user wants its worker killed. */
  forced = false
  private silence: SilenceWatch | null = null
  private readonly library: Library
  private readonly events: ActiveRunEvents
  private follower: LogFollower | null = null
  private wanted: Control['command'] = 'run'
  private lastWrite: Promise<void> = Promise.resolve()
  private leaving: NodeJS.Timeout | null = null
  private retry: NodeJS.Timeout | null = null
  private released = false

  constructor(library: Library, runId: string, attempt: number, events: ActiveRunEvents) {
    this.library = library
    this.runId = runId
    this.attempt = attempt
    this.directory = library.attemptDirectory(runId, attempt)
    this.events = events
    const status = library.run(runId)?.status
    // What an earlier core was asked for still holds.
    this.wanted = status === 'pausing' ? 'pause' : status === 'stopping' ? 'stop' : 'run'
  }

  get command(): Control['command'] {
    return this.wanted
  }

  /** Tells the worker what to do. The last word counts, whatever order the file system would choose. */
  tell(command: Control['command']): Promise<void> {
    this.wanted = command
    this.lastWrite = this.lastWrite.catch(() => {}).then(() => writeControl(this.directory, this.control()))
    return this.lastWrite
  }

  private control(): Control {
    return { command: this.wanted, params: this.library.run(this.runId)?.live ?? {} }
  }

  /** Takes on a worker, and who listens whether it lives. */
  attend(worker: WorkerHandle, silence: SilenceWatch): void {
    this.worker = worker
    this.silence = silence
    if (this.forced) this.killNow()
  }

  /** Kills its worker, at once or as soon as it has one; what then becomes of the run is for others to say. */
  force(): void {
    this.forced = true
    this.wanted = 'stop'
    this.killNow()
  }

  private killNow(): void {
    this.worker?.kill().catch((error: Error) => console.error(`The worker of run ${this.runId} lives on:`, error))
  }

  follow(): void {
    if (this.released) return
    this.follower = followLog(this.library, this.runId, this.attempt, {
      onBatch: (result) => {
        this.silence?.heard()
        if (result.ended && !this.leaving) this.leaving = setTimeout(() => void this.worker?.kill(), LEAVE_MS)
      },
      onError: (error) => this.onFollowError(error),
    })
  }

  private onFollowError(error: Error): void {
    if (this.released) return
    if (isPassing(error)) {
      this.retry = setTimeout(() => {
        this.retry = null
        this.follow()
      }, RETRY_MS)
      return
    }
    this.lost = error
    this.events.onLost(this, error)
  }

  /** Whether what the worker writes would be heard: not while its log waits for room on the disk. */
  get hears(): boolean {
    return this.retry === null && this.lost === null
  }

  /** Takes in everything that the worker has written until now. */
  async drain(): Promise<void> {
    await this.follower?.drain()
  }

  /** Stops following and watching; the worker, if it lives, goes on. */
  async release(): Promise<void> {
    this.released = true
    if (this.leaving) clearTimeout(this.leaving)
    if (this.retry) clearTimeout(this.retry)
    this.silence?.stop()
    this.worker?.release()
    await this.lastWrite.catch(() => {})
    await this.follower?.stop()
  }
}

const PASSING = ['disk-full', 'io', 'locked']
const isPassing = (error: Error) => PASSING.includes((error as { code?: string }).code ?? '')
