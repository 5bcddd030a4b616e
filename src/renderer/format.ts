import type { MetricValue } from '../shared/run.ts'

/** Numbers, times and sizes in words, the same everywhere. */

// Made once: making a formatter costs a hundred times what using it does.
const compact = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const weekday = new Intl.DateTimeFormat('en', { weekday: 'short' })
const monthName = new Intl.DateTimeFormat('en', { month: 'short' })
const fullTime = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' })

/** 60000 → "60,000". */
export const formatCount = (n: number) => compact.format(n)

/** A measured value in about `digits` digits: 0.00012 → "1.2e-4", 12345.6 → "12,346", NaN → "NaN". */
export function formatNumber(value: MetricValue | null | undefined, digits = 4): string {
  if (value === null || value === undefined) return '–'
  const n = Number(value)
  if (Number.isNaN(n)) return 'NaN'
  if (!Number.isFinite(n)) return n > 0 ? '+∞' : '−∞'
  if (n === 0) return '0'
  const size = Math.abs(n)
  if (size >= 1e7 || size < 0.01) return minus(trimExponent(n.toExponential(Math.min(2, digits - 1))))
  if (size >= 1000) return minus(compact.format(n))
  return minus(size < 1 ? n.toFixed(digits) : n.toPrecision(digits))
}

const trimExponent = (s: string) => s.replace(/\.?0+e/, 'e').replace('e+', 'e')
const minus = (s: string) => s.replace(/-(?=[\d.])/, (m, at: number) => (at === 0 ? '−' : m))

/** A parameter's value as a person typed it: no rounding, no grouping. */
export const formatParam = (value: string | number | boolean | undefined) =>
  value === undefined
    ? '–'
    : typeof value === 'number' && value !== 0 && Math.abs(value) < 1e-3
      ? value.toExponential()
      : String(value)

/** Milliseconds → "0.4 s", "12 s", "3 m 05 s", "2 h 07 m", "3 d 04 h". */
export function formatDuration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return '–'
  const s = Math.max(0, ms) / 1000
  if (s < 10) return `${s.toFixed(1)} s`
  const whole = Math.round(s)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${two(whole % 60)} s`
  const minutes = Math.round(s / 60)
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} m`
  return `${Math.floor(minutes / 1440)} d ${two(Math.floor((minutes % 1440) / 60))} h`
}
const two = (n: number) => String(n).padStart(2, '0')

/** 1536 → "1.5 KB" (1 KB is 1,000 bytes, as file managers count). */
export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return '–'
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit && value < 99.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`
}

/** A moment as a table shows it: "14:05" today, "Mon 14:05" this week, "3 Nov 14:05" this year, else with the year. */
export function formatMoment(time: number | null | undefined, now = Date.now()): string {
  if (time === null || time === undefined) return '–'
  const date = new Date(time)
  const today = new Date(now)
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}`
  if (date.toDateString() === today.toDateString()) return clock
  if (now - time < 6 * 86_400_000 && now > time) return `${weekday.format(date)} ${clock}`
  const month = `${date.getDate()} ${monthName.format(date)}`
  return date.getFullYear() === today.getFullYear() ? `${month} ${clock}` : `${month} ${date.getFullYear()} ${clock}`
}

/** For a tooltip: date and time in full. */
export const formatFullTime = (time: number | null | undefined) =>
  time === null || time === undefined ? '' : fullTime.format(time)

/** 3.5 of 12 → "3.5 / 12"; whole epochs without a fraction. */
export const formatEpoch = (epoch: number, epochs: number) =>
  `${Number.isInteger(epoch) ? epoch : epoch.toFixed(1)} / ${epochs}`

/** Steps per second, or the other way round when a step takes more than a second. */
export function formatSpeed(stepsPerSecond: number | null | undefined, short = false): string {
  if (!stepsPerSecond) return '–'
  if (short)
    return stepsPerSecond >= 1 ? `${stepsPerSecond.toPrecision(3)}/s` : `${(1 / stepsPerSecond).toPrecision(3)} s`
  return stepsPerSecond >= 1
    ? `${stepsPerSecond.toPrecision(3)} steps/s`
    : `${(1 / stepsPerSecond).toPrecision(3)} s/step`
}
