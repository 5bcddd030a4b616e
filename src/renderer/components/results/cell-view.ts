import type { Cell, Seeds } from '../../../shared/results-table/index.ts'
import { activeStatuses } from '../../../shared/run.ts'
import type { Run } from '../../../shared/run.ts'
import { resultsTexts as t } from '../../texts/results.ts'

export interface PendingCounts {
  running: number
  queued: number
  paused: number
}

/** What a cell's runs that have not ended are at. */
export function pendingCounts(pending: readonly Run[]): PendingCounts {
  const counts: PendingCounts = { running: 0, queued: 0, paused: 0 }
  for (const { status } of pending)
    counts[activeStatuses.includes(status) ? 'running' : status === 'queued' ? 'queued' : 'paused']++
  return counts
}

/** [0, 1, 2, 5] → "0–2, 5". */
export function ranges(numbers: readonly number[]): string {
  const sorted = [...new Set(numbers)].toSorted((a, b) => a - b)
  const parts: string[] = []
  for (let from = 0; from < sorted.length;) {
    let to = from
    while (sorted[to + 1] === sorted[to]! + 1) to++
    // Two neighbours read better apart.
    if (to - from > 1) parts.push(`${sorted[from]}–${sorted[to]}`)
    else for (let i = from; i <= to; i++) parts.push(String(sorted[i]))
    from = to + 1
  }
  return parts.join(', ')
}

/** Several pairs of seeds in few words. */
export function seedsText(seeds: readonly Seeds[]): string {
  const [first] = seeds
  if (!first) return ''
  if (seeds.length === 1) return pairText(first)
  if (seeds.some(({ seed }) => seed !== first.seed)) return t.seedPairs(seeds.length)
  const labels = t.labelSeeds(ranges(seeds.map(({ labelSeed }) => labelSeed)))
  return first.seed === 0 ? labels : `${labels}, ${t.seed(first.seed)}`
}

/** One pair; the networks' seed is told only where it is not the usual one. */
export const pairText = ({ labelSeed, seed }: Seeds): string =>
  seed === 0 ? t.labelSeed(labelSeed) : `${t.labelSeed(labelSeed)}, ${t.seed(seed)}`

/** All that a cell shows, in words, for who does not see it. */
export function cellWords(cell: Cell, figure: string | null): string {
  const { running, queued, paused } = pendingCounts(cell.pending)
  return [
    figure === null ? t.noFigure : t.figure(figure, cell.n),
    ...(cell.best ? [t.best] : []),
    ...(running ? [t.states.running(running)] : []),
    ...(queued ? [t.states.queued(queued)] : []),
    ...(paused ? [t.states.paused(paused)] : []),
    ...(cell.failed.length ? [t.states.failed(cell.failed.length)] : []),
  ].join(', ')
}
