import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import type { LibraryEvent } from '../../../src/main/store/index.ts'
import {
  closeLibrary,
  engine,
  hello,
  metrics,
  newRun,
  openTemporary,
  recording,
  sample,
  series,
  temporaryFolder,
} from './fixtures.ts'
import type { WorkerEvent } from '../../../src/shared/events.ts'

const png = (n: number) => new Uint8Array([137, 80, 78, 71, n])

function checkpoint(folder: string, step: number, content: Uint8Array): WorkerEvent {
  const file = `checkpoint-${step}.safetensors`
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, file), content)
  const sha256 = createHash('sha256').update(content).digest('hex')
  return { type: 'checkpoint', time: 6, step, epoch: step / 100, file, bytes: content.length, sha256 }
}

describe('ingest', () => {
  it('takes a whole attempt, from hello to its end', () => {
    const library = openTemporary()
    const events: LibraryEvent[] = []
    const run = recording(library)
    library.subscribe((e) => events.push(e))
    const progress = { step: 1, totalSteps: 2, epoch: 0.5, epochs: 1, stepsPerSecond: 20, etaSeconds: 1, message: null }
    run.ingest(hello(), { type: 'progress', time: 2, ...progress })
    expect(library.run(run.id)).toMatchObject({ status: 'running', engine, progress })
    const result = run.ingest(
      series('loss', 'D(x)'),
      metrics(0, 1, 2),
      metrics(1, 3, NaN),
      sample(1, png(1)),
      { type: 'log', time: 3, level: 'warning', message: 'slow' },
      { type: 'ended', time: 4000, status: 'done', step: 1, problem: null },
    )
    expect(result).toMatchObject({ points: 4, superseded: null, ended: 'done', log: [{ seq: 0, message: 'slow' }] })
    expect(library.run(run.id)).toMatchObject({
      status: 'done',
      endedAt: 4000,
      metrics: { loss: 3, 'D(x)': 'NaN' },
      thumbnail: { step: 1, name: 'fixed noise' },
    })
    expect(library.samples(run.id)).toEqual(result.samples)
    expect(library.blob(result.samples[0]!.hash)).toEqual(Buffer.from(png(1)))
    expect(events.map((e) => e.type)).toEqual(['runs', 'ingested', 'runs', 'ingested'])
    expect([...library.metricRows(run.id, 'loss')]).toEqual([
      { step: 0, epoch: 0, time: 1e12, value: 1 },
      { step: 1, epoch: 0.01, time: 1e12 + 50, value: 3 },
    ])
    expect(library.chart(run.id).axis).toEqual({ step: [0, 1], epoch: [0, 0.01], time: [1e12, 1e12 + 50] })
  })

  it('refuses a batch that does not follow, and keeps nothing of one that fails', () => {
    const library = openTemporary()
    const run = recording(library)
    run.ingest(hello(), series('loss'), metrics(0, 1))
    const at = library.attempts(run.id)[0]!.logOffset
    const batch = { runId: run.id, attempt: 1, events: [metrics(1, 2)] }
    expect(() => library.ingest({ ...batch, from: 0, to: at + 50 })).toThrow(`up to byte ${at}`)
    expect(() => library.ingest({ ...batch, attempt: 2, from: 0, to: 50 })).toThrow('no attempt 2')
    const db = (library as unknown as { db: Database.Database }).db
    const pages = db.pragma('page_count', { simple: true })
    db.pragma(`max_page_count = ${pages as number}`)
    const big = Array.from({ length: 20_000 }, (_, i) => metrics(i + 1, i))
    expect(() => library.ingest({ ...batch, events: big, from: at, to: at + 50 })).toThrow(
      'The disk that holds the library is full',
    )
    expect(library.attempts(run.id)[0]!.logOffset).toBe(at)
    expect(library.chart(run.id).series[0]!.count).toBe(1)
    db.pragma('max_page_count = 1000000')
    run.ingest(...big)
    expect(library.chart(run.id).series[0]!.count).toBe(20_001)
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
  })

  it('goes on in the middle of a log after a restart, columns and all', () => {
    const folder = temporaryFolder()
    const library = openTemporary(folder)
    const run = recording(library)
    run.ingest(hello(), series('loss', 'other'), metrics(0, 1, 2))
    const cursor = library.chart(run.id).cursor
    closeLibrary(library)
    const again = openTemporary(folder)
    const from = again.attempts(run.id)[0]!.logOffset
    again.ingest({ runId: run.id, attempt: 1, events: [metrics(1, 3, 4)], from, to: from + 51 })
    expect(again.run(run.id)!.metrics).toEqual({ loss: 3, other: 4 })
    expect(again.delta(run.id, cursor).series).toEqual([
      { name: 'loss', step: [1], value: [3] },
      { name: 'other', step: [1], value: [4] },
    ])
  })

  it('says in the log of the run what it could not take', () => {
    const library = openTemporary()
    const run = recording(library)
    const result = run.ingest(
      hello(),
      series('loss'),
      metrics(1.5, 1),
      metrics(-1, 1),
      metrics(0, 1, 2),
      sample(0.5, png(1)),
      {
        ...checkpoint(run.folder, 5, png(2)),
        sha256: '0'.repeat(64),
      } as WorkerEvent,
      { ...checkpoint(run.folder, 6, png(2)), file: '../../escape' } as WorkerEvent,
    )
    expect(result.points).toBe(0)
    expect(result.log.map((l) => l.message)).toEqual([
      expect.stringContaining('metrics at step 1.5'),
      expect.stringContaining('metrics at step -1'),
      expect.stringContaining('no such set'),
      expect.stringContaining('a sample at step 0.5'),
      expect.stringContaining('SHA-256'),
      expect.stringContaining('outside'),
    ])
    expect(library.checkpoints(run.id)).toEqual([])
  })

  it('takes checkpoint files in whole, in parts, once, and removes them from the attempt', async () => {
    const library = openTemporary()
    const run = recording(library)
    const content = new Uint8Array(2_500_000).map((_, i) => i * 7)
    const event = checkpoint(run.folder, 10, content) as Extract<WorkerEvent, { type: 'checkpoint' }>
    const file = join(run.folder, event.file)
    await expect(library.stageBlob(file, { ...event, bytes: 5 })).rejects.toThrow('2500000 bytes where 5')
    await library.stageBlob(file, event)
    run.ingest(hello(), event)
    expect(existsSync(file)).toBe(false)
    const [stored] = library.checkpoints(run.id)
    expect(stored).toEqual({ hash: event.sha256, step: 10, epoch: 0.1, bytes: content.length, time: 6, name: null })
    run.ingest(checkpoint(run.folder, 20, content))
    expect(library.checkpoints(run.id).map((c) => c.hash)).toEqual([stored!.hash, stored!.hash])
    expect(library.info().bytes).toBeLessThan(4_000_000 + 5_500_000)
    const copy = join(run.folder, 'sub', 'copy')
    await library.writeBlob(stored!.hash, copy)
    expect(readFileSync(copy).equals(content)).toBe(true)
    expect(library.blob(stored!.hash)).toEqual(Buffer.from(content))
  })

  it('refuses a content that has changed on the disk', async () => {
    const library = openTemporary()
    const run = recording(library)
    run.ingest(hello(), sample(0, png(1)))
    const { hash } = library.samples(run.id)[0]!
    const db = (library as unknown as { db: Database.Database }).db
    db.prepare('UPDATE blob_parts SET data = ?').run(png(9))
    expect(() => library.blob(hash)).toThrow('damaged')
    await expect(library.writeBlob(hash, join(run.folder, 'x'))).rejects.toThrow('damaged')
    expect(existsSync(join(run.folder, 'x'))).toBe(false)
  })
})

describe('a resumed run', () => {
  it('takes back what was recorded after its checkpoint, in one commit with the hello', async () => {
    const library = openTemporary()
    const first = recording(library)
    first.ingest(hello(), series('loss', 'late'))
    for (let step = 0; step < 100; step++) first.ingest(metrics(step, step, -step))
    first.ingest(
      sample(50, png(1)),
      sample(90, png(2)),
      checkpoint(first.folder, 60, png(3)),
      checkpoint(first.folder, 90, png(4)),
    )
    const cursor = library.chart(first.id).cursor
    library.endAttempt(first.id, 1, { status: 'interrupted' })

    const second = recording(library, library.run(first.id)!)
    expect(second.ingest(hello(2, 60)).superseded).toBe(60)
    expect(library.chart(first.id).series.map((s) => [s.lastStep, s.count])).toEqual([
      [60, 61],
      [60, 61],
    ])
    expect(library.chart(first.id).axis.step.at(-1)).toBe(60)
    expect(library.samples(first.id).map((s) => s.step)).toEqual([50])
    expect(library.checkpoints(first.id).map((c) => c.step)).toEqual([60])
    expect(library.blob(createHash('sha256').update(png(4)).digest('hex'))).toBeNull()
    expect(library.run(first.id)).toMatchObject({ metrics: { loss: 60, late: -60 }, thumbnail: { step: 50 } })
    expect(library.delta(first.id, cursor)).toMatchObject({ superseded: 60, series: [] })

    second.ingest(series('loss', 'late'), metrics(61, 1000, 1))
    expect(library.chart(first.id).series[0]!.mean.slice(-2)).toEqual([60, 1000])
    expect(library.attempts(first.id)[1]).toMatchObject({ resumedFrom: 60 })
  })

  it('that begins anew takes everything back', () => {
    const library = openTemporary()
    const first = recording(library)
    first.ingest(hello(), series('loss'), metrics(0, 1), metrics(1, 2), sample(0, png(1)))
    library.endAttempt(first.id, 1, { status: 'failed' })
    const second = recording(library, library.run(first.id)!)
    second.ingest(hello(2, null))
    expect(library.metricNames(first.id)).toEqual([])
    expect(library.samples(first.id)).toEqual([])
    expect(library.run(first.id)).toMatchObject({ metrics: {}, thumbnail: null })
    second.ingest(series('loss'), metrics(0, 7))
    expect([...library.metricRows(first.id, 'loss')].map((r) => r.value)).toEqual([7])
  })

  it('closes the log of the attempt before', () => {
    const library = openTemporary()
    const first = recording(library)
    first.ingest(hello(), series('loss'))
    library.endAttempt(first.id, 1, { status: 'interrupted' })
    library.startAttempt(first.id)
    expect(() => first.ingest(metrics(0, 1))).toThrow("isn't its newest")
  })
})

describe('deltas', () => {
  it('bring exactly what came after a cursor, and ask to draw anew when that is not known', () => {
    const library = openTemporary()
    const run = recording(library, library.createRun(newRun))
    run.ingest(hello(), series('loss'), metrics(0, 1))
    const { cursor } = library.chart(run.id)
    expect(library.delta(run.id, cursor)).toEqual({
      cursor,
      superseded: null,
      axis: { step: [], epoch: [], time: [] },
      series: [],
    })
    run.ingest(metrics(1, NaN))
    run.ingest(metrics(2, Infinity), { type: 'log', time: 1, level: 'info', message: 'x' })
    const delta = library.delta(run.id, cursor)
    expect(delta).toMatchObject({
      superseded: null,
      series: [{ name: 'loss', step: [1, 2], value: ['NaN', 'Infinity'] }],
      axis: { step: [1, 2] },
    })
    expect(library.delta(run.id, delta.cursor).series).toEqual([])
    run.ingest(metrics(1, 5))
    expect(library.delta(run.id, delta.cursor).superseded).toBe(0)
    for (let at = 0; at < 120_000; at += 6000)
      run.ingest(...Array.from({ length: 6000 }, (_, i) => metrics(3 + at + i, i)))
    expect(library.delta(run.id, cursor)).toMatchObject({ superseded: -1, series: [] })
    expect(library.delta(run.id, 1e9).superseded).toBe(-1)
  })
})
