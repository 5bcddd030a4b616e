import { captionOf, datasetTitle, figureText, referenceLabel } from './figures.ts'
import { measureTitles } from './measures.ts'
import type { ResultsTable } from './table.ts'

const replacements: Record<string, string> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '–': '--',
  α: '$\\alpha$',
  β: '$\\beta$',
  γ: '$\\gamma$',
  '₁': '$_1$',
  '₂': '$_2$',
}
const escaped = (text: string) => text.replace(/[\\~^–αβγ₁₂]|[&%$#_{}]/gu, (c) => replacements[c] ?? `\\${c}`)

/** A `tabular` for the package booktabs: the best in \textbf, others' rows in italics, a rule between data sets. */
export function toLatex({ measure, columns, groups }: ResultsTable, titles = datasetTitle): string {
  const line = (cells: string[]) => `${cells.join(' & ')} \\\\`
  const lines = [
    `% ${captionOf(measure)}. Needs \\usepackage{booktabs}.`,
    `\\begin{tabular}{l${'r'.repeat(columns.length)}}`,
    '\\toprule',
    line([`${measureTitles[measure]}, \\%`, ...columns.map(String)]),
  ]
  for (const { dataset, rows, references } of groups) {
    lines.push('\\midrule', line([`\\multicolumn{${columns.length + 1}}{l}{${escaped(titles(dataset))}}`]))
    for (const { label, cells } of rows) {
      const figures = cells.map(({ mean, std, n, best }) => {
        if (mean === null) return '--'
        const figure = figureText({ mean, std }, '$\\pm$')
        return `${best ? `\\textbf{${figure}}` : figure} (${n})`
      })
      lines.push(line([`\\quad ${escaped(label)}`, ...figures]))
    }
    for (const row of references) {
      const figures = row.cells.map((cell) => (cell ? figureText(cell, '$\\pm$') : '--'))
      lines.push(line([`\\quad \\textit{${escaped(referenceLabel(row))}}`, ...figures]))
    }
  }
  return [...lines, '\\bottomrule', '\\end{tabular}'].join('\n') + '\n'
}
