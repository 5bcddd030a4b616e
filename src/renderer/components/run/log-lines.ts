import type { LogLine } from '../../../shared/run.ts'

export type LogLevel = 'all' | 'warnings' | 'errors'

/** The lines of a level and above that contain a text, whatever its case. */
export function filterLog(lines: readonly LogLine[], level: LogLevel, search: string): readonly LogLine[] {
  const text = search.trim().toLowerCase()
  if (level === 'all' && !text) return lines
  return lines.filter(
    (line) =>
      (level === 'all' || line.level === 'error' || (level === 'warnings' && line.level === 'warning')) &&
      (!text || line.message.toLowerCase().includes(text)),
  )
}

const two = (n: number) => String(n).padStart(2, '0')

/** Time of day of a line, to the second. */
export function clock(time: number): string {
  const d = new Date(time)
  return `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`
}

/** A message may have several lines; a row shows the first and says how many follow. */
export function firstLine(message: string): { text: string; more: number } {
  const lines = message.trimEnd().split('\n')
  return { text: lines[0] ?? '', more: lines.length - 1 }
}

export const logText = (lines: readonly LogLine[]): string =>
  lines.map((l) => `${new Date(l.time).toISOString()} ${l.level.toUpperCase()} ${l.message}`).join('\n')
