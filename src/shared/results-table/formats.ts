import { toCsv } from './csv.ts'
import { toJson } from './json.ts'
import { toLatex } from './latex.ts'
import { toMarkdown } from './markdown.ts'
import type { ResultsTable } from './table.ts'

/** What a table can be written as. `titles` names data sets for people; files for programs carry their ids. */
export interface Format {
  title: string
  extension: string
  mediaType: string
  write(table: ResultsTable, titles?: Titles): string
}
export type Titles = (dataset: string) => string

export const formats = {
  csv: { title: 'CSV', extension: 'csv', mediaType: 'text/csv', write: toCsv },
  markdown: { title: 'Markdown', extension: 'md', mediaType: 'text/markdown', write: toMarkdown },
  latex: { title: 'LaTeX', extension: 'tex', mediaType: 'application/x-tex', write: toLatex },
  json: { title: 'JSON', extension: 'json', mediaType: 'application/json', write: toJson },
} satisfies Record<string, Format>
export type FormatName = keyof typeof formats
export const formatNames = Object.keys(formats) as FormatName[]
