import { activeStatuses } from '../../shared/run.ts'
import type { Run } from '../../shared/run.ts'
import { lostCore } from './connect.ts'
import type { Client } from './connect.ts'
import { activeTime, formatDuration, formatValue, note, plain } from './output.ts'

const POLL_MS = 250
const LINE_EVERY_MS = 10_000
const BAR_WIDTH = 24

const isOver = (run: Run) => !activeStatuses.includes(run.status) && run.status !== 'queued'

/** How far a run is, in one line: "running  epoch 3.2/12  14.1 steps/s  1:02 left  criticLoss -0.53". */
export function progressLine(run: Run): string {
  const { progress, status, queuePosition } = run
  if (status === 'queued') return `queued  place ${queuePosition ?? '?'} in the queue`
  const parts: string[] = [status]
  if (progress) {
    if (progress.message) parts.push(plain(progress.message))
    parts.push(`epoch ${progress.epoch.toFixed(1)}/${progress.epochs}`)
    if (progress.stepsPerSecond !== null) parts.push(`${formatValue(progress.stepsPerSecond)} steps/s`)
    if (progress.etaSeconds !== null) parts.push(`${formatDuration(progress.etaSeconds * 1000)} left`)
  }
  const losses = Object.entries(run.metrics).filter(([name]) => name.endsWith('Loss'))
  return [...parts, ...losses.map(([name, value]) => `${plain(name)} ${formatValue(value)}`)].join('  ')
}

function bar(run: Run): string {
  const { progress } = run
  const fraction = progress && progress.totalSteps > 0 ? Math.min(1, progress.step / progress.totalSteps) : 0
  const full = Math.round(fraction * BAR_WIDTH)
  const percent = String(Math.floor(fraction * 100)).padStart(3)
  return `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)} ${percent}%  ${progressLine(run)}`
}

/** Shows a run's progress on standard error: a bar that stays in its line on a terminal, else a line now and then. */
class Display {
  private readonly isTerminal = process.stderr.isTTY === true
  private lastStatus = ''
  private lastLine = 0

  show(run: Run): void {
    if (this.isTerminal) {
      const width = (process.stderr.columns ?? 80) - 1
      process.stderr.write(`\r\u001b[2K${[...bar(run)].slice(0, width).join('')}`)
      return
    }
    const now = Date.now()
    if (run.status === this.lastStatus && now - this.lastLine < LINE_EVERY_MS) return
    this.lastStatus = run.status
    this.lastLine = now
    note(`${run.id}  ${progressLine(run)}`)
  }

  clear(): void {
    if (this.isTerminal) process.stderr.write('\r\u001b[2K')
  }
}

/** How following a run came to its end. */
export interface Followed {
  run: Run
  /** The user would rather not wait; the run goes its way. */
  left: boolean
}

/**
 * Follows a run until it has ended. The first Ctrl-C stops it, with a checkpoint; the second leaves it at once. A
 * SIGTERM, or a terminal that is closed, leaves it training.
 */
export async function follow(client: Client, id: string, { quiet = false } = {}): Promise<Followed> {
  const display = new Display()
  let interrupts = 0
  let leave = false
  let stopping: Promise<unknown> | null = null
  const interrupt = () => {
    interrupts++
    if (interrupts > 1) leave = true
    else {
      display.clear()
      note('Stopping, with a checkpoint. Ctrl-C again leaves without waiting.')
      // It may have ended by itself just now.
      stopping = client.runs.stop({ ids: [id] }).catch(() => {})
    }
  }
  const depart = () => (leave = true)
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', depart)
  process.on('SIGHUP', depart)
  try {
    for (;;) {
      const run = await client.runs.get({ id }).catch((error: { code?: string }) => {
        throw error.code ? error : lostCore()
      })
      if (isOver(run) || leave) return { run, left: leave && !isOver(run) }
      if (!quiet) display.show(run)
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  } finally {
    display.clear()
    await stopping
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', depart)
    process.off('SIGHUP', depart)
  }
}

/** What a run came to, for people. */
export function summary(run: Run): string {
  const lines = [`${run.id}  ${plain(run.name)}  ${run.status}  after ${formatDuration(activeTime(run))}`]
  const width = Math.max(0, ...Object.keys(run.metrics).map((name) => name.length))
  for (const [name, value] of Object.entries(run.metrics))
    lines.push(`  ${plain(name).padEnd(width)}  ${formatValue(value)}`)
  return lines.join('\n')
}

export function describeProblem(run: Run): string {
  const { problem } = run
  if (!problem) return `Run ${run.id} is ${run.status}.`
  return [problem.message, problem.hint, problem.detail].filter(Boolean).join('\n')
}
