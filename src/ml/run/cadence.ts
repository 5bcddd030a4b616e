import { readInterval } from '../../shared/experiments/interval.ts'
import type { Interval, IntervalUnit } from '../../shared/experiments/interval.ts'

/** Where a run is: its step, and the epochs that are done as a fraction. */
export interface Place {
  step: number
  epoch: number
}

/**
 * Tells a loop when the next checkpoint is due: after so many steps, epochs or minutes.
 *
 * By steps and epochs that is a function of the place alone, so a resumed run saves at the places where an
 * uninterrupted one does. By minutes it is the clock's, and counts from the last save (or the attempt's beginning):
 * where checkpoints lie then differs from run to run, but never what is trained, which no checkpoint has a say in.
 */
export class Cadence {
  private readonly interval: Interval
  private readonly now: () => number
  private last: Place
  private savedAt: number

  /**
   * @param every the parameter `checkpointEvery`, checked
   * @param own what a plain number of it counts
   * @param now milliseconds of a clock that never goes back
   */
  constructor(every: number | string, own: IntervalUnit, from: Place, now: () => number = () => performance.now()) {
    const interval = readInterval(every, own)
    if (!interval) throw new RangeError(`${every} is no interval; expected a number of steps, epochs or minutes.`)
    this.interval = interval
    this.now = now
    this.last = from
    this.savedAt = now()
  }

  /** Whether a checkpoint is due here. Asked once after each step. */
  due(place: Place): boolean {
    const { every, unit } = this.interval
    const before = this.last
    this.last = place
    if (unit === 'minutes') return this.now() - this.savedAt >= every * 60_000
    // What lies between two looks counts once, however much of it there is.
    const done = (at: Place) => Math.floor(Math.floor(unit === 'steps' ? at.step : at.epoch) / every)
    return done(place) > done(before)
  }

  /** One was saved, for whatever reason: the minutes count anew. */
  saved(): void {
    this.savedAt = this.now()
  }
}
