import type { LineSource } from './lines.ts'

export interface LineGroup<L> {
  /** Name of the run that the lines belong to, or null where that goes without saying. */
  title: string | null
  lines: { line: L; name: string; index: number }[]
}

/**
 * Lines as a legend or a tooltip lists them: those of one run by their metric; those of one metric by their run; else
 * by run, each with its metrics below.
 */
export function grouped<L extends LineSource>(lines: readonly L[]): LineGroup<L>[] {
  const manyRuns = new Set(lines.map((l) => l.run.id)).size > 1
  const oneMetric = new Set(lines.map((l) => l.metric)).size === 1
  const flat = !manyRuns || oneMetric
  const groups = new Map<string | undefined, LineGroup<L>>()
  lines.forEach((line, index) => {
    const id = flat ? undefined : line.run.id
    let group = groups.get(id)
    if (!group) groups.set(id, (group = { title: flat ? null : line.run.name, lines: [] }))
    group.lines.push({ line, index, name: manyRuns && oneMetric ? line.run.name : line.label })
  })
  return [...groups.values()]
}

/** Names that stand alone, as in a table's head or a picture's legend. */
export function fullNames(lines: readonly LineSource[]): string[] {
  const groups = grouped(lines)
  const names: string[] = []
  for (const { title, lines: members } of groups)
    for (const { name, index } of members) names[index] = title === null ? name : `${title} · ${name}`
  return names
}
