import { headlineMetrics } from '../../shared/headline.ts'
import type { Run } from '../../shared/run.ts'
import { lostCore } from './connect.ts'
import type { Client } from './connect.ts'
import { activeTime, formatDuration, formatValue, note, plain } from './output.ts'
import { stopAll, isOver, waitedFor } from './waiting.ts'

const POLL_MS = 250
/** Where standard error is no terminal. */
export const LINE_EVERY_MS = 10_000
const BAR_WIDTH = 24

/**
 * How far a run is, in one line: "running  epoch 3.2/12  14.1 steps/s  1:02 left  criticLoss -0.53".
 * @param other the run that it waits for
 */
export function progressLine(run: Run, other: Run | null = null): string {
  const { progress, status, queuePosition } = run
  if (other) return `waits for ${plain(other.name)} (${other.id}): ${progressLine(other)}`
  if (status === 'queued') return `queued  place ${queuePosition ?? '?'} in the queue`
  const parts: string[] = [status]
  if (progress) {
    if (progress.message) parts.push(plain(progress.message))
    parts.push(`epoch ${progress.epoch.toFixed(1)}/${progress.epochs}`)
    if (progress.stepsPerSecond !== null) parts.push(`${formatValue(progress.stepsPerSecond)} steps/s`)
    if (progress.etaSeconds !== null) parts.push(`${formatDuration(progress.etaSeconds * 1000)} left`)
  }
  const values = headlineMetrics(run).map(({ name }) => `${name} ${formatValue(run.metrics[name]!)}`)
  return [...parts, ...values].join('  ')
}

function bar(run: Run, other: Run | null): string {
  const { progress } = other ?? run
  const fraction = progress && progress.totalSteps > 0 ? Math.min(1, progress.step / progress.totalSteps) : 0
  const full = Math.round(fraction * BAR_WIDTH)
  const percent = String(Math.floor(fraction * 100)).padStart(3)
  return `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)} ${percent}%  ${progressLine(run, other)}`
}

/** Shows a run's progress on standard error: a bar that stays in its line on a terminal, else a line now and then. */
class Display {
  private readonly isTerminal = process.stderr.isTTY === true
  private lastStatus = ''
  private lastLine = 0

  show(run: Run, other: Run | null): void {
    if (this.isTerminal) {
      const width = (process.stderr.columns ?? 80) - 1
      process.stderr.write(`\r\u001b[2K${[...bar(run, other)].slice(0, width).join('')}`)
      return
    }
    const now = Date.now()
    const status = other ? `${other.id} ${other.status}` : run.status
    if (status === this.lastStatus && now - this.lastLine < LINE_EVERY_MS) return
    this.lastStatus = status
    this.lastLine = now
    note(`${run.id}  ${progressLine(run, other)}`)
  }

  clear(): void {
    if (this.isTerminal) process.stderr.write('\r\u001b[2K')
  }
}

/** What a terminal says while we wait: the first Ctrl-C stops, a second leaves at once, and so does the terminal's end. */
export class Interrupts {
  leave = false
  private count = 0
  private readonly left: Promise<void>
  private tellLeft = () => {}
  private stopping: Promise<unknown> | null = null
  private readonly stop: () => Promise<unknown>

  constructor(stop: () => Promise<unknown>) {
    this.stop = stop
    this.left = new Promise((resolve) => (this.tellLeft = resolve))
    process.on('SIGINT', this.interrupt)
    process.on('SIGTERM', this.depart)
    process.on('SIGHUP', this.depart)
  }

  private readonly interrupt = () => {
    if (++this.count > 1) this.depart()
    // What has ended by itself just now can't be stopped.
    else this.stopping = this.stop().catch(() => {})
  }

  private readonly depart = () => {
    this.leave = true
    this.tellLeft()
  }

  async end(): Promise<void> {
    if (this.stopping) await Promise.race([this.stopping, this.left])
    process.off('SIGINT', this.interrupt)
    process.off('SIGTERM', this.depart)
    process.off('SIGHUP', this.depart)
  }
}

/** How following a run came to its end. */
export interface Followed {
  run: Run
  /** The user would rather not wait, or what the run waits for was paused. */
  left: boolean
}

/**
 * Follows a run until it has ended, and the one that it waits for before. The first Ctrl-C stops it, with a checkpoint,
 * and what is trained only for it; the second leaves it at once. A SIGTERM, or a terminal that is closed, leaves it
 * training.
 */
export async function follow(client: Client, id: string, { quiet = false } = {}): Promise<Followed> {
  const display = new Display()
  const interrupts = new Interrupts(() => {
    display.clear()
    note('Stopping, with a checkpoint. Ctrl-C again leaves without waiting.')
    return stopAll(client, [id])
  })
  try {
    for (;;) {
      const run = await client.runs.get({ id }).catch((error: { code?: string }) => {
        throw error.code ? error : lostCore()
      })
      const other = await waitedFor(client, run)
      const isStuck = other?.status === 'paused'
      if (isOver(run) || isStuck || interrupts.leave) return { run, left: !isOver(run) }
      if (!quiet) display.show(run, other)
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  } finally {
    display.clear()
    await interrupts.end()
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
