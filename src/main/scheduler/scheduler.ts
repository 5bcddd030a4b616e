import { availableParallelism } from 'node:os'
import type { Control } from '../../shared/events.ts'
import type { Params } from '../../shared/experiments/index.ts'
import { activeStatuses } from '../../shared/run.ts'
import type { Run, RunStatus } from '../../shared/run.ts'
import type { Library, NewRun } from '../store/index.ts'
import { allowed, label, needRun } from './actions.ts'
import { goesOnByItself } from './auto-resume.ts'
import { ConflictError } from './errors.ts'
import { Needs } from './needs.ts'
import { Workers } from './workers.ts'
import type { WorkersOptions } from './workers.ts'

export interface SchedulerOptions extends Omit<WorkersOptions, 'onLeft'> {
  /** False: looks after the runs whose workers live, but starts none. */
  startQueued: boolean
}

const MAX_SLOTS = 64
/** TensorFlow uses all cores of a small machine for one run; on a larger one, four cores a run. */
const defaultSlots = () => Math.min(4, Math.max(1, Math.floor(availableParallelism() / 4)))

/**
 * Decides which run has a worker: the queue in its order, as many at a time as there are slots. Workers outlive it, and
 * the next scheduler on the library adopts them.
 */
export class Scheduler {
  private readonly startQueued: boolean
  private readonly library: Library
  private readonly needs: Needs
  private readonly workers: Workers
  private closed = false

  constructor(options: SchedulerOptions) {
    this.startQueued = options.startQueued
    this.library = options.library
    this.needs = new Needs(options.library)
    this.workers = new Workers({ ...options, onLeft: (id, wanted) => this.onLeft(id, wanted) })
  }

  /** Runs that train at a time. */
  get slots(): number {
    const stored = this.library.setting('slots')
    return typeof stored === 'number' && stored >= 1 ? Math.min(MAX_SLOTS, Math.floor(stored)) : defaultSlots()
  }

  setSlots(slots: number): void {
    this.library.setSetting('slots', slots)
    this.fill()
  }

  /**
   * Adopts the workers that live, settles the runs whose workers are gone, then starts what is queued. Resolves when
   * every log has been read as far as it went.
   */
  async open(): Promise<void> {
    await this.workers.open()
    this.fill()
  }

  private onLeft(id: string, wanted: boolean): void {
    if (this.closed) return
    // What somebody was halting stays halted, however its worker came to its end.
    if (wanted) this.resumeByItself(id)
    this.fill()
  }

  private resumeByItself(id: string): void {
    try {
      if (!goesOnByItself(this.library, id)) return
      this.needs.resume([id])
      // It had a slot; what waited for one still waits for it.
      this.library.moveInQueue(id, 1)
    } catch (error) {
      console.error(`Run ${id} can't be resumed by itself: ${(error as Error).message}`)
    }
  }

  /** Starts queued runs while there are slots; one that waits for another lets those behind it go first. */
  private fill(): void {
    if (this.closed) return
    const waiting = this.review()
    if (!waiting || !this.startQueued) return
    for (const id of this.library.queue()) {
      if (this.workers.size >= this.slots) return
      // The worker of its attempt before is still leaving.
      if (this.workers.get(id) || waiting.has(id)) continue
      try {
        this.workers.begin(id)
      } catch (error) {
        // It stays queued: what keeps it from starting (a full disk) would keep the others too.
        console.error(`Run ${id} can't be started yet: ${(error as Error).message}`)
        return
      }
    }
  }

  /** The runs that wait for others, or null when the library can't say. */
  private review(): ReadonlySet<string> | null {
    try {
      return this.needs.review()
    } catch (error) {
      console.error(`The queue can't be gone through yet: ${(error as Error).message}`)
      return null
    }
  }

  /** Pauses runs: those with a worker save a checkpoint first. @throws NotFoundError, ConflictError; nothing done. */
  async pause(ids: string[]): Promise<void> {
    await this.halt('pause', ids, 'pause')
  }

  /**
   * Stops runs: those with a worker save a checkpoint first, or, by force, have it killed: for one that hangs.
   * @throws NotFoundError, ConflictError; nothing done.
   */
  async stop(ids: string[], { force = false } = {}): Promise<void> {
    const held = force ? ids.filter((id) => this.hasWorker(this.run(id))) : []
    await this.halt(
      'stop',
      ids.filter((id) => !held.includes(id)),
      'stop',
    )
    for (const id of held) {
      this.library.updateRun(id, { status: 'stopping' })
      this.workers.get(id)?.force()
    }
  }

  private hasWorker({ id, status }: Run): boolean {
    return this.workers.get(id) !== null && activeStatuses.includes(status)
  }

  private async halt(action: 'pause' | 'stop', ids: string[], command: Control['command']): Promise<void> {
    const writes: Promise<void>[] = []
    for (const run of allowed(this.library, action, ids)) {
      const worker = this.hasWorker(run) ? this.workers.get(run.id) : null
      const next: [RunStatus, RunStatus] = action === 'pause' ? ['pausing', 'paused'] : ['stopping', 'stopped']
      this.library.updateRun(run.id, { status: next[worker ? 0 : 1] })
      if (worker) writes.push(worker.tell(command))
    }
    this.fill()
    await Promise.all(writes)
  }

  /** Queues runs again, to go on from their newest checkpoints. @throws NotFoundError, ConflictError; nothing done. */
  resume(ids: string[]): void {
    this.needs.resume(allowed(this.library, 'resume', ids).map(({ id }) => id))
    this.fill()
  }

  /** Sets a run's live parameters (live.ts), at once where it trains, else when it goes on. @throws ConflictError. */
  async setLive(id: string, live: Params): Promise<void> {
    if (this.run(id).status === 'done')
      throw new ConflictError(`${label(this.run(id))} is done; start it again with other values.`)
    this.library.updateRun(id, { live })
    const active = this.workers.get(id)
    if (active) await active.tell(active.command)
  }

  /** Queues a new run, and before it what it builds on, if that has yet to be trained. */
  add(run: NewRun): Run {
    return this.addAll([run])[0]!
  }

  /** The same for several; all of them or none. */
  addAll(runs: NewRun[]): Run[] {
    const ids = this.needs.add(runs)
    this.fill()
    return ids.map((id) => this.run(id))
  }

  /** Queues the same specs as new runs. @throws NotFoundError; nothing done. */
  restart(ids: string[]): Run[] {
    return this.addAll(this.needs.again(allowed(this.library, 'restart', ids)))
  }

  /** Puts runs into the bin. @throws NotFoundError, ConflictError; nothing done. */
  async remove(ids: string[]): Promise<string[]> {
    const runs = allowed(this.library, 'remove', ids)
    for (const { id } of runs) await this.workers.dismiss(id)
    const removed = this.library.removeRuns(runs.map(({ id }) => id))
    this.fill()
    return removed
  }

  /** Moves a queued run to a place in the queue, from 1. @throws NotFoundError, ConflictError. */
  move(id: string, position: number): void {
    if (this.run(id).status !== 'queued') throw new ConflictError(`${label(this.run(id))} is not in the queue.`)
    this.library.moveInQueue(id, position)
  }

  /** Takes in all that the worker of a run has written until now; a run without one has nothing to take in. */
  async catchUp(id: string): Promise<void> {
    await this.workers.get(id)?.drain()
  }

  /** Runs whose workers, or what they wrote last, are being looked after. */
  busy(): ReadonlySet<string> {
    return new Set(this.workers.ids())
  }

  /** Resolves when the workers that are being started have their processes, and go on without us. */
  async launched(): Promise<void> {
    await this.workers.launched()
  }

  /** Lets go of all workers, which go on; nothing is started or settled any more. */
  async close(): Promise<void> {
    this.closed = true
    await this.workers.close()
  }

  private run(id: string): Run {
    return needRun(this.library, id)
  }
}
