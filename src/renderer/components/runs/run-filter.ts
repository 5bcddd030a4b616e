import type { Run, RunStatus } from '../../../shared/run.ts'

/** Which runs the table shows; an empty list means any. */
export interface RunFilter {
  text: string
  status: RunStatus[]
  kind: string[]
  dataset: string[]
  tag: string[]
}

export const noFilter = (): RunFilter => ({ text: '', status: [], kind: [], dataset: [], tag: [] })

export const isFiltering = (f: RunFilter) =>
  f.text.trim() !== '' || f.status.length + f.kind.length + f.dataset.length + f.tag.length > 0

type Test = (run: Run) => boolean

const comparison = /^([\w.]+)(<=|>=|!=|=|<|>)(.+)$/

/**
 * Runs that fit a filter, in the order given. The text's words must all fit: a plain word is looked for in name, id,
 * kind, data set, preset, tags and notes; `seed=3`, `lrG<0.001`, `generatorLoss>=2` compare a parameter or a metric.
 */
export function filterRuns(runs: readonly Run[], filter: RunFilter): Run[] {
  const tests: Test[] = filter.text.trim().split(/\s+/).filter(Boolean).map(testOf)
  const any = <T>(list: T[], value: (run: Run) => T) => {
    if (list.length) tests.push((run) => list.includes(value(run)))
  }
  any(filter.status, (run) => run.status)
  any(filter.kind, (run) => run.kind)
  any(filter.dataset, (run) => String(run.params.dataset ?? ''))
  if (filter.tag.length) tests.push((run) => filter.tag.some((tag) => run.tags.includes(tag)))
  return tests.length ? runs.filter((run) => tests.every((test) => test(run))) : [...runs]
}

function testOf(word: string): Test {
  const [, name, operator, wanted] = comparison.exec(word) ?? []
  if (!name || !operator || wanted === undefined) {
    const needle = word.toLowerCase()
    return (run) => haystack(run).includes(needle)
  }
  return (run) => {
    const value = lookUp(run, name)
    return value !== undefined && compare(value, operator, wanted)
  }
}

// Typing filters on every key; a run's text is put together once in its life, since runs are replaced, never changed.
const haystacks = new WeakMap<Run, string>()
function haystack(run: Run): string {
  let text = haystacks.get(run)
  if (text === undefined) {
    const parts = [run.name, run.id, run.kind, run.preset, run.params.dataset, run.status, ...run.tags, run.notes]
    haystacks.set(run, (text = parts.join('\n').toLowerCase()))
  }
  return text
}

function lookUp(run: Run, name: string): string | number | boolean | undefined {
  const wanted = name.toLowerCase()
  for (const record of [run.params, run.metrics])
    for (const key in record) if (key.toLowerCase() === wanted) return record[key]
  return undefined
}

function compare(value: string | number | boolean, operator: string, wanted: string): boolean {
  const a = Number(value)
  const b = Number(wanted)
  const numeric = typeof value !== 'boolean' && wanted !== '' && !Number.isNaN(b)
  const equal = numeric && !Number.isNaN(a) ? a === b : String(value).toLowerCase() === wanted.toLowerCase()
  if (operator === '=') return equal
  if (operator === '!=') return !equal
  if (operator === '<') return a < b
  if (operator === '>') return a > b
  return operator === '<=' ? a <= b : a >= b
}

/** The values that occur, each with how many runs have it, in the order of the alphabet. */
export function facet(
  runs: readonly Run[],
  values: (run: Run) => readonly string[],
): { value: string; count: number }[] {
  const counts = new Map<string, number>()
  for (const run of runs) for (const value of values(run)) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].map(([value, count]) => ({ value, count })).toSorted((a, b) => a.value.localeCompare(b.value))
}
