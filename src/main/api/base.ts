import { implement } from '@orpc/server'
import { contract } from '../../shared/api.ts'
import type { AppInfo } from '../../shared/api.ts'
import type { DatasetService } from '../datasets/index.ts'
import type { EngineProbe } from '../engine-info.ts'
import type { Scheduler } from '../scheduler/index.ts'
import type { Library } from '../store/index.ts'
import { toTypedError } from './errors.ts'

/** What the handlers work on. */
export interface Services {
  library: Library
  scheduler: Scheduler
  datasets: DatasetService
  engine: EngineProbe
  platform: AppInfo['platform']
  /** Aborted when the core closes: every watch ends then. */
  closing: AbortSignal
}

/**
 * The contract to be implemented, with the house's errors turned into its typed ones. Input is checked against its
 * schema; output is ours and typed, and checking every point of a chart would cost more than reading it.
 */
export const os = implement(contract, { initialOutputValidationIndex: Number.NaN }).use(async ({ next }) => {
  try {
    return await next()
  } catch (error) {
    throw toTypedError(error)
  }
})
