import type { Chart, ChartDelta, StepAxis } from '../../shared/chart.ts'
import { appendPoints, bucketsOf, emptyBuckets, stitch } from './buckets.ts'
import type { Buckets } from './buckets.ts'
import { appendAxis, emptyAxis } from './step-axis.ts'
import type { DetailRange } from './view-range.ts'

interface Fine {
  buckets: Buckets
  /** Fine up to this step. */
  to: number
}
interface Detail {
  range: DetailRange
  series: Map<string, Fine>
}

/**
 * All series of one run as its charts show them: the whole history coarsely, the range in view finely, and what
 * has come since appended to both. `version` rises with every change.
 */
export class RunChart {
  version = 0
  /** How often the whole history was taken anew. */
  loads = 0
  cursor = 0
  axis: StepAxis = emptyAxis()
  private whole = new Map<string, Buckets>()
  private detail: Detail | null = null

  get names(): string[] {
    return [...this.whole.keys()]
  }

  get detailRange(): DetailRange | null {
    return this.detail?.range ?? null
  }

  /** Takes the whole history, in place of all there was. */
  load(chart: Chart): void {
    this.whole = new Map(chart.series.map((s) => [s.name, bucketsOf(s)]))
    this.axis = chart.axis
    this.cursor = chart.cursor
    this.detail = null
    this.loads++
    this.version++
  }

  /** Takes a range in detail. */
  loadDetail(range: DetailRange, chart: Chart): void {
    const series = new Map<string, Fine>()
    for (const s of chart.series) {
      // Deltas went on while the answer was under way: past its last step, the coarse series knows more.
      const to = Math.min(range.to, (s.lastStep ?? -Infinity) + 1)
      series.set(s.name, { buckets: bucketsOf(s, range.to), to })
    }
    this.detail = { range, series }
    this.version++
  }

  /** @returns false when points were taken back and the whole chart must be fetched anew. */
  apply(delta: ChartDelta): boolean {
    if (delta.superseded !== null) return false
    if (delta.cursor < this.cursor) return true
    this.cursor = delta.cursor
    if (delta.series.length === 0 && delta.axis.step.length === 0) return true
    this.axis = appendAxis(this.axis, delta.axis)
    for (const { name, step, value } of delta.series) {
      let whole = this.whole.get(name)
      if (!whole) this.whole.set(name, (whole = emptyBuckets()))
      appendPoints(whole, step, value)
    }
    this.version++
    return true
  }

  /** Steps that a bucket of the coarse series spans, the widest of all. */
  get span(): number {
    let span = 1
    for (const b of this.whole.values()) span = Math.max(span, b.span)
    return span
  }

  get lastStep(): number {
    let last = 0
    for (const b of this.whole.values()) last = Math.max(last, b.last.at(-1) ?? 0)
    return last
  }

  /** A series as it is to be drawn. */
  series(name: string): Buckets | null {
    const whole = this.whole.get(name)
    if (!whole) return null
    const fine = this.detail?.series.get(name)
    if (!this.detail || !fine) return whole
    return stitch(whole, fine.buckets, this.detail.range.from, fine.to)
  }
}
