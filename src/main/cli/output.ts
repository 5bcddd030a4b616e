import type { MetricValue, Run } from '../../shared/run.ts'

/** One JSON value a command on standard output, for programs. */
export const printJson = (value: unknown): void => {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}
export const print = (text: string): void => {
  process.stdout.write(`${text}\n`)
}
/** What is for people alone, and must not get into what is piped on. */
export const note = (text: string): void => {
  process.stderr.write(`${text}\n`)
}

/** Waits until a pipe has taken what was written, so that a long output needs no long memory. */
export async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await new Promise((resolve) => process.stdout.once('drain', resolve))
}

export function formatValue(value: MetricValue): string {
  if (typeof value !== 'number') return value
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value)
  const size = Math.abs(value)
  return size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(3) : value.toPrecision(4)
}

export function formatDuration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  const two = (n: number) => String(n).padStart(2, '0')
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

export function formatBytes(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB']
  let at = 0
  for (; bytes >= 1000 && at < units.length - 1; at++) bytes /= 1000
  return `${at === 0 ? bytes : bytes.toFixed(1)} ${units[at]}`
}

/** Time spent training, the attempt that runs now included. */
export const activeTime = (run: Run, now = Date.now()): number =>
  run.activeMs + (run.attemptStartedAt === null ? 0 : Math.max(0, now - run.attemptStartedAt))

/** Names come from people: no control character of theirs reaches the terminal. */
// oxlint-disable-next-line no-control-regex
export const plain = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '�')

/** Columns as wide as their widest cell; numbers are for the caller to align by `right`. */
export function table(headings: string[], rows: string[][], right: number[] = []): string {
  const cells = [headings, ...rows.map((row) => row.map(plain))]
  const widths = headings.map((_, i) => Math.max(...cells.map((row) => [...row[i]!].length)))
  return cells
    .map((row) =>
      row
        .map((cell, i) => {
          const pad = ' '.repeat(widths[i]! - [...cell].length)
          return right.includes(i) ? pad + cell : cell + pad
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
