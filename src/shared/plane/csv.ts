/** Rows that a file of points may have. */
export const maxCsvPoints = 1_000_000

/** What is wrong with a file of points, where, and what is expected. */
export class CsvError extends Error {
  override name = 'CsvError'
  /** Counted from 1; null when it is the whole file. */
  readonly line: number | null
  constructor(line: number | null, message: string) {
    super(line === null ? message : `Line ${line}: ${message}`)
    this.line = line
  }
}

/**
 * Points from text with one a line: two columns divided by commas, semicolons or tabs. A first line without numbers is a
 * header; if it names columns x and y, those are taken and there may be others. With semicolons or tabs, a comma may be
 * the decimal sign. Empty lines are skipped.
 * @returns coordinates [count, 2] in the file's own scale; `fitToPlane` brings them into the plane
 * @throws CsvError for text, NaN or infinity where a number belongs, any other number of columns, no or too many points
 */
export function parseCsvPoints(text: string): Float64Array {
  if (text.charCodeAt(0) === 0xfeff) text = text.slice(1)
  let points = new Float64Array(2048)
  let count = 0
  let layout: Layout | null = null
  let line = 0
  for (let start = 0; start <= text.length;) {
    const newline = text.indexOf('\n', start)
    const end = newline === -1 ? text.length : newline
    const row = text.slice(start, end).trim()
    start = end + 1
    line++
    if (row === '') continue
    if (!layout) {
      layout = layoutOf(row, line)
      if (layout.header) continue
    }
    const cells = split(row, layout.separator)
    if (cells.length !== layout.columns) {
      const found = cells.length === 1 ? '1 column' : `${cells.length} columns`
      throw new CsvError(line, `found ${found}, expected ${layout.columns} as in the lines before. Mend or remove it.`)
    }
    if (count === maxCsvPoints)
      throw new CsvError(
        line,
        `there are more than ${maxCsvPoints.toLocaleString('en')} points. Take every n-th, so that fewer are left.`,
      )
    if (2 * count === points.length) {
      const larger = new Float64Array(2 * points.length)
      larger.set(points)
      points = larger
    }
    points[2 * count] = coordinate(cells[layout.x]!, 'x', line, layout.separator)
    points[2 * count + 1] = coordinate(cells[layout.y]!, 'y', line, layout.separator)
    count++
  }
  if (count === 0) throw new CsvError(null, 'The file holds no points; expected one a line, as x,y.')
  return points.slice(0, 2 * count)
}

/** @throws CsvError if the points [count, 2] don't fill one batch */
export function expectBatch(points: ArrayLike<number>, batch: number): void {
  const count = points.length / 2
  if (count < batch)
    throw new CsvError(
      null,
      `There are ${count} points, fewer than one batch of ${batch}. Add points or train with a smaller batch.`,
    )
}

interface Layout {
  separator: string
  columns: number
  x: number
  y: number
  header: boolean
}

/** Reads separator and columns off the first line. */
function layoutOf(row: string, line: number): Layout {
  const separator = ['\t', ';', ','].find((candidate) => row.includes(candidate)) ?? ','
  const cells = split(row, separator)
  const header = cells.every(
    (cell) => cell !== '' && !isNumber(cell, separator) && !/^[+-]?(nan|inf(inity)?)$/i.test(cell),
  )
  const names = header ? cells.map((cell) => cell.toLowerCase()) : []
  const [x, y] = [names.indexOf('x'), names.indexOf('y')]
  const columns = cells.length
  if (x !== -1 && y !== -1) return { separator, columns, x, y, header }
  if (columns === 1)
    throw new CsvError(line, 'found 1 column, expected 2: x and y, divided by a comma, a semicolon or a tab.')
  if (columns > 2)
    throw new CsvError(
      line,
      `found ${columns} columns, expected 2. Remove the others, or name the columns in a first line with x and y among them.`,
    )
  return { separator, columns, x: 0, y: 1, header }
}

const split = (row: string, separator: string) =>
  row.split(separator).map((cell) =>
    cell
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .trim(),
  )

const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
const withDecimalComma = (cell: string, separator: string) => (separator === ',' ? cell : cell.replace(',', '.'))
const isNumber = (cell: string, separator: string) => number.test(withDecimalComma(cell, separator))

function coordinate(cell: string, name: string, line: number, separator: string): number {
  const text = withDecimalComma(cell, separator)
  const value = number.test(text) ? Number(text) : NaN
  // Squares of coordinates must not overflow anywhere.
  if (Math.abs(value) <= 1e150) return value
  if (cell === '') throw new CsvError(line, `${name} is empty, expected a number.`)
  const shown = cell.length > 40 ? `${cell.slice(0, 40)}…` : cell
  if (/^[+-]?(nan|inf(inity)?)$/i.test(cell) || number.test(text))
    throw new CsvError(line, `${name} is ${shown}, expected a finite number of at most 1e150. Mend or remove the line.`)
  throw new CsvError(line, `${name} is "${shown}", expected a number. Mend or remove the line.`)
}
