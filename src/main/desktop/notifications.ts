import { activeStatuses } from '../../shared/run.ts'
import type { Run } from '../../shared/run.ts'

/** What the user is told once when the app is left while runs are active or queued; null when there is nothing to tell. */
export function leavingNotice(runs: readonly Pick<Run, 'status'>[]): string | null {
  const active = runs.filter((run) => activeStatuses.includes(run.status)).length
  const queued = runs.filter((run) => run.status === 'queued').length
  if (active === 0) return null
  const going =
    active === 1
      ? 'One run goes on training in a process of its own.'
      : `${active} runs go on training in processes of their own.`
  const waiting =
    queued === 0 ? '' : ` ${queued === 1 ? 'One more waits' : `${queued} more wait`} in the queue until then.`
  return `${going} Atelier takes up what it has recorded when you open it again.${waiting}`
}
