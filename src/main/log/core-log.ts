import { activeStatuses } from '../../shared/run.ts'
import type { Run } from '../../shared/run.ts'
import type { Core } from '../core.ts'
import { logFile } from '../paths.ts'
import type { Library } from '../store/index.ts'
import { version } from '../version.ts'
import { addLog, logLine, removeLog } from './console.ts'
import { LogFile } from './log-file.ts'

/**
 * Keeps the log of a core that stays, in its library's folder: its life, that of its runs, and all that it complains of.
 * The library is its own by then, so that there is one writer.
 */
export function logged<T extends Core>(core: T, platform: 'desktop' | 'browser'): T {
  const { library } = core
  const log = new LogFile(logFile(library.directory))
  addLog(log)
  const { runs, schemaVersion } = library.info()
  logLine('info', `Started: Atelier ${version} (${platform}), process ${process.pid}, Node ${process.versions.node}.`)
  logLine('info', `Library ${library.directory}: schema version ${schemaVersion}, ${count(runs, 'run')}.`)
  const unsubscribe = logRuns(library)
  core.settled.then(
    () => {
      const adopted = library.runs().filter((run) => activeStatuses.includes(run.status)).length
      logLine('info', adopted ? `Adopted ${count(adopted, 'worker')} of an earlier core.` : 'No worker to adopt.')
    },
    (error: unknown) => console.error('The workers of an earlier core could not be adopted:', error),
  )
  return {
    ...core,
    async close() {
      logLine('info', 'Ending.')
      try {
        await core.close()
        logLine('info', 'Ended in order.')
      } finally {
        unsubscribe()
        removeLog(log)
      }
    },
  }
}

/** A line whenever a run starts, ends or fails: whenever its status changes. */
function logRuns(library: Library): () => void {
  const last = new Map<string, Run>(library.runs().map((run) => [run.id, run]))
  return library.subscribe((event) => {
    if (event.type !== 'runs') return
    for (const id of event.changed) {
      const run = library.run(id)
      const before = last.get(id)
      if (!run) continue
      last.set(id, run)
      if (before?.status === run.status && (run.problem === null || before.problem?.message === run.problem.message))
        continue
      const { status, problem, progress } = run
      const from = before && before.status !== status ? `${before.status} → ` : ''
      const at = progress?.totalSteps ? `, step ${progress.step} of ${progress.totalSteps}` : ''
      const why = problem ? `: ${problem.message}` : ''
      logLine(problem ? 'warning' : 'info', `Run ${id} (${run.name}): ${from}${status}${at}${why}`)
    }
    for (const id of event.removed) {
      last.delete(id)
      logLine('info', `Run ${id} was removed.`)
    }
  })
}

const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`
