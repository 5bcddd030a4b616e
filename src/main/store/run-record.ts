import type { Database } from 'better-sqlite3'
import type { MetricsEvent, SampleHeader } from '../../shared/events.ts'
import { toMetricValue } from '../../shared/run.ts'
import type { Checkpoint, LogLine, MetricValue, Progress, Sample } from '../../shared/run.ts'
import type { RecentBatch } from './recent.ts'
import { sampleColumns, toSample } from './rows.ts'
import type { SampleRow } from './rows.ts'
import { SeriesWriter } from './series-writer.ts'
import type { SeriesStatements } from './series-writer.ts'
import { wellFormed } from './sql.ts'
import type { BulkInsert } from './sql.ts'

export const isStep = (step: number) => Number.isSafeInteger(step) && step >= 0

interface Column {
  steps: number[]
  values: number[]
}

const statements = (db: Database) => ({
  addSeries: db.prepare<[number, string]>('INSERT INTO series (run, name) VALUES (?, ?)'),
  cutMarks: db.prepare<[number, number]>('DELETE FROM marks WHERE run = ? AND step > ?'),
  cutSamples: db
    .prepare<[number, number], number>('DELETE FROM samples WHERE run = ? AND step > ? RETURNING blob')
    .pluck(),
  cutCheckpoints: db
    .prepare<[number, number], number>('DELETE FROM checkpoints WHERE run = ? AND step > ? RETURNING blob')
    .pluck(),
  dropSeries: db.prepare<[number]>('DELETE FROM series WHERE id = ?'),
  newestSample: db.prepare<[number], SampleRow>(
    `SELECT ${sampleColumns} WHERE samples.run = ? ORDER BY samples.step DESC, samples.name LIMIT 1`,
  ),
  sampleBlob: db
    .prepare<[number, number, string], number>('SELECT blob FROM samples WHERE run = ? AND step = ? AND name = ?')
    .pluck(),
  oldCheckpoint: db.prepare<[number, number], { blob: number; name: string | null }>(
    'SELECT blob, name FROM checkpoints WHERE run = ? AND step = ?',
  ),
  putSample: db.prepare('INSERT OR REPLACE INTO samples VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
  putCheckpoint: db.prepare(
    `INSERT INTO checkpoints (run, step, epoch, time, blob, ordinal)
     VALUES (@run, @step, @epoch, @time, @blob,
       1 + coalesce((SELECT max(ordinal) FROM checkpoints WHERE run = @run), 0))
     ON CONFLICT (run, step) DO UPDATE SET epoch = excluded.epoch, time = excluded.time, blob = excluded.blob`,
  ),
  putLog: db.prepare('INSERT INTO log (run, seq, attempt, time, level, message) VALUES (?, ?, ?, ?, ?, ?)'),
  putSets: db.prepare('UPDATE attempts SET series_sets = ? WHERE run = ? AND attempt = ?'),
  putOffset: db.prepare('UPDATE attempts SET log_offset = ? WHERE run = ? AND attempt = ?'),
  putRun: db.prepare(
    `UPDATE runs SET progress = coalesce(?, progress), metrics = ?, thumbnail = ?, cursor = ?, log_lines = ?
     WHERE key = ?`,
  ),
})
const prepared = new WeakMap<Database, ReturnType<typeof statements>>()

/** What is being recorded of one run in one attempt: its series, columns and newest values, between batches too. */
export class RunRecord {
  readonly key: number
  readonly attempt: number
  progress: Progress | null = null
  private readonly sql: ReturnType<typeof statements>
  private readonly series: SeriesStatements
  private readonly markRows: BulkInsert
  private readonly writers = new Map<string, SeriesWriter>()
  private readonly sets = new Map<number, string[]>()
  /** Of each set, the columns that its values go to. */
  private readonly columns = new Map<number, Column[]>()
  private readonly pending = new Map<string, Column>()
  private marks: { step: number; epoch: number; time: number }[] = []
  private newest: Map<string, MetricValue>
  private thumbnail: Sample | null
  private cursor: number
  private logLines: number
  private recent: RecentBatch | null = null

  constructor(db: Database, series: SeriesStatements, markRows: BulkInsert, key: number, attempt: number) {
    this.series = series
    this.markRows = markRows
    this.key = key
    this.attempt = attempt
    this.sql = prepared.get(db) ?? statements(db)
    prepared.set(db, this.sql)
    const run = db
      .prepare<[number], { metrics: string; thumbnail: string | null; cursor: number; log_lines: number }>(
        'SELECT metrics, thumbnail, cursor, log_lines FROM runs WHERE key = ?',
      )
      .get(key)!
    this.newest = new Map(Object.entries(JSON.parse(run.metrics) as Record<string, MetricValue>))
    this.thumbnail = run.thumbnail === null ? null : (JSON.parse(run.thumbnail) as Sample)
    this.cursor = run.cursor
    this.logLines = run.log_lines
    const names = db
      .prepare<[number], { id: number; name: string }>('SELECT id, name FROM series WHERE run = ?')
      .all(key)
    for (const { id, name } of names) this.writers.set(name, new SeriesWriter(series, id))
    const sets = db
      .prepare('SELECT series_sets FROM attempts WHERE run = ? AND attempt = ?')
      .pluck()
      .get(key, attempt) as string
    for (const [set, columns] of Object.entries(JSON.parse(sets) as Record<string, string[]>))
      this.bind(Number(set), columns)
  }

  announce(set: number, names: string[]): void {
    this.bind(set, names.map(wellFormed))
    this.sql.putSets.run(JSON.stringify(Object.fromEntries(this.sets)), this.key, this.attempt)
  }

  private bind(set: number, names: string[]): void {
    this.sets.set(set, names)
    this.columns.set(
      set,
      names.map((name) => {
        let column = this.pending.get(name)
        if (!column) this.pending.set(name, (column = { steps: [], values: [] }))
        return column
      }),
    )
  }

  /** Returns whether its set is known and has as many names. */
  metrics({ set, step, epoch, time, values }: MetricsEvent): boolean {
    const columns = this.columns.get(set)
    if (!columns || columns.length !== values.length) return false
    for (let i = 0; i < columns.length; i++) {
      columns[i]!.steps.push(step)
      columns[i]!.values.push(values[i]!)
    }
    this.marks.push({ step, epoch, time })
    return true
  }

  /** Writes what has come in. */
  flush(): void {
    if (this.marks.length === 0) return
    const recent = this.beginRecent()
    for (const [name, column] of this.pending) {
      if (column.steps.length === 0) continue
      const writer = this.writer(name)
      const { steps, values } = column
      const back = writer.append(steps, values)
      // A chart that has drawn beyond this step can't just add to its end.
      if (back !== null) recent.superseded = Math.min(recent.superseded ?? Infinity, back - 1)
      this.newest.set(name, toMetricValue(writer.lastValue))
      const before = recent.series.get(name)
      recent.series.set(
        name,
        before ? { steps: before.steps.concat(steps), values: before.values.concat(values) } : { steps, values },
      )
      column.steps = []
      column.values = []
    }
    const rows: (number | null)[] = []
    for (let i = 0; i < this.marks.length; i++) {
      const mark = this.marks[i]!
      // Several sets of one step make one mark.
      if (this.marks[i + 1]?.step !== mark.step)
        rows.push(
          this.key,
          mark.step,
          Number.isNaN(mark.epoch) ? null : mark.epoch,
          Number.isNaN(mark.time) ? null : mark.time,
        )
    }
    this.markRows.insert(rows)
    recent.marks = recent.marks.concat(this.marks)
    this.marks = []
  }

  private writer(name: string): SeriesWriter {
    let writer = this.writers.get(name)
    if (!writer) {
      const id = Number(this.sql.addSeries.run(this.key, name).lastInsertRowid)
      this.writers.set(name, (writer = new SeriesWriter(this.series, id)))
    }
    return writer
  }

  private beginRecent(): RecentBatch {
    return (this.recent ??= { cursor: ++this.cursor, superseded: null, series: new Map(), marks: [] })
  }

  /** The batch as charts take it, once, or null when it had nothing for them. */
  takeRecent(): RecentBatch | null {
    const recent = this.recent
    this.recent = null
    return recent
  }

  /**
   * Takes back all after `step` (-1: all). Returns `step` when there was something to take back, else null.
   * @param any whether something was taken back elsewhere already
   */
  supersede(step: number, release: (blob: number) => void, any: boolean): number | null {
    this.flush()
    for (const [name, writer] of this.writers) {
      if (writer.lastStep <= step) continue
      any = true
      writer.truncate(step)
      if (writer.lastStep < 0) {
        this.sql.dropSeries.run(writer.id)
        this.writers.delete(name)
        this.newest.delete(name)
      } else this.newest.set(name, toMetricValue(writer.lastValue))
    }
    this.sql.cutMarks.run(this.key, step)
    const blobs = [...this.sql.cutSamples.all(this.key, step), ...this.sql.cutCheckpoints.all(this.key, step)]
    for (const blob of new Set(blobs)) release(blob)
    if (blobs.length > 0) any = true
    const newest = this.sql.newestSample.get(this.key)
    this.thumbnail = newest ? toSample(newest) : null
    if (!any) return null
    const recent = this.beginRecent()
    recent.superseded = Math.min(recent.superseded ?? Infinity, step)
    return step
  }

  sample(s: Omit<SampleHeader, 'type'> & { hash: string }, blob: number, release: (old: number) => void): Sample {
    const old = this.sql.sampleBlob.get(this.key, s.step, s.name)
    this.sql.putSample.run(
      this.key,
      s.step,
      s.name,
      s.epoch,
      s.time,
      s.columns,
      s.rows,
      s.tileWidth,
      s.tileHeight,
      blob,
    )
    if (old !== undefined && old !== blob) release(old)
    if (!this.thumbnail || s.step >= this.thumbnail.step) this.thumbnail = { ...s }
    return { ...s }
  }

  checkpoint(
    c: Omit<Checkpoint, 'hash' | 'name'> & { sha256: string },
    blob: number,
    release: (old: number) => void,
  ): Checkpoint {
    const { step, epoch, time, bytes } = c
    const old = this.sql.oldCheckpoint.get(this.key, step)
    this.sql.putCheckpoint.run({ run: this.key, step, epoch, time, blob })
    if (old && old.blob !== blob) release(old.blob)
    return { hash: c.sha256, step, epoch, bytes, time, name: old?.name ?? null }
  }

  logLine(time: number, level: LogLine['level'], message: string): LogLine {
    const line = { seq: this.logLines++, time, level, message: wellFormed(message) }
    this.sql.putLog.run(this.key, line.seq, this.attempt, time, level, line.message)
    return line
  }

  /** Writes what is left and how far the log is read. */
  finish(offset: number): void {
    this.flush()
    this.sql.putOffset.run(offset, this.key, this.attempt)
    this.sql.putRun.run(
      this.progress === null ? null : JSON.stringify(this.progress),
      JSON.stringify(Object.fromEntries(this.newest)),
      this.thumbnail === null ? null : JSON.stringify(this.thumbnail),
      this.cursor,
      this.logLines,
      this.key,
    )
    this.progress = null
  }
}
