import { describe, expect, it } from 'vitest'
import { existsSync } from 'node:fs'
import { Run } from '../../../src/shared/run.ts'
import type { LibraryEvent } from '../../../src/main/store/index.ts'
import {
  closeLibrary,
  hello,
  metrics,
  newRun,
  openTemporary,
  recording,
  sample,
  series,
  temporaryFolder,
} from './fixtures.ts'

const hostile = [
  '<script>alert(1)</script>&amp;"\'',
  "'); DROP TABLE runs; --",
  'nul\0in the middle',
  '👩‍🔬 naïve Ωμέγα عربي',
  '../../etc/passwd',
  '__proto__',
  'x'.repeat(100_000),
]

describe('runs', () => {
  it('come back as the API shows them', () => {
    const library = openTemporary()
    const run = library.createRun({ ...newRun, tags: ['a'], notes: 'n', status: 'paused', restartOf: 'other' })
    expect(Run.parse(run)).toEqual(run)
    expect(run).toMatchObject({ name: 'wgan-gp 1', tags: ['a'], notes: 'n', restartOf: 'other', queuePosition: null })
    expect(library.createRun(newRun).name).toBe('wgan-gp 2')
    expect(library.runs().map((r) => r.name)).toEqual(['wgan-gp 2', 'wgan-gp 1'])
  })

  it('have ids of their own, however many are made in a second', () => {
    const library = openTemporary()
    // Ids have 20 bits of chance in a second: among so many, some are bound to be drawn twice.
    const runs = library.batch(() =>
      Array.from({ length: 4000 }, () => library.createRun({ ...newRun, status: 'paused' })),
    )
    expect(new Set(runs.map(({ id }) => id)).size).toBe(4000)
  })

  it.each(hostile)('keep any text as it is: %j', (text) => {
    const folder = temporaryFolder()
    const library = openTemporary(folder)
    const run = recording(library)
    library.updateRun(run.id, {
      name: text,
      notes: text,
      tags: [text],
      problem: { message: text, hint: text, detail: null },
    })
    run.ingest(hello(), series(text, 'other'), metrics(0, 1, 2), sample(0, new Uint8Array([1]), text), {
      type: 'log',
      time: 1,
      level: 'info',
      message: text,
    })
    library.updateRun(run.id, { problem: { message: text, hint: text, detail: null } })
    closeLibrary(library)
    const again = openTemporary(folder)
    expect(again.run(run.id)).toMatchObject({
      name: text,
      notes: text,
      tags: [text],
      problem: { message: text, hint: text },
    })
    expect(Object.entries(again.run(run.id)!.metrics)).toEqual([
      [text, 1],
      ['other', 2],
    ])
    expect(again.metricNames(run.id)).toEqual([text, 'other'])
    expect(again.chart(run.id, { names: [text] }).series[0]).toMatchObject({ name: text, mean: [1] })
    expect(again.samples(run.id)[0]!.name).toBe(text)
    expect(again.log(run.id)[0]!.message).toBe(text)
  })

  it('are missing by a clear message', () => {
    const library = openTemporary()
    expect(library.run('nope')).toBeNull()
    expect(() => library.updateRun('nope', { name: 'x' })).toThrow('There is no run "nope"')
    expect(() => library.chart('nope')).toThrow('There is no run "nope"')
    expect(() => library.startAttempt('nope')).toThrow('There is no run "nope"')
  })

  it('tell listeners once a commit, and not when one fails', () => {
    const library = openTemporary()
    const events: LibraryEvent[] = []
    const end = library.subscribe((e) => events.push(e))
    const a = library.createRun(newRun)
    const b = library.createRun(newRun)
    library.moveInQueue(b.id, 1)
    expect(() => library.updateRun('nope', { name: 'x' })).toThrow()
    end()
    library.updateRun(a.id, { name: 'silent' })
    expect(events.map((e) => e.type === 'runs' && e.changed.length)).toEqual([1, 1, 2])
  })
})

describe('the queue', () => {
  it('keeps its order, moves and closes its gaps', () => {
    const library = openTemporary()
    const [a, b, c, d] = [1, 2, 3, 4].map(() => library.createRun(newRun).id) as [string, string, string, string]
    expect(library.queue()).toEqual([a, b, c, d])
    library.moveInQueue(d, 1)
    library.moveInQueue(a, 99)
    expect(library.queue()).toEqual([d, b, c, a])
    library.startAttempt(b)
    library.updateRun(c, { status: 'stopped' })
    expect(library.queue()).toEqual([d, a])
    library.updateRun(c, { status: 'queued' })
    expect([d, a, c, b].map((id) => library.run(id)!.queuePosition)).toEqual([1, 2, 3, null])
    expect(() => library.moveInQueue(b, 1)).toThrow('not in the queue')
  })
})

describe('attempts', () => {
  it('add up the time in workers and end with the run', () => {
    const library = openTemporary()
    const { id } = library.createRun(newRun)
    library.startAttempt(id, { at: 1000 })
    library.setAttemptProcess(id, 1, { pid: 7, processStart: 'boot+5' })
    expect(library.run(id)).toMatchObject({ status: 'starting', startedAt: 1000, attemptStartedAt: 1000, attempts: 1 })
    expect(existsSync(library.attemptDirectory(id, 1))).toBe(true)
    expect(library.openAttempts()).toMatchObject([{ runId: id, attempt: 1, pid: 7, processStart: 'boot+5' }])
    const problem = { message: 'The worker was killed.', hint: null, detail: null }
    library.endAttempt(id, 1, { at: 4000, status: 'interrupted', problem })
    expect(library.run(id)).toMatchObject({ status: 'interrupted', activeMs: 3000, endedAt: 4000, problem })
    library.startAttempt(id, { at: 10_000, resumedFrom: 50 })
    expect(library.run(id)).toMatchObject({ startedAt: 1000, attemptStartedAt: 10_000, endedAt: null, problem: null })
    library.endAttempt(id, 2, { at: 11_000, status: 'paused' })
    expect(library.run(id)).toMatchObject({ status: 'paused', activeMs: 4000, endedAt: null, attemptStartedAt: null })
    expect(library.openAttempts()).toEqual([])
    expect(library.attempts(id).map((a) => a.resumedFrom)).toEqual([null, 50])
  })

  it('believe what the worker said of its end rather than who found it gone', () => {
    const library = openTemporary()
    const run = recording(library)
    run.ingest(hello(), { type: 'ended', time: 9000, status: 'done', step: 5, problem: null })
    library.endAttempt(run.id, 1, { status: 'interrupted' })
    expect(library.run(run.id)).toMatchObject({ status: 'done', endedAt: 9000 })
  })
})

describe('removal', () => {
  it('takes a run out with everything, gives the space back, and leaves shared contents to others', async () => {
    const library = openTemporary()
    const png = new Uint8Array(300_000).fill(7)
    const [a, b] = [recording(library), recording(library)]
    for (const run of [a, b]) {
      run.ingest(hello(), series('loss'), sample(0, png), sample(1, new Uint8Array(200_000).fill(run === a ? 1 : 2)))
      for (let at = 0; at < 20_000; at += 2000)
        run.ingest(...Array.from({ length: 2000 }, (_, i) => metrics(at + i, Math.sin(at + i))))
    }
    library.endAttempt(a.id, 1, { status: 'stopped' })
    const [shared, own] = library.samples(a.id)
    const before = library.info().bytes
    const seen: LibraryEvent[] = []
    library.subscribe((e) => seen.push(e))
    expect(library.removeRuns([a.id, 'nope'])).toEqual([a.id])
    expect(library.run(a.id)).toBeNull()
    expect(library.runs().map((r) => r.id)).toEqual([b.id])
    const emptying = library.emptyBin()
    expect(library.bin()).toEqual([])
    expect(library.restoreRuns([a.id])).toEqual([])
    const { deleted, freedBytes } = await emptying
    expect(deleted).toEqual([a.id])
    expect(seen).toEqual([{ type: 'runs', changed: [], removed: [a.id] }])
    expect(freedBytes).toBeGreaterThan(500_000)
    expect(library.info().bytes).toBeLessThan(before - 500_000)
    expect(existsSync(a.folder)).toBe(false)
    expect(library.blob(own!.hash)).toBeNull()
    expect(library.blob(shared!.hash)).toEqual(Buffer.from(png))
    expect(library.chart(b.id).series[0]!.count).toBe(20_000)
  })

  it('keeps a removed run whole in the bin, whatever is swept, until it is restored', async () => {
    const folder = temporaryFolder()
    const library = openTemporary(folder)
    const run = recording(library)
    run.ingest(hello(), series('loss'), ...Array.from({ length: 100 }, (_, i) => metrics(i, i)))
    run.ingest(sample(1, Buffer.from('picture')))
    library.endAttempt(run.id, 1, { status: 'done' })
    const queued = library.createRun(newRun)
    const before = library.run(run.id)
    expect(library.removeRuns([run.id, queued.id])).toEqual([run.id, queued.id])
    expect(library.queue()).toEqual([])
    expect(() => library.updateRun(run.id, { name: 'x' })).toThrow('no run')
    closeLibrary(library)

    const again = openTemporary(folder)
    await again.sweep()
    await again.compact()
    expect(await again.emptyBin({ before: Date.now() - 60_000 })).toEqual({ deleted: [], freedBytes: 0 })
    expect(again.bin().map(({ run }) => run.id)).toEqual([queued.id, run.id])
    expect(again.bin()[1]!.run).toEqual(before)
    expect(again.bin().map(({ bytes }) => bytes)).toEqual([0, 'picture'.length])
    const seen: LibraryEvent[] = []
    again.subscribe((e) => seen.push(e))
    expect(again.restoreRuns([run.id, queued.id, 'nope'])).toEqual([run.id, queued.id])
    expect(seen).toEqual([{ type: 'runs', changed: [run.id, queued.id], removed: [] }])
    expect(again.bin()).toEqual([])
    expect(again.run(run.id)).toEqual(before)
    expect(again.chart(run.id).series[0]!.count).toBe(100)
    expect(again.blob(again.samples(run.id)[0]!.hash)).toEqual(Buffer.from('picture'))
    // Nothing that was in the bin starts to train because it comes back.
    expect(again.run(queued.id)).toMatchObject({ status: 'stopped', queuePosition: null })
    expect(again.queue()).toEqual([])
  })

  it('empties the bin of what is old, or of what is named', async () => {
    const library = openTemporary()
    const [a, b, c] = [library.createRun(newRun), library.createRun(newRun), library.createRun(newRun)]
    library.removeRuns([a.id])
    await new Promise((resolve) => setTimeout(resolve, 20))
    const before = Date.now()
    library.removeRuns([b.id, c.id])
    expect((await library.emptyBin({ before })).deleted).toEqual([a.id])
    expect((await library.emptyBin({ ids: [c.id, a.id] })).deleted).toEqual([c.id])
    expect(library.bin().map(({ run }) => run.id)).toEqual([b.id])
  })

  it('goes on after a crash', async () => {
    const folder = temporaryFolder()
    const library = openTemporary(folder)
    const run = recording(library)
    run.ingest(hello(), series('loss'), ...Array.from({ length: 50_000 }, (_, i) => metrics(i, i)))
    library.removeRuns([run.id])
    void library.emptyBin()
    closeLibrary(library)
    const again = openTemporary(folder)
    const before = again.info().bytes
    expect(again.runs()).toEqual([])
    await again.sweep()
    expect(again.info().bytes).toBeLessThan(before / 2)
  })
})
