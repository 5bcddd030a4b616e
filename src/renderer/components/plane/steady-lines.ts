import { useIntervalFn } from '@vueuse/core'
import { shallowReactive } from 'vue'
import type { MetricInfo } from '../../../shared/experiments/index.ts'
import type { Run } from '../../../shared/run.ts'
import type { LineSource } from '../../charts/lines.ts'
import type { Followed } from '../../stores/follow.ts'
import { linesOf } from '../run/line-sources.ts'

export interface SteadyChart {
  name: string
  metrics: readonly MetricInfo[]
  look: (i: number) => Pick<LineSource, 'colourSlot' | 'dash'>
}

/** Milliseconds between two charts that are brought up to date. */
const pace = 70

/**
 * The lines of small charts beside a picture that moves: one chart at a time is brought up to date, and only one whose
 * series has grown. All at once, several times a second, would make the picture stumble.
 */
export function useSteadyLines(
  run: () => Run,
  followed: () => Followed,
  charts: readonly SteadyChart[],
): ReadonlyMap<string, readonly LineSource[]> {
  const lines = shallowReactive(new Map<string, readonly LineSource[]>())
  const seen = new Map<string, string>()
  let next = 0

  const stateOf = ({ metrics }: SteadyChart) => {
    const { chart } = followed()
    return [
      chart.loads,
      ...metrics.map(({ name }) => {
        const series = chart.series(name)
        return series && `${series.first.length} ${series.last.at(-1)} ${series.nonFinite.length}`
      }),
    ].join()
  }
  function update(chart: SteadyChart): boolean {
    const state = stateOf(chart)
    if (seen.get(chart.name) === state) return false
    seen.set(chart.name, state)
    lines.set(
      chart.name,
      linesOf(run(), followed().chart, chart.metrics, (_, i) => chart.look(i)),
    )
    return true
  }
  for (const chart of charts) update(chart)
  useIntervalFn(() => {
    for (let tried = 0; tried < charts.length; tried++) {
      const chart = charts[next]!
      next = (next + 1) % charts.length
      if (update(chart)) return
    }
  }, pace)
  return lines
}
