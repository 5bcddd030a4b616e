import type { ResultsTable } from './table.ts'

const quoted = (text: string) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
/** A fraction; six decimals are more than 10,000 test images can tell. */
const number = (value: number | null) => (value === null ? '' : String(Number(value.toFixed(6))))

/**
 * Tidy CSV (RFC 4180): one line a cell that has figures. Means and deviations are fractions; runs are ids, separated by
 * blanks. `source` is atelier for our own runs, else who reported the figure.
 */
export function toCsv({ measure, columns, groups }: ResultsTable): string {
  const lines = ['dataset,method,source,labels,measure,mean,std,n,runs']
  const push = (...cells: string[]) => lines.push(cells.map(quoted).join(','))
  for (const { dataset, rows, references } of groups) {
    for (const { label, cells } of rows)
      for (const { labels, mean, std, n, values } of cells) {
        const runs = values.map(({ run }) => run.id).join(' ')
        if (n) push(dataset, label, 'atelier', String(labels), measure, number(mean), number(std), String(n), runs)
      }
    for (const { method, source, cells } of references)
      for (const [i, cell] of cells.entries()) {
        const labels = String(columns[i])
        if (cell) push(dataset, method, source, labels, measure, number(cell.mean), number(cell.std), '', '')
      }
  }
  return lines.join('\r\n') + '\r\n'
}
