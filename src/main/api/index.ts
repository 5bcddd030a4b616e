import { appHandlers } from './app.ts'
import { os } from './base.ts'
import type { Services } from './base.ts'
import { datasetHandlers } from './datasets.ts'
import { libraryHandlers } from './library.ts'
import { planeHandlers } from './plane.ts'
import { recordHandlers } from './records.ts'
import { runHandlers } from './runs.ts'
import { studyHandlers } from './studies.ts'

export type { Services } from './base.ts'

/** The contract on the services of a core; oRPC's handlers serve it without any context. */
export function createRouter(services: Services) {
  return os.router({
    app: appHandlers(services),
    library: libraryHandlers(services),
    runs: runHandlers(services),
    ...recordHandlers(services),
    ...planeHandlers(services),
    ...studyHandlers(services),
    datasets: datasetHandlers(services),
  })
}
export type AtelierRouter = ReturnType<typeof createRouter>
