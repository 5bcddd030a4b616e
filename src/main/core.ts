import type { RouterClient } from '@orpc/server'
import type { AppInfo } from '../shared/api.ts'
import type { Library } from './store/index.ts'
import type { AtelierRouter } from './api/index.ts'
import type { Scheduler } from './scheduler/index.ts'

export interface CoreOptions {
  /** Where the library is; made when it is missing. */
  libraryDirectory: string
  /** Where data sets and the engine's description are kept; by default that of the user, see paths.ts. */
  cacheDirectory?: string
  platform: AppInfo['platform']
  /** False: looks after runs whose workers live, but starts none from the queue. True by default. */
  startQueued?: boolean
}

/** An open library with all that works on it; one a library at a time. */
export interface Core {
  /** What oRPC's handlers (MessagePort, WebSocket) serve; it needs no context. */
  readonly router: AtelierRouter
  /** The same, to be called in this process. */
  readonly client: RouterClient<AtelierRouter>
  readonly library: Library
  readonly scheduler: Scheduler
  /** Ends all that the core does and closes the library. Workers go on training; the next core adopts them. */
  close(): Promise<void>
}

/**
 * Opens a library, adopts the workers that are still at its runs, and starts what is queued.
 * @throws LibraryError when the library can't be opened.
 */
export declare function createCore(options: CoreOptions): Promise<Core>
