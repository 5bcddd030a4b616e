import type { ChartDelta } from '../../shared/chart.ts'
import { toMetricValue } from '../../shared/run.ts'

const POINTS_KEPT = 50_000
const RUNS_KEPT = 32
const MARKS_SENT = 500

/** What one batch brought, as charts take it. */
export interface RecentBatch {
  /** The run's cursor after it. */
  cursor: number
  /** Points after this step were taken back before those of `series` came, or null. */
  superseded: number | null
  series: Map<string, { steps: number[]; values: number[] }>
  marks: { step: number; epoch: number; time: number }[]
}

const emptyDelta = (cursor: number, superseded: number | null): ChartDelta => ({
  cursor,
  superseded,
  axis: { step: [], epoch: [], time: [] },
  series: [],
})

/** The newest batches of the runs that log, kept so that open charts get what is new without a query. */
export class Recent {
  private readonly runs = new Map<string, { batches: RecentBatch[]; points: number }>()

  push(runId: string, batch: RecentBatch): void {
    const run = this.runs.get(runId) ?? { batches: [], points: 0 }
    this.runs.delete(runId)
    this.runs.set(runId, run)
    run.batches.push(batch)
    run.points += sizeOf(batch)
    while (run.points > POINTS_KEPT && run.batches.length > 1) run.points -= sizeOf(run.batches.shift()!)
    if (this.runs.size > RUNS_KEPT) this.runs.delete(this.runs.keys().next().value!)
  }

  forget(runId: string): void {
    this.runs.delete(runId)
  }

  /**
   * What came after cursor `after` of a run whose cursor is now `current`. When that is no longer known, nothing but
   * `superseded` -1: draw anew.
   */
  since(runId: string, after: number, current: number): ChartDelta {
    if (after === current) return emptyDelta(current, null)
    const batches = (this.runs.get(runId)?.batches ?? []).filter((b) => b.cursor > after)
    if (after > current || batches.length !== current - after) return emptyDelta(current, -1)
    let superseded: number | null = null
    for (const b of batches) if (b.superseded !== null) superseded = Math.min(superseded ?? Infinity, b.superseded)
    const delta = emptyDelta(current, superseded)
    // With something taken back the caller draws anew from the library; a list of points would be misleading.
    if (superseded !== null) return delta
    const series = new Map<string, ChartDelta['series'][number]>()
    for (const batch of batches) {
      for (const [name, { steps, values }] of batch.series) {
        let s = series.get(name)
        if (!s) series.set(name, (s = { name, step: [], value: [] }))
        for (let i = 0; i < steps.length; i++) {
          s.step.push(steps[i]!)
          s.value.push(toMetricValue(values[i]!))
        }
      }
    }
    delta.series = [...series.values()]
    const marks = batches.flatMap((b) => b.marks)
    const stride = Math.ceil(marks.length / MARKS_SENT)
    marks.forEach((m, i) => {
      if (i % stride && i !== marks.length - 1) return
      delta.axis.step.push(m.step)
      delta.axis.epoch.push(m.epoch)
      delta.axis.time.push(m.time)
    })
    return delta
  }
}

function sizeOf(batch: RecentBatch): number {
  let points = batch.marks.length + 1
  for (const { steps } of batch.series.values()) points += steps.length
  return points
}
