import type { Run, RunStatus } from '../shared/run.ts'

/** How a status looks: an icon and a word beside the colour, so that colour is never the only sign. */
export interface StatusLook {
  word: string
  icon: string
  /** Text colour. */
  colour: string
  /** Fill of its progress bar. */
  bar: string
  spins?: boolean
}

const active = { colour: 'text-primary', bar: 'bg-primary' }
const calm = { colour: 'text-muted', bar: 'bg-(--ui-text-dimmed)' }
const warning = { colour: 'text-warning', bar: 'bg-warning' }

export const statusLooks: Record<RunStatus, StatusLook> = {
  queued: { word: 'Queued', icon: 'i-lucide-clock', ...calm },
  starting: { word: 'Starting', icon: 'i-lucide-loader-circle', ...active, spins: true },
  running: { word: 'Running', icon: 'i-lucide-loader-circle', ...active, spins: true },
  pausing: { word: 'Pausing', icon: 'i-lucide-circle-pause', ...warning },
  paused: { word: 'Paused', icon: 'i-lucide-circle-pause', ...warning },
  stopping: { word: 'Stopping', icon: 'i-lucide-circle-stop', ...calm },
  stopped: { word: 'Stopped', icon: 'i-lucide-circle-stop', ...calm },
  done: { word: 'Done', icon: 'i-lucide-circle-check', colour: 'text-success', bar: 'bg-success' },
  failed: { word: 'Failed', icon: 'i-lucide-circle-x', colour: 'text-error', bar: 'bg-error' },
  interrupted: { word: 'Interrupted', icon: 'i-lucide-unplug', ...warning },
}

/** What is wrong with a run and what to do, on two lines; empty where nothing is. */
export const problemText = ({ problem }: Pick<Run, 'problem'>): string =>
  problem ? [problem.message, problem.hint].filter(Boolean).join('\n') : ''

/** Share of the run that is done, 0 to 1. */
export function fractionDone(run: Run): number {
  if (run.status === 'done') return 1
  const p = run.progress
  return p && p.totalSteps > 0 ? Math.min(1, p.step / p.totalSteps) : 0
}

/** Time in workers so far, in ms: all attempts and the one that runs at `now`; null before the first. */
export function durationOf(run: Run, now: number): number | null {
  if (run.startedAt === null) return null
  return run.activeMs + (run.attemptStartedAt === null ? 0 : Math.max(0, now - run.attemptStartedAt))
}
