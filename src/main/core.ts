import { createRouterClient } from '@orpc/server'
import type { RouterClient } from '@orpc/server'
import { BIN_MS } from '../shared/api.ts'
import type { AppInfo } from '../shared/api.ts'
import type { WorkerSpec } from '../shared/events.ts'
import { createRouter } from './api/index.ts'
import type { AtelierRouter } from './api/index.ts'
import { DatasetService } from './datasets/index.ts'
import { EngineProbe } from './engine-info.ts'
import { cacheDirectory as defaultCache } from './paths.ts'
import { localExecutor, Scheduler } from './scheduler/index.ts'
import type { Executor, SilenceLimits } from './scheduler/index.ts'
import { openLibrary } from './store/index.ts'
import type { Library } from './store/index.ts'

export interface CoreOptions {
  /** Where the library is; made when it is missing. */
  libraryDirectory: string
  /** Where data sets and the engine's description are kept; by default that of the user, see paths.ts. */
  cacheDirectory?: string
  platform: AppInfo['platform']
  /** False: looks after runs whose workers live, but starts none from the queue. True by default. */
  startQueued?: boolean
  /** Where workers run; by default as processes of this machine. */
  executor?: Executor
  /** When a worker that says nothing is reported as hanging; by default after minutes, see scheduler/silence.ts. */
  silence?: Partial<SilenceLimits>
}

const BIN_LOOK_MS = 6 * 3600_000

/** An open library with all that works on it; one a library at a time. */
export interface Core {
  /** What oRPC's handlers (MessagePort, WebSocket) serve; it needs no context. */
  readonly router: AtelierRouter
  /** The same, to be called in this process. */
  readonly client: RouterClient<AtelierRouter>
  readonly library: Library
  readonly scheduler: Scheduler
  readonly datasets: DatasetService
  /**
   * Resolves when the workers of an earlier core have been adopted or found gone and their logs read; what the
   * library says of running runs is true from then on.
   */
  readonly settled: Promise<void>
  /** Ends all that the core does and closes the library. Workers go on training; the next core adopts them. */
  close(): Promise<void>
}

/** Which engine the user wants: $ATELIER_ENGINE, or the best one there is. */
function wantedEngine(): WorkerSpec['engine'] {
  const wanted = process.env.ATELIER_ENGINE
  return wanted === 'native' || wanted === 'wasm' ? wanted : 'auto'
}

/**
 * Opens a library, adopts the workers that are still at its runs, and starts what is queued.
 * @throws LibraryError when the library can't be opened.
 */
export async function createCore(options: CoreOptions): Promise<Core> {
  const { cacheDirectory = defaultCache(), startQueued = true, executor = localExecutor(), silence } = options
  const library = openLibrary(options.libraryDirectory)
  const scheduler = new Scheduler({ library, executor, cacheDirectory, engine: wantedEngine(), startQueued, silence })
  const datasets = new DatasetService(cacheDirectory)
  const engine = new EngineProbe(cacheDirectory)
  const closing = new AbortController()
  const router = createRouter({
    library,
    scheduler,
    datasets,
    engine,
    platform: options.platform,
    closing: closing.signal,
  })

  noticePreparedSets(library, datasets)
  const sweep = () =>
    library
      .sweep()
      .then(() => library.emptyBin({ before: Date.now() - BIN_MS }))
      .catch((error: unknown) => {
        if (!closing.signal.aborted) console.error('Library:', error)
      })
  let sweeping = sweep()
  const sweeper = setInterval(() => (sweeping = sweeping.then(sweep)), BIN_LOOK_MS)
  sweeper.unref()
  const settled = scheduler.open()
  settled.catch(() => {})

  let closed: Promise<void> | null = null
  const close = async () => {
    closing.abort()
    clearInterval(sweeper)
    await settled.catch(() => {})
    await scheduler.close()
    await datasets.close()
    await sweeping
    library.close()
  }
  return {
    router,
    library,
    scheduler,
    datasets,
    settled,
    client: createRouterClient(router),
    close: () => (closed ??= close()),
  }
}

/** A run prepares the set that it needs by itself; once it trains, those who look at the sets should see that. */
function noticePreparedSets(library: Library, datasets: DatasetService): void {
  const noticed = new Set<string>()
  library.subscribe((event) => {
    if (event.type !== 'ingested' || event.result.points === 0 || noticed.has(event.result.runId)) return
    noticed.add(event.result.runId)
    const { dataset } = library.run(event.result.runId)?.params ?? {}
    const set = datasets.current().find(({ id }) => id === dataset)
    if (set && set.state !== 'ready') datasets.refresh().catch(() => {})
  })
}
