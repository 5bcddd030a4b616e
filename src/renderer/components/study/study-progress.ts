import type { Study } from '../../../shared/api.ts'
import type { Run } from '../../../shared/run.ts'
import { pendingCounts } from '../results/cell-view.ts'

export interface StudyProgress {
  done: number
  running: number
  queued: number
  paused: number
  /** Not there, or there only as runs that failed, were stopped or interrupted. */
  missing: number
  failed: number
  total: number
}

/** What a study queues anew, as the core does it. */
export const lost: readonly Run['status'][] = ['failed', 'stopped', 'interrupted']

/**
 * How far a study is, by what the runs of its list are at now. The list itself is asked for less often than runs change:
 * a run that has gone or failed since counts as missing at once.
 */
export function studyProgress(study: Study, runs: ReadonlyMap<string, Run>): StudyProgress {
  const own = study.runs.flatMap((id) => runs.get(id) ?? [])
  const done = own.filter((run) => run.status === 'done').length
  const failed = own.filter((run) => lost.includes(run.status)).length
  const counts = pendingCounts(own.filter((run) => run.status !== 'done' && !lost.includes(run.status)))
  const missing = study.total - done - counts.running - counts.queued - counts.paused
  return { done, failed, ...counts, missing: Math.max(0, missing), total: study.total }
}
