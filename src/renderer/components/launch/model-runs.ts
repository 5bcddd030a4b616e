import { experimentKinds, needsOf, trainTheSame } from '../../../shared/experiments/index.ts'
import type { Need, Params } from '../../../shared/experiments/index.ts'
import { activeStatuses } from '../../../shared/run.ts'
import type { Run } from '../../../shared/run.ts'

const newestFirst = (a: Run, b: Run) => b.createdAt - a.createdAt

/** What a launch builds on, and how it will come by it. */
export interface Supply {
  need: Need
  title: string
  /** A run that trained just this, is at it, or is waiting to; null when one will be trained. */
  run: Run | null
  state: 'done' | 'underWay' | 'missing'
}

/** For each run that one with these parameters needs: the one of the library that fits, the done ones first. */
export function suppliesOf(kind: string, params: Params, runs: readonly Run[]): Supply[] {
  return needsOf(kind, params).map((need) => {
    const fitting = runs
      .filter((run) => run.kind === need.kind && trainTheSame(need.kind, run.params, need.params))
      .sort(newestFirst)
    const done = fitting.find((run) => run.status === 'done')
    const underWay = fitting.find((run) => run.status === 'queued' || activeStatuses.includes(run.status))
    const title = experimentKinds.get(need.kind)?.title ?? need.kind
    if (done) return { need, title, run: done, state: 'done' }
    return { need, title, run: underWay ?? null, state: underWay ? 'underWay' : 'missing' }
  })
}

/** The done runs of a kind on a data set, the newest first: their models can be loaded, with their parameters. */
export const loadableRuns = (kind: string, dataset: string, runs: readonly Run[]): Run[] =>
  runs.filter((run) => run.kind === kind && run.status === 'done' && run.params.dataset === dataset).sort(newestFirst)
