import type { IngestResult, Library } from './types.ts'

export interface FollowOptions {
  /** Called after each commit. */
  onBatch?: (result: IngestResult) => void
  /** The log is damaged, or the library can't take it; following has stopped, what was committed stays. */
  onError?: (error: Error) => void
  /** Milliseconds between looks at the file. */
  interval?: number
}

export interface LogFollower {
  /** Bytes committed. */
  readonly offset: number
  /** Reads and commits everything that is in the file now. Rejects as `onError` would be told. */
  drain(): Promise<void>
  /** Stops; resolves when no commit is under way. */
  stop(): Promise<void>
}

/**
 * Follows an attempt's events.log from the stored offset and commits what it reads; the same for a live worker's, an
 * adopted worker's and a dead worker's log. A log that doesn't exist yet is waited for.
 */
export declare function followLog(
  library: Library,
  runId: string,
  attempt: number,
  options?: FollowOptions,
): LogFollower
