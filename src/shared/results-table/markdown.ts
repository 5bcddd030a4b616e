import { captionOf, datasetTitle, figureText, referenceLabel } from './figures.ts'
import type { ResultsTable } from './table.ts'

const escaped = (text: string) => text.replace(/[\\`*_[\]<>|]/g, (c) => `\\${c}`)

/** A table as GitHub's Markdown: the best in bold, others' rows in italics. */
export function toMarkdown({ measure, columns, groups }: ResultsTable, titles = datasetTitle): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  const lines = [
    `${captionOf(measure)}.`,
    '',
    line(['Data set', 'Method', ...columns.map(String)]),
    line([':--', ':--', ...columns.map(() => '--:')]),
  ]
  for (const { dataset, rows, references } of groups) {
    for (const { label, cells } of rows) {
      const figures = cells.map(({ mean, std, n, best }) => {
        if (mean === null) return '–'
        const figure = figureText({ mean, std })
        return `${best ? `**${figure}**` : figure} (${n})`
      })
      lines.push(line([escaped(titles(dataset)), escaped(label), ...figures]))
    }
    for (const row of references) {
      const figures = row.cells.map((cell) => (cell ? figureText(cell) : '–'))
      lines.push(line([escaped(titles(dataset)), `*${escaped(referenceLabel(row))}*`, ...figures]))
    }
  }
  return lines.join('\n') + '\n'
}
