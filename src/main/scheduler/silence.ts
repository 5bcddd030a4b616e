import type { Problem, Run } from '../../shared/run.ts'
import { goOn } from './death.ts'

/** How long a worker may say nothing before it is reported; all in milliseconds. */
export interface SilenceLimits {
  /** Between two events of a worker that trains, or ten of its steps if that is longer. */
  training: number
  /** Of one that loads an engine, gets a data set, builds networks: it has no steps yet. */
  preparing: number
  /** One that uses the processor meanwhile may be in a single long call of its engine: so many times as long. */
  busyFactor: number
  /** Between two looks. */
  look: number
}

export const silenceLimits: SilenceLimits = { training: 120_000, preparing: 600_000, busyFactor: 10, look: 5000 }

/** A worker uses less of a processor than this while it waits for something that never comes. */
const IDLE_SHARE = 0.02
const STEPS = 10

/** The silence that a run's worker is allowed, by what it does at present; in milliseconds. */
export function allowedSilence({ status, progress }: Run, limits: SilenceLimits): number {
  const rate = status === 'starting' ? null : (progress?.stepsPerSecond ?? null)
  return rate === null || !(rate > 0) ? limits.preparing : Math.max(limits.training, (STEPS * 1000) / rate)
}

export interface Watched {
  /** What its run is now, or null when its silence means nothing. */
  run(): Run | null
  /** Processor time that the worker has used so far, in milliseconds, or null where that can't be told. */
  cpuTime(): Promise<number | null>
  /** @param busy whether it uses the processor, or null where that can't be told. */
  onSilent(since: number, busy: boolean | null): void
  onHeard(): void
}

/**
 * Listens to one worker, and reports it when it says nothing for too long: it may hang. Only time in which this process
 * could have heard it counts, not that of a machine that slept.
 */
export class SilenceWatch {
  private readonly limits: SilenceLimits
  private readonly watched: Watched
  private readonly timer: NodeJS.Timeout
  private reported: boolean
  private heardAt = Date.now()
  private lookedAt = performance.now()
  /** Without a word, and the part of it, from half of what is allowed on, without work either. */
  private silent = 0
  private idle = 0
  private cpu: number | null = null
  private stopped = false
  private looking = false

  /** @param reported whether an earlier core has reported it already. */
  constructor(limits: SilenceLimits, watched: Watched, reported: boolean) {
    this.limits = limits
    this.watched = watched
    this.reported = reported
    const look = () => this.look().catch((error: unknown) => console.error('A silent worker can’t be reported:', error))
    this.timer = setInterval(() => void look(), limits.look)
    this.timer.unref()
  }

  stop(): void {
    this.stopped = true
    clearInterval(this.timer)
  }

  /** The worker has said something. */
  heard(): void {
    this.heardAt = Date.now()
    this.silent = this.idle = 0
    this.cpu = null
    if (!this.reported || this.stopped) return
    this.reported = false
    this.watched.onHeard()
  }

  private async look(): Promise<void> {
    const now = performance.now()
    const passed = Math.min(now - this.lookedAt, 2 * this.limits.look)
    this.lookedAt = now
    const run = this.watched.run()
    if (!run) this.silent = this.idle = 0
    if (!run || this.reported || this.looking) return
    this.silent += passed
    const allowed = allowedSilence(run, this.limits)
    if (this.silent < allowed / 2) return
    this.looking = true
    const cpu = await this.watched.cpuTime().finally(() => (this.looking = false))
    // It has been heard meanwhile.
    if (this.stopped || this.silent === 0) return
    const isFirst = cpu !== null && this.cpu === null
    const busy = cpu === null || this.cpu === null ? null : cpu - this.cpu > passed * IDLE_SHARE
    this.idle = busy || isFirst ? 0 : this.idle + passed
    this.cpu = cpu
    const isTooLong =
      this.silent >= allowed && (this.idle >= allowed / 2 || this.silent >= allowed * this.limits.busyFactor)
    if (!isTooLong) return
    this.watched.onSilent(this.heardAt, busy)
    this.reported = true
  }
}

/** "2026-03-04 05:06:07", in the time of this machine. */
const clock = (time: number) => new Date(time).toLocaleString('sv-SE')

/**
 * A worker that says nothing.
 * @param since when it was last heard; milliseconds since 1970
 * @param savedAt step of the run's newest checkpoint, or null
 */
export function problemOfSilence(since: number, busy: boolean | null, savedAt: number | null): Problem {
  const works = 'It still uses the processor, so it may only be in one very long step. '
  const idles = 'It does not use the processor either, so it hangs, or has been suspended. '
  const work = busy === null ? '' : busy ? works : idles
  return {
    message: `The training process has given no sign of life since ${clock(since)}.`,
    hint: `${work}Wait, or stop the run by force. ${goOn(savedAt)}`,
    detail: null,
  }
}
