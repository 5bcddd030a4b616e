import { experimentKinds } from '../../../shared/experiments/index.ts'
import { classificationMetrics } from '../../../shared/experiments/classification-metrics.ts'
import type { MetricInfo } from '../../../shared/experiments/index.ts'
import type { Run } from '../../../shared/run.ts'
import type { LineSource } from '../../charts/lines.ts'
import type { RunChart } from '../../charts/run-chart.ts'
import { smoothingUnit } from '../../charts/smoothing.ts'
import type { Followed } from '../../stores/follow.ts'

/** One chart of a run's page: the losses together, every other metric alone. */
export interface ChartGroup {
  id: string
  title: string
  description: string
  metrics: MetricInfo[]
}

/** What is known of a metric; a name that the kind does not list stands for itself. */
export function metricInfo(kind: string, name: string): MetricInfo {
  return (
    experimentKinds.get(kind)?.metrics.find((m) => m.name === name) ?? { name, title: wordsOf(name), description: '' }
  )
}

/** "gradientNorm" → "Gradient norm". */
function wordsOf(name: string): string {
  const words = name
    .replace(/[_\-/]+/g, ' ')
    .replace(/([a-z0-9])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`)
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/**
 * The charts of a run in the order in which its kind lists the metrics. Those that it lists are there from the start,
 * so that the page does not jump when the first values come.
 */
export function chartGroups(kind: string, names: readonly string[], lossesTitle: string): ChartGroup[] {
  const listed = experimentKinds.get(kind)?.metrics ?? []
  const unlisted = names.filter((name) => !listed.some((m) => m.name === name)).map((name) => metricInfo(kind, name))
  const all = [...listed, ...unlisted]
  const losses = all.filter((m) => m.loss)
  return [
    ...(losses.length ? [{ id: 'losses', title: lossesTitle, description: '', metrics: losses }] : []),
    ...all
      .filter((m) => !m.loss)
      .map((m) => ({
        id: m.name,
        title: m.title,
        description: m.description,
        metrics: [m],
      })),
  ]
}

/** Measures that a classifier takes once, at its end: four numbers, which a chart would only hide. */
const takenOnce = new Set(classificationMetrics.map((m) => m.name))

/**
 * The charts that tell something: those of series with a course, and while a run may go on also those that may get one.
 */
export function worthCharting(groups: readonly ChartGroup[], run: Run, chart: RunChart): ChartGroup[] {
  const goesOn = run.status !== 'done'
  const hasCourse = (name: string) => (chart.series(name)?.mean.length ?? 0) > 1
  return groups.filter(({ metrics }) =>
    metrics.some(({ name }) => hasCourse(name) || (goesOn && !takenOnce.has(name) && !measuresOnly(run.kind))),
  )
}

/** The metrics of a run that are worth a chart; null before its values are known. */
export function chartedMetrics(
  run: Run,
  { chart, chartVersion }: Pick<Followed, 'chart' | 'chartVersion'>,
): string[] | null {
  if (chartVersion < 0) return null
  const groups = worthCharting(chartGroups(run.kind, chart.names, ''), run, chart)
  return groups.flatMap(({ metrics }) => metrics.map(({ name }) => name))
}

/** A kind all of whose metrics are taken once. */
export const measuresOnly = (kind: string): boolean =>
  (experimentKinds.get(kind)?.metrics ?? [{ name: '' }]).every((m) => takenOnce.has(m.name))

/** Whether there are or may be samples of a run. */
export const drawsSamples = (run: Run, samples: readonly unknown[]): boolean =>
  samples.length > 0 || run.params.sampleEvery !== undefined

/** A kind that measures how well it classifies. */
export const classifies = (kind: string): boolean =>
  experimentKinds.get(kind)?.metrics.some((m) => m.name === 'accuracy') ?? false

/** Steps that a run has in all, for the unit of its smoothing. */
const totalSteps = (run: Run, chart: RunChart) => Math.max(run.progress?.totalSteps ?? 0, chart.lastStep)

/** The lines of some metrics of one run. */
export function linesOf(
  run: Run,
  chart: RunChart,
  metrics: readonly MetricInfo[],
  look: (metric: MetricInfo, i: number) => Pick<LineSource, 'colourSlot' | 'dash'>,
): LineSource[] {
  return metrics.flatMap((metric, i) => {
    const buckets = chart.series(metric.name)
    return buckets
      ? [
          {
            key: `${run.id}/${metric.name}`,
            label: metric.title,
            run: { id: run.id, name: run.name },
            metric: metric.name,
            buckets,
            axis: chart.axis,
            smoothingUnit: smoothingUnit(totalSteps(run, chart)),
            ...look(metric, i),
          },
        ]
      : []
  })
}
