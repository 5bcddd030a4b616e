import type { RunsChange } from '../../shared/api.ts'
import { activeStatuses } from '../../shared/run.ts'
import type { Run, RunStatus } from '../../shared/run.ts'

/** Tells the user that a run has ended while the window was not looked at. */
export interface RunNotice {
  runId: string
  title: string
  body: string
}

const ENDINGS: Partial<Record<RunStatus, string>> = {
  done: 'is done',
  failed: 'has failed',
  interrupted: 'was interrupted',
}

/**
 * Turns the changes of `runs.watch` into notices: a run that was active and is done, failed or interrupted gives
 * one. What had ended before the watch began gives none, nor does what the user ended by hand.
 */
export function runNotices(): (change: RunsChange) => RunNotice[] {
  const last = new Map<string, RunStatus>()
  return ({ changed, removed }) => {
    const notices: RunNotice[] = []
    for (const run of changed) {
      const before = last.get(run.id)
      last.set(run.id, run.status)
      const ending = ENDINGS[run.status]
      if (before !== undefined && ending !== undefined && activeStatuses.includes(before))
        notices.push(noticeOf(run, ending))
    }
    for (const id of removed) last.delete(id)
    return notices
  }
}

function noticeOf(run: Run, ending: string): RunNotice {
  const steps = run.progress ? `${run.progress.step} of ${run.progress.totalSteps} steps` : run.kind
  return { runId: run.id, title: `${run.name} ${ending}`, body: run.problem ? run.problem.message : steps }
}

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
