import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import {
  captionOf,
  datasetTitle,
  datasetsOf,
  figureText,
  formatNames,
  formats,
  measures,
  referenceLabel,
  resultsTable,
} from '../../shared/results-table/index.ts'
import type { Cell, FormatName, Measure, ResultsTable } from '../../shared/results-table/index.ts'
import type { Run } from '../../shared/run.ts'
import { withLibrary } from './connect.ts'
import type { CommonOptions } from './connect.ts'
import { UsageError } from './errors.ts'
import { print, printJson, table, write } from './output.ts'

export interface ResultsOptions {
  dataset?: string
  measure: string
  format: string
  references: boolean
  out?: string
}

/** `results`: the table of all runs that classify, in a form for people, papers or programs. */
export async function showResults(options: CommonOptions & ResultsOptions): Promise<void> {
  const measure = measureOf(options.measure)
  const format = formatOf(options)
  await withLibrary(options, async (library) => {
    const runs = library?.runs() ?? []
    const { references } = options
    const datasets = options.dataset === undefined ? undefined : chosenDatasets(options.dataset, runs, references)
    const results = resultsTable(runs, { measure, datasets, references })
    const text = format === 'table' ? forTerminal(results) : formats[format].write(results)
    if (options.out === undefined) return write(text)
    const file = path.resolve(options.out)
    try {
      await writeFile(file, text)
    } catch (error) {
      throw new UsageError(`${file} can't be written: ${(error as Error).message}`)
    }
    if (options.json) printJson({ file })
    else print(`The results are in ${file}`)
  })
}

function measureOf(text: string): Measure {
  const measure = measures.find((m) => m.toLowerCase() === text.toLowerCase().replace('-', ''))
  if (!measure) throw new UsageError(`--measure must be one of accuracy, precision, recall, f-score, not "${text}".`)
  return measure
}

/** `--json` asks every command for JSON; a file is written in the format that is named. */
function formatOf({ format, json, out }: CommonOptions & ResultsOptions): FormatName | 'table' {
  if (format !== 'table' && !formatNames.includes(format as FormatName))
    throw new UsageError(`--format must be one of table, ${formatNames.join(', ')}, not "${format}".`)
  return json && out === undefined ? 'json' : (format as FormatName | 'table')
}

function chosenDatasets(text: string, runs: readonly Run[], references: boolean): string[] {
  const there = datasetsOf(runs, references)
  const chosen = text.split(',').map((name) => name.trim())
  const unknown = chosen.find((name) => !there.includes(name))
  if (unknown !== undefined)
    throw new UsageError(
      `There are no results on a data set "${unknown}". There are some on: ${there.join(', ') || 'none yet'}.`,
    )
  return chosen
}

function forTerminal(results: ResultsTable): string {
  const { columns, groups, measure } = results
  if (!groups.length) return 'No results yet. `atelier study semi-supervised --quick` trains what fills this table.\n'
  const rows = groups.flatMap(({ dataset, rows: own, references }) => [
    ...own.map(({ label, cells }) => [datasetTitle(dataset), label, ...cells.map(cellText)]),
    ...references.map((row) => [
      datasetTitle(dataset),
      referenceLabel(row),
      ...row.cells.map((cell) => (cell ? figureText(cell) : '–')),
    ]),
  ])
  const right = columns.map((_, i) => i + 2)
  const body = table(['DATA SET', 'METHOD', ...columns.map(String)], rows, right)
  return `${body}\n\n${captionOf(measure)}. * is the best of the runs in this library.\n`
}

function cellText({ mean, std, n, best, pending }: Cell): string {
  if (mean !== null) return `${figureText({ mean, std })} (${n})${best ? '*' : ' '}`
  return pending.length ? `${pending.length} under way ` : '– '
}
