import { z } from 'zod'
import { field } from './fields.ts'

export const intervalUnits = ['steps', 'epochs', 'minutes'] as const
export type IntervalUnit = (typeof intervalUnits)[number]

/** Every so many steps, epochs or minutes. */
export interface Interval {
  every: number
  unit: IntervalUnit
}

/** What an interval may be at most: more than any run has, or a week. */
const most: Record<IntervalUnit, number> = { steps: 100_000_000, epochs: 100_000, minutes: 10_080 }
const leastMinutes = 0.1

/**
 * Reads an interval: a number, which is in the kind's own unit, or a number with its unit: "500 steps", "2 epochs",
 * "10 minutes". Steps and epochs are whole numbers; minutes may have a fraction. Returns null for anything else.
 */
export function readInterval(value: number | string, own: IntervalUnit): Interval | null {
  const found = /^(\d+(?:\.\d+)?)\s*(steps?|epochs?|min|minutes?)?$/i.exec(String(value).trim())
  if (!found) return null
  const every = Number(found[1])
  const said = found[2]?.toLowerCase()
  const unit = said === undefined ? own : intervalUnits.find((name) => name.startsWith(said))!
  if (unit === 'minutes' ? every < leastMinutes : !Number.isInteger(every) || every < 1) return null
  return every <= most[unit] ? { every, unit } : null
}

/** An interval as a parameter holds it: a plain number in the kind's own unit, as runs have always had it, else a text. */
export const writeInterval = ({ every, unit }: Interval, own: IntervalUnit): number | string =>
  unit === own ? every : `${every} ${every === 1 ? unit.slice(0, -1) : unit}`

/** The parameter that says how often a checkpoint is saved; `own` is what a plain number counts. */
export function checkpointEveryParam(own: 'steps' | 'epochs', every: number, step: number) {
  const other = own === 'steps' ? '"10 minutes"' : '"500 steps" or "10 minutes"'
  const schema = z
    .union([z.number().int().min(1).max(most[own]), z.string()])
    .transform((value, context) => {
      const interval = readInterval(value, own)
      // What has no epochs has none to count.
      if (interval && (own === 'epochs' || interval.unit !== 'epochs')) return writeInterval(interval, own)
      context.addIssue({ code: 'custom', message: 'not an interval' })
      return z.NEVER
    })
    .prefault(every)
  return field(schema, {
    label: 'Checkpoint every',
    description: `Save all that a resume needs after this many ${own}, or after ${other}; pause, stop and the end save one too.`,
    unit: own,
    group: 'Record',
    step,
    orText: other,
  })
}
