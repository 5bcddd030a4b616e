import type { Database, Statement } from 'better-sqlite3'
import type { Chart, ChartSeries, StepAxis } from '../../shared/chart.ts'
import { FANOUT, NEGATIVE_INFINITY, POSITIVE_INFINITY, bucketOf, nonFiniteKind, readNode, topLevel } from './pyramid.ts'
import type { SummarySink } from './pyramid.ts'
import type { ChartQuery, MetricRow } from './types.ts'

/** A chart reads at most this many times as many stored buckets as it was asked for. */
const READ_PER_BUCKET = 10
const AXIS_MARKS = 400
const ROWS_PAGE = 5000

interface SeriesRow {
  id: number
  name: string
}

/** Charts and exports, from points and their roll-ups. */
export class Charts {
  private readonly seriesOf: Statement<[number], SeriesRow>
  private readonly seriesByName: Statement<[number, string], SeriesRow>
  private readonly cursor: Statement<[number], number>
  private readonly first: Statement<[number], number | null>
  private readonly last: Statement<[number], number | null>
  private readonly points: Statement<[number, number, number], [number, number | null]>
  private readonly nodes: Statement<[number, number, number, number], [number, Buffer]>
  private readonly marks: Statement<
    [{ run: number; steps: string; high: number }],
    [number, number | null, number | null]
  >
  private readonly edges: Statement<[{ run: number }], [number | null, number | null]>
  private readonly resumes: Statement<[number], number>
  private readonly rows: Statement<
    [number, number, number, number],
    [number, number | null, number | null, number | null]
  >

  constructor(db: Database) {
    this.seriesOf = db.prepare('SELECT id, name FROM series WHERE run = ? ORDER BY id')
    this.seriesByName = db.prepare('SELECT id, name FROM series WHERE run = ? AND name = ?')
    this.cursor = db.prepare('SELECT cursor FROM runs WHERE key = ?').pluck() as never
    this.first = db.prepare('SELECT min(step) FROM points WHERE series = ?').pluck() as never
    this.last = db.prepare('SELECT max(step) FROM points WHERE series = ?').pluck() as never
    this.points = db
      .prepare('SELECT step, value FROM points WHERE series = ? AND step BETWEEN ? AND ? ORDER BY step')
      .raw() as never
    this.nodes = db
      .prepare('SELECT node, data FROM rollups WHERE series = ? AND level = ? AND node BETWEEN ? AND ? ORDER BY node')
      .raw() as never
    // One statement for all marks: alone they would cost more than the chart.
    this.marks = db
      .prepare(
        `SELECT marks.step, marks.epoch, marks.time
         FROM json_each(@steps) AS wanted CROSS JOIN marks ON marks.run = @run AND marks.step =
           (SELECT min(step) FROM marks WHERE run = @run AND step >= wanted.value AND step <= @high)`,
      )
      .raw() as never
    this.edges = db
      .prepare('SELECT (SELECT min(step) FROM marks WHERE run = @run), (SELECT max(step) FROM marks WHERE run = @run)')
      .raw() as never
    this.resumes = db
      .prepare('SELECT resumed_from FROM attempts WHERE run = ? AND resumed_from IS NOT NULL')
      .pluck() as never
    this.rows = db
      .prepare(
        `SELECT points.step, marks.epoch, marks.time, points.value
         FROM points LEFT JOIN marks ON marks.run = ? AND marks.step = points.step
         WHERE points.series = ? AND points.step > ? ORDER BY points.step LIMIT ?`,
      )
      .raw() as never
  }

  names(run: number): string[] {
    return this.seriesOf.all(run).map((s) => s.name)
  }

  cursorOf(run: number): number {
    return this.cursor.get(run)!
  }

  chart(run: number, query: ChartQuery): Chart {
    const from = Math.max(0, Math.ceil(query.from ?? 0))
    const to = Math.min(Number.MAX_SAFE_INTEGER, Math.floor(query.to ?? Infinity))
    const series = query.names
      ? [...new Set(query.names)].flatMap((name) => this.seriesByName.get(run, name) ?? [])
      : this.seriesOf.all(run)
    return {
      series: series.map((s) => this.series(s, from, to, query.buckets ?? 1000)),
      axis: this.axis(run, from, to),
      cursor: this.cursorOf(run),
    }
  }

  private series({ id, name }: SeriesRow, from: number, to: number, buckets: number): ChartSeries {
    const first = this.first.get(id) ?? null
    const last = this.last.get(id) ?? null
    const answer: ChartSeries = { name, step: [], min: [], max: [], mean: [], nonFinite: [], lastStep: last, count: 0 }
    if (first === null || last === null) return answer
    const total = new Totals()
    const top = topLevel(last)
    this.readLevel(id, top, 0, bucketOf(top, last), total)
    answer.count = total.points
    const low = Math.max(from, first)
    const high = Math.min(to, last)
    if (low > high) return answer
    const limit = READ_PER_BUCKET * buckets
    let level = 0
    if (total.points > limit) while (level < top && (high - low + 1) / FANOUT ** level > limit) level++
    // One bucket in reserve, because buckets lie at multiples of their width and the range need not.
    const width = Math.max(1, Math.ceil((high - low + 1) / Math.max(1, buckets - 1)))
    const exact = level === 0 && (total.points <= buckets || high - low < buckets)
    const drawn = new Drawn(answer, exact ? 1 : width)
    this.read(id, level, low, high, drawn)
    drawn.flush()
    return answer
  }

  /** Reads a range with buckets of a level, and exactly at its ends with those of the levels below, down to points. */
  private read(id: number, level: number, low: number, high: number, sink: SummarySink): void {
    if (low > high) return
    if (level === 0) {
      for (const [step, value] of this.points.all(id, low, high)) {
        if (value !== null && Number.isFinite(value)) sink.add(step, value, value, value, 1, 0, 0)
        else sink.add(step, NaN, NaN, NaN, 0, 1, nonFiniteKind(value ?? NaN))
      }
      return
    }
    const width = FANOUT ** level
    const start = Math.ceil(low / width)
    const end = Math.floor((high + 1) / width)
    if (start >= end) return this.read(id, level - 1, low, high, sink)
    this.read(id, level - 1, low, start * width - 1, sink)
    this.readLevel(id, level, start, end - 1, sink)
    this.read(id, level - 1, end * width, high, sink)
  }

  private readLevel(id: number, level: number, firstBucket: number, lastBucket: number, sink: SummarySink): void {
    const firstNode = Math.floor(firstBucket / FANOUT)
    const lastNode = Math.floor(lastBucket / FANOUT)
    for (const [node, data] of this.nodes.all(id, level, firstNode, lastNode))
      readNode(
        data,
        node === firstNode ? firstBucket % FANOUT : 0,
        node === lastNode ? lastBucket % FANOUT : FANOUT - 1,
        sink,
      )
  }

  /** Marks at even distances, and on both sides of every resume, where the time jumps. */
  private axis(run: number, from: number, to: number): StepAxis {
    const axis: StepAxis = { step: [], epoch: [], time: [] }
    const [first, last] = this.edges.get({ run }) ?? [null, null]
    if (first === null || last === null) return axis
    const low = Math.max(from, first)
    const high = Math.min(to, last)
    if (low > high) return axis
    const wanted = new Set<number>([low, high])
    const stride = Math.max(1, (high - low) / AXIS_MARKS)
    for (let step = low; step < high; step += stride) wanted.add(Math.floor(step))
    for (const step of this.resumes.all(run).slice(-50)) {
      wanted.add(step)
      wanted.add(step + 1)
    }
    const steps = JSON.stringify([...wanted].filter((step) => step >= low && step <= high).sort((a, b) => a - b))
    let before = -1
    for (const [step, epoch, time] of this.marks.all({ run, steps, high })) {
      if (step <= before || epoch === null || time === null) continue
      before = step
      axis.step.push(step)
      axis.epoch.push(epoch)
      axis.time.push(time)
    }
    return axis
  }

  /** All points of a series, read by pages, so that the library isn't held between the caller's turns. */
  *metricRows(run: number, name: string): Generator<MetricRow> {
    const series = this.seriesByName.get(run, name)
    if (!series) return
    let after = -1
    for (;;) {
      const page = this.rows.all(run, series.id, after, ROWS_PAGE)
      for (const [step, epoch, time, value] of page) yield { step, epoch, time, value: value ?? NaN }
      if (page.length < ROWS_PAGE) return
      after = page.at(-1)![0]
    }
  }
}

class Totals implements SummarySink {
  points = 0
  add(_first: number, _min: number, _max: number, _mean: number, count: number, nonFinite: number): void {
    this.points += count + nonFinite
  }
}

/** Merges what is read into the buckets that are drawn. */
class Drawn implements SummarySink {
  private readonly answer: ChartSeries
  private readonly width: number
  private bucket = -1
  private first = 0
  private min = Infinity
  private max = -Infinity
  private mean = 0
  private count = 0
  private nonFinite = 0
  private kind = 0

  constructor(answer: ChartSeries, width: number) {
    this.answer = answer
    this.width = width
  }

  add(first: number, min: number, max: number, mean: number, count: number, nonFinite: number, kind: number): void {
    const bucket = Math.floor(first / this.width)
    if (bucket !== this.bucket) {
      this.flush()
      this.bucket = bucket
      this.first = first
    }
    if (this.kind === 0) this.kind = kind
    this.nonFinite += nonFinite
    if (count === 0) return
    if (min < this.min) this.min = min
    if (max > this.max) this.max = max
    const all = this.count + count
    this.mean = this.count === 0 ? mean : this.mean * (this.count / all) + mean * (count / all)
    this.count = all
  }

  flush(): void {
    const { answer, count } = this
    if (count + this.nonFinite > 0) {
      answer.step.push(this.first)
      answer.min.push(count ? this.min : null)
      answer.max.push(count ? this.max : null)
      answer.mean.push(count ? Math.min(this.max, Math.max(this.min, this.mean)) : null)
      if (this.nonFinite > 0)
        answer.nonFinite.push({
          step: this.first,
          count: this.nonFinite,
          value: this.kind === POSITIVE_INFINITY ? 'Infinity' : this.kind === NEGATIVE_INFINITY ? '-Infinity' : 'NaN',
        })
    }
    this.min = Infinity
    this.max = -Infinity
    this.count = this.nonFinite = this.kind = 0
  }
}
