import type { WorkerSpec } from '../../shared/events.ts'
import { activeStatuses } from '../../shared/run.ts'
import type { Checkpoint, Problem } from '../../shared/run.ts'
import type { Attempt, Library } from '../store/index.ts'
import { needRun } from './actions.ts'
import { ActiveRun } from './active-run.ts'
import { attemptHasBegun, outputTail, removeGiven } from './attempt-folder.ts'
import { problemOfDeath, problemOfForce, problemOfLoss, problemOfStart } from './death.ts'
import type { Executor, WorkerExit, WorkerHandle } from './executor.ts'
import { prepareAttempt } from './prepare-attempt.ts'
import { SilenceWatch, problemOfSilence, silenceLimits } from './silence.ts'
import type { SilenceLimits } from './silence.ts'

export interface WorkersOptions {
  library: Library
  executor: Executor
  cacheDirectory: string
  engine: WorkerSpec['engine']
  /** When a worker that says nothing is reported; what is left out is as in silence.ts. */
  silence?: Partial<SilenceLimits>
  /**
   * Called when a run is looked after no more, so that the next may have its place.
   * @param wanted whether it was still wanted to train: nobody had paused or stopped it.
   */
  onLeft(id: string, wanted: boolean): void
}

/** What is known of the death of a worker of which nothing is left. */
const unseen = { exit: null, output: null, outOfMemory: null, hasBegun: true, restarted: false }

/**
 * The runs that have workers: starts, adopts and watches these, and settles each run when its worker is gone. It owns no
 * process: workers outlive it.
 */
export class Workers {
  private readonly options: WorkersOptions
  private readonly library: Library
  private readonly active = new Map<string, ActiveRun>()
  private readonly settling = new Set<Promise<void>>()
  private closed = false

  constructor(options: WorkersOptions) {
    this.options = options
    this.library = options.library
  }

  get size(): number {
    return this.active.size
  }

  get(id: string): ActiveRun | null {
    return this.active.get(id) ?? null
  }

  ids(): string[] {
    return [...this.active.keys()]
  }

  /**
   * Adopts the workers that live and settles the runs whose workers are gone. Resolves when every log has been read as far
   * as it went.
   */
  async open(): Promise<void> {
    await Promise.all(this.library.openAttempts().map((attempt) => this.adopt(attempt)))
    for (const { id, status } of this.library.runs())
      if (activeStatuses.includes(status) && !this.active.has(id)) {
        const problem = problemOfDeath({ ...unseen, savedAt: this.savedAt(id) })
        this.library.updateRun(id, { status: 'interrupted', problem })
        this.options.onLeft(id, status === 'starting' || status === 'running')
      }
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
      } else await this.settle(run, null, known !== null && (await this.options.executor.restartedSince(known)))
      return
    }
    if (!known) this.library.setAttemptProcess(runId, attempt, { pid: worker.pid, processStart: worker.startTime })
    if (run.command !== 'run') await run.tell(run.command)
    this.watch(run, worker)
    await run.drain().catch(() => {})
  }

  /** Gives a queued run a worker, from its newest checkpoint on. */
  begin(id: string): void {
    const checkpoint = this.library.checkpoints(id).at(-1) ?? null
    const { attempt } = this.library.startAttempt(id, { resumedFrom: checkpoint?.step ?? null })
    const run = new ActiveRun(this.library, id, attempt, this)
    this.active.set(id, run)
    this.keep(this.launch(run, checkpoint))
  }

  private async launch(run: ActiveRun, checkpoint: Checkpoint | null): Promise<void> {
    try {
      await prepareAttempt(this.library, needRun(this.library, run.runId), run, this.options, checkpoint)
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
    run.attend(worker, this.listenTo(run, worker))
    void worker.exited.then((exit) => {
      if (!this.closed) this.keep(this.settle(run, exit))
    })
  }

  private listenTo(active: ActiveRun, worker: WorkerHandle): SilenceWatch {
    const { runId, attempt } = active
    const report = (level: 'info' | 'warning', message: string, problem: Problem | null) =>
      this.library.batch(() => {
        this.library.updateRun(runId, { problem })
        this.library.note(runId, level, message)
      })
    const current = () => {
      const run = this.library.run(runId)
      return run && run.attempts === attempt && activeStatuses.includes(run.status) ? run : null
    }
    const watched = {
      run: () => (active.hears ? current() : null),
      cpuTime: () => worker.cpuTime(),
      onSilent: (since: number, busy: boolean | null) => {
        const problem = problemOfSilence(since, busy, this.savedAt(runId))
        report('warning', problem.message, problem)
      },
      onHeard: () => {
        if (current()) report('info', 'The training process gives signs of life again.', null)
      },
    }
    const limits = { ...silenceLimits, ...this.options.silence }
    return new SilenceWatch(limits, watched, current()?.problem != null)
  }

  /** A worker is gone: takes in the rest of its log, and where that doesn't say how it ended, says it. */
  private async settle(run: ActiveRun, exit: WorkerExit | null, restarted = false): Promise<void> {
    await run.drain().catch((error: Error) => (run.lost ??= error))
    if (this.closed) return
    const attempt = this.library.attempts(run.runId).find((a) => a.attempt === run.attempt)
    if (attempt && attempt.endedAt === null) {
      const [output, outOfMemory, hasBegun] = await Promise.all([
        outputTail(run.directory).catch(() => null),
        run.worker?.outOfMemory() ?? null,
        attemptHasBegun(run.directory),
      ])
      if (this.closed) return
      const savedAt = this.savedAt(run.runId)
      if (run.forced) this.end(run, 'stopped', problemOfForce(savedAt))
      else if (run.lost) this.end(run, 'interrupted', problemOfLoss(run.lost, output, savedAt))
      else this.end(run, 'interrupted', problemOfDeath({ exit, output, savedAt, outOfMemory, hasBegun, restarted }))
    }
    await this.leave(run)
  }

  private end({ runId, attempt }: ActiveRun, status: 'stopped' | 'interrupted', problem: Problem): void {
    this.library.endAttempt(runId, attempt, { status, problem })
  }

  private savedAt(id: string): number | null {
    return this.library.checkpoints(id).at(-1)?.step ?? null
  }

  private async leave(run: ActiveRun): Promise<void> {
    await run.release()
    await removeGiven(run.directory)
    this.active.delete(run.runId)
    this.options.onLeft(run.runId, run.command === 'run')
  }

  /** Called when a worker's log can't be taken in: what it computes is lost from there on, so it need not go on. */
  onLost(run: ActiveRun): void {
    if (run.worker) this.keep(run.worker.kill())
  }

  /** Ends the worker of a run that has ended but whose worker has yet to leave; resolves when it is gone. */
  async dismiss(id: string): Promise<void> {
    const leaving = this.active.get(id)
    if (!leaving) return
    await leaving.worker?.kill()
    await Promise.all(this.settling)
  }

  /** Resolves when the workers that are being started have their processes. */
  async launched(): Promise<void> {
    await Promise.all(this.settling)
  }

  /** Lets go of all workers, which go on; nothing is started or settled any more. */
  async close(): Promise<void> {
    this.closed = true
    await Promise.all([...this.active.values()].map((run) => run.release()))
    await Promise.all(this.settling)
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
