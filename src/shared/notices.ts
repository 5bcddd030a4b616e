import type { RunsChange } from './api.ts'
import { experimentKinds } from './experiments/index.ts'
import { activeStatuses } from './run.ts'
import type { Run } from './run.ts'

/** What happened to a run that its user may want to know of while looking elsewhere. */
export type Happening = 'silent' | 'failed' | 'diverged' | 'interrupted' | 'done'

export interface Happened {
  run: Run
  what: Happening
}

/** One message of all that happened since the user last looked. */
export interface Notice {
  title: string
  body: string
  /** The run, when it is about one alone. */
  runId: string | null
  /** Something went wrong. */
  isBad: boolean
}

/** What happened, the worst first, as said of one run and of several. */
const words: Record<Happening, [one: string, several: string]> = {
  silent: ['gives no sign of life', 'give no sign of life'],
  failed: ['has failed', 'have failed'],
  diverged: ['has diverged', 'have diverged'],
  interrupted: ['was interrupted', 'were interrupted'],
  done: ['is done', 'are done'],
}
const order = Object.keys(words) as Happening[]

/** A loss whose newest value is not finite: of a run that trains on regardless, this is all that tells. */
const isNonFinite = (run: Run): boolean =>
  (experimentKinds.get(run.kind)?.metrics ?? []).some(
    ({ name, loss }) => loss && run.metrics[name] !== undefined && !Number.isFinite(Number(run.metrics[name])),
  )

const isActive = (run: Run) => activeStatuses.includes(run.status)

/**
 * Whether a run halted by itself because a value was not finite. The message of src/ml/run/finite.ts alone tells that from
 * a stop by force, which leaves a problem too.
 */
export const hasDiverged = ({ problem }: Pick<Run, 'problem'>): boolean =>
  problem !== null && / has diverged /.test(problem.message)

function whatHappened(before: Run, run: Run): Happening | null {
  const { status, problem } = run
  if (isActive(run)) {
    if (problem && !before.problem) return 'silent'
    return isNonFinite(run) && !isNonFinite(before) ? 'diverged' : null
  }
  // What waited fails when the run that it builds on has.
  if (status === 'failed') return isActive(before) || before.status === 'queued' ? 'failed' : null
  if (!isActive(before)) return null
  if (status === 'done' || status === 'interrupted') return status
  return hasDiverged(run) ? 'diverged' : null
}

/**
 * Turns the changes of `runs.watch` into what happened: a run ended, failed, diverged, was interrupted, or its worker gives
 * no sign of life. What was so before the watch began is no news, nor is what the user did.
 */
export function watchHappenings(): (change: RunsChange) => Happened[] {
  const last = new Map<string, Run>()
  return ({ changed, removed }) => {
    const happened: Happened[] = []
    for (const run of changed) {
      const before = last.get(run.id)
      last.set(run.id, run)
      const what = before ? whatHappened(before, run) : null
      if (what) happened.push({ run, what })
    }
    for (const id of removed) last.delete(id)
    return happened
  }
}

/** Gathers what happened until the user has seen it, so that the twenty runs of a study give one message that grows. */
export class NoticeSum {
  private readonly happened = new Map<string, Happened>()

  /** @returns the message of all that has not been seen, or null when nothing new has happened */
  add(news: readonly Happened[]): Notice | null {
    for (const one of news) {
      this.happened.delete(one.run.id)
      this.happened.set(one.run.id, one)
    }
    return news.length ? noticeOf([...this.happened.values()]) : null
  }

  /** The user has seen it. */
  seen(): void {
    this.happened.clear()
  }
}

const NAMED = 3

/** One message of what happened to one run or many, the newest last. */
export function noticeOf(happened: readonly Happened[]): Notice {
  const isBad = happened.some(({ what }) => what !== 'done')
  const [only] = happened
  if (only && happened.length === 1) {
    const { run, what } = only
    const steps = run.progress ? `${run.progress.step} of ${run.progress.totalSteps} steps` : run.kind
    return { title: `${run.name} ${words[what][0]}`, body: run.problem?.message ?? steps, runId: run.id, isBad }
  }
  const parts = order.flatMap((what) => {
    const count = happened.filter((one) => one.what === what).length
    return count ? [`${count} ${words[what][count === 1 ? 0 : 1]}`] : []
  })
  const title = parts.length === 1 ? parts[0]!.replace(' ', ' runs ') : `Runs: ${parts.join(', ')}`
  const names = happened
    .toReversed()
    .toSorted((a, b) => order.indexOf(a.what) - order.indexOf(b.what))
    .map(({ run }) => run.name)
  const more = names.length - NAMED
  const body = names.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '')
  return { title, body, runId: null, isBad }
}
