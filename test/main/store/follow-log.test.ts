import { spawn } from 'node:child_process'
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { followLog } from '../../../src/main/store/index.ts'
import { encodeEvent } from '../../../src/shared/event-log.ts'
import type { WorkerEvent } from '../../../src/shared/events.ts'
import {
  closeLibrary,
  hello,
  metrics,
  newRun,
  openTemporary,
  randomNumbers,
  recording,
  sample,
  series,
  temporaryFolder,
  writeLog,
} from './fixtures.ts'

const module = (path: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, '../../../src', path)).href)

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(10)
}

describe('following a log', () => {
  it('waits for the file, takes what comes, and leaves half an event for later', async () => {
    const library = openTemporary()
    const run = recording(library)
    const follower = followLog(library, run.id, 1, { interval: 10 })
    await follower.drain()
    writeLog(run.folder, hello(), series('loss'), metrics(0, 1))
    await until(() => library.run(run.id)!.metrics.loss === 1)
    const frame = encodeEvent(metrics(1, 2))
    appendFileSync(join(run.folder, 'events.log'), frame.subarray(0, 20))
    await follower.drain()
    expect(library.run(run.id)!.metrics.loss).toBe(1)
    appendFileSync(join(run.folder, 'events.log'), frame.subarray(20))
    await follower.drain()
    expect(library.run(run.id)!.metrics.loss).toBe(2)
    expect(follower.offset).toBe(statSync(join(run.folder, 'events.log')).size)
    await follower.stop()
    writeLog(run.folder, metrics(2, 3))
    await sleep(50)
    expect(library.run(run.id)!.metrics.loss).toBe(2)
  })

  it('takes events larger than what it reads at a time', async () => {
    const library = openTemporary()
    const run = recording(library)
    const png = new Uint8Array(5_000_000).map((_, i) => i * 31)
    writeLog(run.folder, hello(), sample(0, png), series('loss'), metrics(0, 1))
    const follower = followLog(library, run.id, 1)
    await follower.drain()
    await follower.stop()
    expect(library.blob(library.samples(run.id)[0]!.hash)).toEqual(Buffer.from(png))
    expect(library.run(run.id)!.metrics.loss).toBe(1)
  })

  it('keeps what comes before damage, and says where that is', async () => {
    for (const damage of ['flip', 'zero', 'length', 'schema'] as const) {
      const library = openTemporary()
      const run = recording(library)
      const file = join(run.folder, 'events.log')
      writeLog(run.folder, hello(), series('loss'), metrics(0, 1))
      const good = statSync(file).size
      const frame = Buffer.from(
        encodeEvent(damage === 'schema' ? ({ type: 'log', level: 'loud' } as never) : metrics(1, 2)),
      )
      if (damage === 'flip') frame[12]! ^= 1
      if (damage === 'zero') frame.fill(0)
      if (damage === 'length') frame.writeUInt32LE(0xffffffff, 0)
      appendFileSync(file, frame)
      writeLog(run.folder, metrics(2, 3))
      const errors: string[] = []
      const follower = followLog(library, run.id, 1, { onError: (e) => errors.push(e.message) })
      await expect(follower.drain()).rejects.toThrow(`damaged at byte ${good}`)
      await expect(follower.drain()).rejects.toThrow(`damaged at byte ${good}`)
      expect(errors).toEqual([expect.stringContaining(`damaged at byte ${good}`)])
      expect(library.run(run.id)!.metrics.loss).toBe(1)
      expect(library.attempts(run.id)[0]!.logOffset).toBe(good)
      await follower.stop()
      closeLibrary(library)
    }
  })

  it('notices a log that is shorter than what was read of it', async () => {
    const library = openTemporary()
    const run = recording(library)
    writeLog(run.folder, hello(), series('loss'), metrics(0, 1))
    const follower = followLog(library, run.id, 1, { interval: 100_000 })
    await follower.drain()
    truncateSync(join(run.folder, 'events.log'), 30)
    await expect(follower.drain()).rejects.toThrow('cut off or replaced')
    await follower.stop()
  })

  it('ends at a full disk, and a new one goes on where it was', async () => {
    const library = openTemporary()
    const run = recording(library)
    const db = (library as unknown as { db: Database.Database }).db
    db.pragma(`max_page_count = ${db.pragma('page_count', { simple: true }) as number}`)
    writeLog(run.folder, hello(), sample(0, new Uint8Array(200_000)))
    const errors: Error[] = []
    const follower = followLog(library, run.id, 1, { onError: (error) => errors.push(error) })
    await until(() => errors.length > 0)
    expect(errors).toMatchObject([{ code: 'disk-full' }])
    expect(library.samples(run.id)).toEqual([])
    db.pragma('max_page_count = 1000000')
    const next = followLog(library, run.id, 1)
    await next.drain()
    expect(library.samples(run.id)).toHaveLength(1)
    await expect(follower.drain()).rejects.toThrow('full')
    await Promise.all([follower.stop(), next.stop()])
  })

  it('takes a checkpoint in while it is announced', async () => {
    const library = openTemporary()
    const run = recording(library)
    const content = new Uint8Array(3_000_000).map((_, i) => i)
    writeFileSync(join(run.folder, 'c.safetensors'), content)
    const sha256 = createHash('sha256').update(content).digest('hex')
    const event: WorkerEvent = {
      type: 'checkpoint',
      time: 1,
      step: 3,
      epoch: 1,
      file: 'c.safetensors',
      bytes: content.length,
      sha256,
    }
    writeLog(run.folder, hello(), event, { ...event, step: 4, file: 'gone.safetensors', sha256: 'f'.repeat(64) })
    const follower = followLog(library, run.id, 1)
    await follower.drain()
    await follower.stop()
    expect(library.checkpoints(run.id).map((c) => c.step)).toEqual([3])
    expect(library.log(run.id)).toMatchObject([
      { level: 'warning', message: expect.stringContaining('gone.safetensors') },
    ])
  })
})

describe('exactly once', () => {
  /** Values that say where they belong, so that any loss, doubling or mix-up shows. */
  const value = (step: number, column: number) => (step % 97 === 13 ? NaN : step * 10 + column)
  const names = ['a', 'b', 'c']

  function checkAll(folder: string, runId: string, steps: number, samples: number): void {
    const library = openTemporary(folder)
    names.forEach((name, column) => {
      const rows = [...library.metricRows(runId, name)]
      expect(rows.length).toBe(steps)
      expect(rows.every((r, i) => r.step === i && Object.is(r.value, value(i, column)))).toBe(true)
      const s = library.chart(runId, { names: [name], buckets: 50 }).series[0]!
      expect(s.count).toBe(steps)
      expect(s.nonFinite.reduce((n, b) => n + b.count, 0)).toBe(rows.filter((r) => Number.isNaN(r.value)).length)
    })
    expect(library.samples(runId).map((s) => s.step)).toEqual(Array.from({ length: samples }, (_, i) => i * 100))
    expect(library.log(runId, -1, 10_000).map((l) => l.seq)).toEqual(Array.from({ length: samples }, (_, i) => i))
    closeLibrary(library)
    const db = new Database(join(folder, 'library.db'), { readonly: true })
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
    expect(db.pragma('foreign_key_check')).toEqual([])
    db.close()
  }

  it('a core killed at random moments loses and doubles nothing', { timeout: 180_000 }, async () => {
    const random = randomNumbers(11)
    const folder = temporaryFolder()
    const library = openTemporary(folder)
    const { id } = library.createRun(newRun)
    library.startAttempt(id)
    const logFile = join(library.attemptDirectory(id, 1), 'events.log')
    closeLibrary(library)

    const core = `
      const { openLibrary, followLog } = await import(${module('main/store/index.ts')})
      const library = openLibrary(process.argv[1])
      followLog(library, process.argv[2], 1, { interval: 1, onBatch: () => process.stdout.write('.'), onError: (e) => { console.error(e); process.exit(1) } })`
    const fd = openSync(logFile, 'a')
    let step = 0
    const write = (event: WorkerEvent) => writeSync(fd, encodeEvent(event))
    write(hello())
    write(series(...names))
    let kills = 0
    for (let round = 0; round < 8; round++) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', core, folder, id], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const exit = once(child, 'exit')
      let commits = 0
      child.stdout.on('data', (dots: Buffer) => (commits += dots.length))
      // A fresh stretch for each round; the child dies at some point of taking it in.
      for (const end = step + 8000; step < end; step++) {
        if (step % 100 === 0) {
          write(sample(step, new Uint8Array([step & 255, step >> 8, 7])))
          write({ type: 'log', time: step, level: 'info', message: `line ${step}` })
        }
        write(metrics(step, value(step, 0), value(step, 1), value(step, 2)))
      }
      const wanted = Math.floor(random() * 4)
      const deadline = Date.now() + 10_000
      while (commits < wanted && Date.now() < deadline) await sleep(1)
      await sleep(random() * 8)
      child.kill('SIGKILL')
      const [, signal] = (await exit) as [number | null, string | null]
      if (signal === 'SIGKILL') kills++
    }
    closeSync(fd)
    expect(kills).toBe(8)
    const last = openTemporary(folder)
    expect(last.attempts(id)[0]!.logOffset).toBeGreaterThan(0)
    const follower = followLog(last, id, 1)
    await follower.drain()
    await follower.stop()
    closeLibrary(last)
    checkAll(folder, id, step, step / 100)
  })

  it('a killed worker loses nothing that its logging call returned from', { timeout: 120_000 }, async () => {
    const library = openTemporary()
    for (let round = 0; round < 3; round++) {
      const run = recording(library)
      const worker = `
        const { openSync, writeSync } = await import('node:fs')
        const { encodeEvent } = await import(${module('shared/event-log.ts')})
        const log = openSync(process.argv[1] + '/events.log', 'a')
        const record = openSync(process.argv[1] + '/record', 'a')
        writeSync(log, encodeEvent({ type: 'series', set: 0, names: ['a'] }))
        for (let step = 0; ; step++) {
          writeSync(log, encodeEvent({ type: 'metrics', set: 0, step, epoch: 0, time: 0, values: Float64Array.of(step) }))
          writeSync(record, step + '\\n')
        }`
      const follower = followLog(library, run.id, 1, { interval: 5 })
      const child = spawn(process.execPath, ['--input-type=module', '-e', worker, run.folder], { stdio: 'inherit' })
      await until(() => library.metricNames(run.id).length > 0)
      await sleep(20 + 30 * round)
      child.kill('SIGKILL')
      await once(child, 'exit')
      await follower.drain()
      await follower.stop()
      const recorded = readFileSync(join(run.folder, 'record'), 'utf8').split('\n').slice(0, -1).length
      const stored = [...library.metricRows(run.id, 'a')].map((r) => r.value)
      expect(stored.length).toBeGreaterThanOrEqual(recorded)
      expect(stored.length).toBeLessThanOrEqual(recorded + 1)
      expect(stored.every((v, i) => v === i)).toBe(true)
    }
  })

  it('a database copied with its log at any commit opens as it was then', { timeout: 60_000 }, () => {
    const folder = temporaryFolder()
    const library = openTemporary(folder)
    const run = recording(library)
    run.ingest(hello(), series('a'))
    for (let batch = 0; batch < 6; batch++) {
      run.ingest(...Array.from({ length: 500 }, (_, i) => metrics(batch * 500 + i, i)))
      const copy = temporaryFolder()
      for (const name of ['library.db', 'library.db-wal']) copyFileSync(join(folder, name), join(copy, name))
      const opened = openTemporary(copy)
      expect(opened.chart(run.id).series[0]!.count).toBe((batch + 1) * 500)
      closeLibrary(opened)
    }
  })
})
