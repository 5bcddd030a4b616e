import { experimentKinds, fieldsOf } from '../../../shared/experiments/index.ts'
import type { ParamValue } from '../../../shared/experiments/index.ts'
import type { Run } from '../../../shared/run.ts'
import { metricInfo } from '../run/line-sources.ts'

export interface DiffRow {
  name: string
  label: string
  /** One a run; undefined where its kind has no such parameter. */
  values: (ParamValue | undefined)[]
  differs: boolean
}

/** The parameters of runs side by side, in the order of their kinds' schemas. */
export function paramDiff(runs: readonly Pick<Run, 'kind' | 'params'>[]): DiffRow[] {
  const labels = new Map<string, string>()
  for (const { kind } of runs)
    if (experimentKinds.has(kind))
      for (const f of fieldsOf(kind)) if (!labels.has(f.name)) labels.set(f.name, commonLabel(f.name, f.label, runs))
  for (const { params } of runs) for (const name of Object.keys(params)) if (!labels.has(name)) labels.set(name, name)
  return [...labels].map(([name, label]) => {
    const values = runs.map((run) => run.params[name])
    return { name, label, values, differs: values.some((v) => v !== values[0]) }
  })
}

/** Kinds may word one parameter differently ("Critic learning rate", "Discriminator learning rate"). */
function commonLabel(name: string, label: string, runs: readonly Pick<Run, 'kind'>[]): string {
  const all = new Set([label])
  for (const { kind } of runs)
    if (experimentKinds.has(kind)) for (const f of fieldsOf(kind)) if (f.name === name) all.add(f.label)
  return [...all].join(' / ')
}

export interface MetricChoice {
  name: string
  title: string
  description: string
  unit?: string
  loss: boolean
}

/** Every metric that the runs' kinds list or that they have logged; one entry a name. */
export function metricChoices(runs: readonly Pick<Run, 'kind' | 'metrics'>[]): MetricChoice[] {
  const choices = new Map<string, MetricChoice>()
  for (const { kind, metrics } of runs) {
    const listed = experimentKinds.get(kind)?.metrics.map((m) => m.name) ?? []
    for (const name of new Set([...listed, ...Object.keys(metrics)])) {
      if (choices.has(name)) continue
      const info = metricInfo(kind, name)
      choices.set(name, { ...info, loss: info.loss ?? false })
    }
  }
  return [...choices.values()]
}

export interface Suggestion {
  tag: string | null
  runs: Run[]
}

/**
 * Pairs worth comparing: for each tag that several runs carry, the newest run of each of its two newest kinds (or its
 * two newest runs), newest tag first; and the two newest runs of all.
 */
export function suggestions(runs: readonly Run[], most = 4): Suggestion[] {
  const newest = [...runs].sort((a, b) => b.createdAt - a.createdAt)
  const tags = [...new Set(newest.flatMap((run) => run.tags))].filter((tag) => !tag.startsWith('good@'))
  const pairs: Suggestion[] = tags.flatMap((tag) => {
    const pair = pairOf(newest.filter((run) => run.tags.includes(tag)))
    return pair ? [{ tag, runs: pair }] : []
  })
  if (newest.length >= 2) pairs.push({ tag: null, runs: newest.slice(0, 2) })
  const seen = new Set<string>()
  return pairs
    .filter((pair) => {
      const key = pair.runs
        .map((run) => run.id)
        .sort()
        .join()
      return !seen.has(key) && seen.add(key)
    })
    .slice(0, most)
}

function pairOf(newest: readonly Run[]): Run[] | null {
  const first = newest[0]
  const second = newest.find((run) => run.kind !== first?.kind) ?? newest[1]
  return first && second ? [second, first].sort((a, b) => a.createdAt - b.createdAt) : null
}

/** Run ids out of the address: `?runs=a,b`, each once. */
export const idsOf = (query: unknown): string[] => [
  ...new Set(
    String(Array.isArray(query) ? query.join(',') : (query ?? ''))
      .split(',')
      .map((id) => id.trim())
      .filter(Boolean),
  ),
]
