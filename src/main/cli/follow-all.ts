import { activeStatuses } from '../../shared/run.ts'
import type { Run } from '../../shared/run.ts'
import { lostCore } from './connect.ts'
import type { Client } from './connect.ts'
import { Interrupts, LINE_EVERY_MS, progressLine } from './follow.ts'
import { activeTime, formatDuration, formatValue, note, plain } from './output.ts'
import { isOver, stopAll } from './waiting.ts'

const POLL_MS = 500

/** What a run came to, in a line: "12/32  <id>  vae-svm 7  done  0:12  accuracy 0.8199". */
function endLine(run: Run, place: number, total: number): string {
  const { id, name, status, metrics, problem } = run
  const accuracy = metrics.accuracy === undefined ? [] : [`accuracy ${formatValue(metrics.accuracy)}`]
  const why = problem ? [plain(problem.message.split('\n')[0]!)] : []
  const parts = [`${place}/${total}`, id, plain(name), status, formatDuration(activeTime(run)), ...accuracy, ...why]
  return parts.join('  ')
}

/** Those of the runs, and of what they need, that have a worker. */
function activeOf(runs: Run[], ids: ReadonlySet<string>): Run[] {
  const needed = new Set(runs.filter((run) => ids.has(run.id)).flatMap(({ inputs }) => inputs.map((i) => i.runId)))
  return runs.filter((run) => (ids.has(run.id) || needed.has(run.id)) && activeStatuses.includes(run.status))
}

/** How far all of them are: "12/32  vae 40: running  epoch 3.2/6 …". */
function stateLine(over: number, total: number, active: Run[]): string {
  const shown = active.map((run) => `${plain(run.name)}: ${progressLine(run)}`)
  return [`${over}/${total}`, ...(shown.length > 0 ? shown : ['waiting in the queue'])].join('  ')
}

export interface FollowedAll {
  /** In the order of the ids; without those that were deleted meanwhile. */
  runs: Run[]
  /** The user would rather not wait, or what they wait for was paused. */
  left: boolean
}

/**
 * Follows runs until all have ended, a line for each that does. The first Ctrl-C stops those that haven't, with
 * checkpoints, and what is trained only for them; the second leaves them at once. A SIGTERM, or a terminal that is
 * closed, leaves them training.
 */
export async function followAll(client: Client, ids: readonly string[], { quiet = false } = {}): Promise<FollowedAll> {
  const chosen = new Set(ids)
  const told = new Set<string>()
  const isTerminal = process.stderr.isTTY === true
  const clear = () => {
    if (isTerminal) process.stderr.write('\r\u001b[2K')
  }
  const interrupts = new Interrupts(() => {
    clear()
    note('Stopping all of them, with checkpoints. Ctrl-C again leaves without waiting.')
    return stopAll(client, ids)
  })
  let lastLine = 0
  let lastState = ''
  try {
    for (;;) {
      const all = await client.runs.list().catch((error: { code?: string }) => {
        throw error.code ? error : lostCore()
      })
      const byId = new Map(all.map((run) => [run.id, run]))
      const runs = ids.flatMap((id) => byId.get(id) ?? [])
      for (const run of runs) {
        if (!isOver(run) || told.has(run.id)) continue
        told.add(run.id)
        clear()
        if (!quiet) note(endLine(run, told.size, ids.length))
      }
      const open = runs.filter((run) => !isOver(run))
      const isStuck = (run: Run) =>
        run.status === 'queued' && run.inputs.some(({ runId }) => byId.get(runId)?.status === 'paused')
      if (open.every(isStuck) || interrupts.leave) return { runs, left: open.length > 0 }
      const active = activeOf(all, chosen)
      const state = active.map(({ id, status }) => `${id} ${status}`).join()
      if (!quiet && (isTerminal || state !== lastState || Date.now() - lastLine > LINE_EVERY_MS)) {
        const line = stateLine(told.size, ids.length, active)
        lastState = state
        if (isTerminal)
          process.stderr.write(`\r\u001b[2K${[...line].slice(0, (process.stderr.columns ?? 80) - 1).join('')}`)
        else note(line)
        lastLine = Date.now()
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  } finally {
    clear()
    await interrupts.end()
  }
}
