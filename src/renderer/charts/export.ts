import { toX } from './step-axis.ts'
import type { Line, Range } from './lines.ts'
import { fullNames } from './grouping.ts'
import { formatX } from './formats.ts'
import type { AxisMode } from './step-axis.ts'

const quoted = (text: string) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
const cell = (v: number) => (Number.isNaN(v) ? '' : String(v))

/**
 * What a chart shows as CSV (RFC 4180), a line a point, so that series of different steps and runs fit in one table.
 * A non-finite value has a line of its own with its name as the value.
 */
export function toCsv(lines: readonly Line[], within: Range | null): string {
  const rows = ['run,metric,step,epoch,seconds,value,min,max,smoothed']
  for (const { run, metric, buckets, axis, x, shown, marks } of lines) {
    const inView = (at: number) => !within || (at >= within.min && at <= within.max)
    const place = (step: number) => [
      quoted(run.name),
      quoted(metric),
      String(step),
      cell(toX(axis, 'epoch', step)),
      cell(toX(axis, 'time', step)),
    ]
    for (let i = 0; i < x.length; i++) {
      if (!inView(x[i]!) || Number.isNaN(buckets.mean[i]!)) continue
      const values = [buckets.mean[i]!, buckets.min[i]!, buckets.max[i]!, shown[i]!]
      rows.push([...place(buckets.first[i]!), ...values.map(cell)].join(','))
    }
    for (const { x: at, mark } of marks)
      if (inView(at)) rows.push([...place(mark.step), mark.value, '', '', ''].join(','))
  }
  return rows.join('\r\n') + '\r\n'
}

/** A file name out of titles: small letters, digits and dashes. */
export const fileName = (parts: readonly string[], extension: string): string =>
  `${
    parts
      .join('-')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 80) || 'chart'
  }.${extension}`

export interface TableView {
  columns: string[]
  rows: { x: string; values: (number | null)[] }[]
}

/** The chart as a table of at most `most` rows evenly spread over the view, one column a line. */
export function toTable(lines: readonly Line[], mode: AxisMode, within: Range, most = 25): TableView {
  const rows: TableView['rows'] = []
  const steps = Math.max(1, most - 1)
  for (let k = 0; k <= steps; k++) {
    const x = within.min + ((within.max - within.min) * k) / steps
    const values = lines.map((line) => {
      if (!line.x.length || x < line.x[0]! - 1e-9 || x > line.x.at(-1)! + 1e-9) return null
      const v = line.shown[atOrBefore(line.x, x)]
      return v === undefined ? null : v
    })
    rows.push({ x: formatX(mode, x), values })
  }
  return { columns: fullNames(lines), rows }
}

function atOrBefore(xs: readonly number[], x: number): number {
  let low = 0
  let high = xs.length
  while (low < high) {
    const mid = (low + high) >> 1
    if (xs[mid]! <= x + 1e-9) low = mid + 1
    else high = mid
  }
  return Math.max(0, low - 1)
}

/** Gives the browser a file to save. */
export function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
