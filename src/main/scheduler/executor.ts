import type { ProcessIdentity } from './process-identity.ts'

/** How a worker ended, as far as can be told. */
export interface WorkerExit {
  /** Null when it was killed, or when nobody could see it end. */
  code: number | null
  signal: NodeJS.Signals | null
}

/** A worker at an attempt. */
export interface WorkerHandle extends ProcessIdentity {
  /** Resolves once when the worker is gone. */
  readonly exited: Promise<WorkerExit>
  /** Whether it lives at this moment. */
  isAlive(): Promise<boolean>
  /** Processor time that it has used so far, in milliseconds, or null where that can't be told. */
  cpuTime(): Promise<number | null>
  /** Whether its system ended a process for lack of memory since we watch it, or null where that can't be told. */
  outOfMemory(): Promise<boolean | null>
  /** Ends it without ceremony. */
  kill(): Promise<void>
  /** Stops watching; the worker lives on. */
  release(): void
}

/** Where workers run. A worker outlives the core that started it. */
export interface Executor {
  /** Starts a worker on an attempt's folder, which holds spec.json and control.json. */
  start(attemptDirectory: string): Promise<WorkerHandle>
  /**
   * Finds the worker of an attempt that an earlier core started, or null when it is gone.
   * @param known what that core had written down of it; null if it ended before it could.
   */
  adopt(attemptDirectory: string, known: ProcessIdentity | null): Promise<WorkerHandle | null>
  /** Whether the machine was started anew since a worker was; false where that can't be told. */
  restartedSince(worker: ProcessIdentity): Promise<boolean>
}
