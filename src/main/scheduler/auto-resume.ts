import type { Library } from '../store/index.ts'
import { readSettings } from './settings.ts'

/** So many attempts from one checkpoint are enough. */
const TRIES = 3

/**
 * Whether an interrupted run shall go on by itself: where the library's settings want that, and unless it was interrupted
 * again and again before it had saved another checkpoint, which is then said with its problem. What counts are the
 * attempts that the library keeps, so that a restart of the core begins no new count.
 */
export function goesOnByItself(library: Library, id: string): boolean {
  const run = library.run(id)
  if (run?.status !== 'interrupted' || !readSettings(library).autoResume) return false
  const savedAt = library.checkpoints(id).at(-1)?.step ?? null
  const from = savedAt === null ? 'the beginning' : `its checkpoint of step ${savedAt}`
  const attempts = library.attempts(id)
  const further = attempts.findLastIndex(({ resumedFrom }) => resumedFrom !== savedAt)
  const inVain = attempts.length - 1 - further
  if (inVain >= TRIES) {
    const message = `Not resumed by itself any more: ${inVain} attempts from ${from} were interrupted before the next checkpoint.`
    library.batch(() => {
      if (run.problem)
        library.updateRun(id, { problem: { ...run.problem, hint: `${message} ${run.problem.hint ?? ''}` } })
      library.note(id, 'warning', message)
    })
    return false
  }
  library.note(id, 'info', `Interrupted, and resumed by itself from ${from}.`)
  return true
}
