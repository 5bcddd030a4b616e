import { availableParallelism } from 'node:os'
import type { Control, WorkerSpec } from '../../shared/events.ts'
import type { Params } from '../../shared/experiments/index.ts'
import { activeStatuses } from '../../shared/run.ts'
import type { Checkpoint, Run, RunStatus } from '../../shared/run.ts'
import type { Attempt, Library, NewRun } from '../store/index.ts'
import { allowed, label, needRun } from './actions.ts'
import { ActiveRun } from './active-run.ts'
import { attemptHasBegun, outputTail } from './attempt-folder.ts'
import { problemOfDeath, problemOfLoss, problemOfStart } from './death.ts'
import { ConflictError } from './errors.ts'
import type { Executor, WorkerExit, WorkerHandle } from './executor.ts'
import { Needs } from './needs.ts'
import { prepareAttempt } from './prepare-attempt.ts'

export interface SchedulerOptions {
  library: Library
  executor: Executor
  cacheDirectory: string
  engine: WorkerSpec['engine']
  /** False: looks after the runs whose workers live, but starts none. */
  startQueued: boolean
}

const MAX_SLOTS = 64
/** TensorFlow uses all cores of a small machine for one run; on a larger one, four cores a run. */
const defaultSlots = () => Math.min(4, Math.max(1, Math.floor(availableParallelism() / 4)))

/**
 * Decides which run has a worker: the queue in its order, as many at a time as there are slots. It owns no process:
 * workers outlive it, and the next scheduler on the library adopts them.
 */
export class Scheduler {
  private readonly options: SchedulerOptions
  private readonly library: Library
  private readonly needs: Needs
  private readonly active = new Map<string, ActiveRun>()
  private readonly settling = new Set<Promise<void>>()
  private closed = false

  constructor(options: SchedulerOptions) {
    this.options = options
    this.library = options.library
    this.needs = new Needs(options.library)
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
    await Promise.all(this.library.openAttempts().map((attempt) => this.adopt(attempt)))
    for (const run of this.library.runs())
      if (activeStatuses.includes(run.status) && !this.active.has(run.id))
        this.library.updateRun(run.id, { status: 'interrupted', problem: problemOfDeath(null, null) })
    this.fill()
  }

  private async adopt({ runId, attempt, pid, processStart }: Attempt): Promise<void> {
    const run = new ActiveRun(this.library, runId, attempt, this)
    this.active.set(runId, run)
    // A number alone may long be another process's.
    const known = pid === null || processStart === null ? null : { pid, startTime: processStart }
    const worker = await this.options.executor.adopt(run.directory, known)
    run.follow()
    if (!worker) {
      if (!known && !(await attemptHasBegun(run.directory))) {
        // The core that was to start it ended first.
        this.library.endAttempt(runId, attempt, { status: 'queued' })
        await this.leave(run)
      } else await this.settle(run, null)
      return
    }
    if (!known) this.library.setAttemptProcess(runId, attempt, { pid: worker.pid, processStart: worker.startTime })
    const { status } = this.run(runId)
    if (status === 'pausing') await run.tell('pause')
    if (status === 'stopping') await run.tell('stop')
    this.watch(run, worker)
    await run.drain().catch(() => {})
  }

  /** Starts queued runs while there are slots; one that waits for another lets those behind it go first. */
  private fill(): void {
    if (this.closed) return
    const waiting = this.review()
    if (!waiting || !this.options.startQueued) return
    for (const id of this.library.queue()) {
      if (this.active.size >= this.slots) return
      // The worker of its attempt before is still leaving.
      if (this.active.has(id) || waiting.has(id)) continue
      try {
        this.begin(id)
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

  private begin(id: string): void {
    const checkpoint = this.library.checkpoints(id).at(-1) ?? null
    const { attempt } = this.library.startAttempt(id, { resumedFrom: checkpoint?.step ?? null })
    const run = new ActiveRun(this.library, id, attempt, this)
    this.active.set(id, run)
    this.keep(this.launch(run, checkpoint))
  }

  private async launch(run: ActiveRun, checkpoint: Checkpoint | null): Promise<void> {
    try {
      await prepareAttempt(this.library, this.run(run.runId), run, this.options, checkpoint)
      await run.tell(run.command)
      const worker = await this.options.executor.start(run.directory)
      if (this.closed) return worker.release()
      const { pid, startTime } = worker
      this.library.setAttemptProcess(run.runId, run.attempt, { pid, processStart: startTime })
      run.follow()
      this.watch(run, worker)
    } catch (error) {
      if (this.closed) return
      const problem = problemOfStart(error as Error)
      this.library.endAttempt(run.runId, run.attempt, { status: 'failed', problem })
      await this.leave(run)
    }
  }

  private watch(run: ActiveRun, worker: WorkerHandle): void {
    run.worker = worker
    void worker.exited.then((exit) => {
      if (!this.closed) this.keep(this.settle(run, exit))
    })
  }

  /** A worker is gone: takes in the rest of its log, and where that doesn't say how it ended, says it. */
  private async settle(run: ActiveRun, exit: WorkerExit | null): Promise<void> {
    await run.drain().catch((error: Error) => (run.lost ??= error))
    if (this.closed) return
    const attempt = this.library.attempts(run.runId).find((a) => a.attempt === run.attempt)
    if (attempt && attempt.endedAt === null) {
      const output = await outputTail(run.directory).catch(() => null)
      const problem = run.lost ? problemOfLoss(run.lost, output) : problemOfDeath(exit, output)
      if (this.closed) return
      this.library.endAttempt(run.runId, run.attempt, { status: 'interrupted', problem })
    }
    await this.leave(run)
  }

  private async leave(run: ActiveRun): Promise<void> {
    await run.release()
    this.active.delete(run.runId)
    this.fill()
  }

  /** Called when a worker's log can't be taken in: what it computes is lost from there on, so it need not go on. */
  onLost(run: ActiveRun): void {
    if (run.worker) this.keep(run.worker.kill())
  }

  /** Pauses runs: those with a worker save a checkpoint first. @throws NotFoundError, ConflictError; nothing done. */
  async pause(ids: string[]): Promise<void> {
    await this.halt('pause', ids, 'pause')
  }

  /** Stops runs: those with a worker save a checkpoint first. @throws NotFoundError, ConflictError; nothing done. */
  async stop(ids: string[]): Promise<void> {
    await this.halt('stop', ids, 'stop')
  }

  private async halt(action: 'pause' | 'stop', ids: string[], command: Control['command']): Promise<void> {
    const writes: Promise<void>[] = []
    for (const { id, status } of allowed(this.library, action, ids)) {
      const active = this.active.get(id)
      const hasWorker = active && activeStatuses.includes(status)
      const next: [RunStatus, RunStatus] = action === 'pause' ? ['pausing', 'paused'] : ['stopping', 'stopped']
      this.library.updateRun(id, { status: next[hasWorker ? 0 : 1] })
      if (hasWorker) writes.push(active.tell(command))
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
    const active = this.active.get(id)
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
    for (const { id } of runs) {
      const leaving = this.active.get(id)
      if (!leaving) continue
      await leaving.worker?.kill()
      await Promise.all(this.settling)
    }
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
    await this.active.get(id)?.drain()
  }

  /** Runs whose workers, or what they wrote last, are being looked after. */
  busy(): ReadonlySet<string> {
    return new Set(this.active.keys())
  }

  /** Resolves when the workers that are being started have their processes, and go on without us. */
  async launched(): Promise<void> {
    await Promise.all(this.settling)
  }

  /** Lets go of all workers, which go on; nothing is started or settled any more. */
  async close(): Promise<void> {
    this.closed = true
    await Promise.all([...this.active.values()].map((run) => run.release()))
    await Promise.all(this.settling)
  }

  private run(id: string): Run {
    return needRun(this.library, id)
  }

  private keep(work: Promise<void>): void {
    const kept = work
      .catch((error: unknown) => {
        // A closed library is no place for news; anything else must not go unheard.
        if (!this.closed) console.error('Scheduler:', error)
      })
      .finally(() => this.settling.delete(kept))
    this.settling.add(kept)
  }
}
