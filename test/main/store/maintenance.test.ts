import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { backupLibrary, checkLibrary, followLog } from '../../../src/main/store/index.ts'
import type { CheckFinding, Library } from '../../../src/main/store/index.ts'
import type { WorkerEvent } from '../../../src/shared/events.ts'
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
  writeLog,
} from './fixtures.ts'

const ended = (status: 'done' | 'stopped' = 'done'): WorkerEvent => ({
  type: 'ended',
  time: 9e3,
  status,
  step: 1,
  problem: null,
})

/** A library with a run of some thousand points and two samples, closed. */
function madeLibrary(): { folder: string; id: string } {
  const folder = temporaryFolder()
  const library = openTemporary(folder)
  const run = recording(library)
  run.ingest(hello(), series('loss', 'other'))
  run.ingest(...Array.from({ length: 6000 }, (_, i) => metrics(i, Math.sin(i), i === 7 ? NaN : i)))
  run.ingest(sample(1, Buffer.alloc(3 << 20, 7)), sample(2, Buffer.from('small')), ended())
  closeLibrary(library)
  return { folder, id: run.id }
}

function edit(folder: string, work: (db: Database.Database) => void): void {
  const db = new Database(join(folder, 'library.db'))
  db.pragma('foreign_keys = OFF')
  work(db)
  db.close()
}

/** What a check of a library says after something was done to it; its file must not change by being checked. */
async function found(folder: string): Promise<Pick<CheckFinding, 'level' | 'part' | 'message'>[]> {
  const before = readFileSync(join(folder, 'library.db'))
  const report = await checkLibrary(folder)
  expect(readFileSync(join(folder, 'library.db')).equals(before)).toBe(true)
  expect(report.ok).toBe(report.findings.every(({ level }) => level === 'note'))
  for (const { hint } of report.findings) expect(hint.length).toBeGreaterThan(20)
  return report.findings.map(({ level, part, message }) => ({ level, part, message }))
}

describe('a check', () => {
  it('finds nothing in a whole library, and has looked at all of it', async () => {
    const { folder } = madeLibrary()
    expect(await found(folder)).toEqual([])
    const { ok, checked } = await checkLibrary(folder)
    expect(ok).toBe(true)
    expect(checked).toMatchObject({ runs: 1, contents: 2, contentBytes: (3 << 20) + 5, series: 2, points: 12_000 })
    // 24 leaves of 256 steps, two nodes above, and the one at the top, of each series.
    expect(checked.summaries).toBe(2 * (24 + 2 + 1))
  })

  it('names the run whose content has changed', async () => {
    const { folder, id } = madeLibrary()
    edit(folder, (db) => db.exec("UPDATE blob_parts SET data = CAST('SMALL' AS BLOB) WHERE length(data) = 5"))
    expect(await found(folder)).toEqual([
      { level: 'problem', part: 'contents', message: expect.stringContaining(`of run ${id} is not what was stored`) },
    ])
  })

  it('finds a part of a content that is missing', async () => {
    const { folder } = madeLibrary()
    edit(folder, (db) => db.exec('DELETE FROM blob_parts WHERE part = 2'))
    expect((await found(folder))[0]).toMatchObject({ level: 'problem', part: 'contents' })
  })

  it('finds a point that its summaries do not know, and one that they know and is gone', async () => {
    const { folder, id } = madeLibrary()
    edit(folder, (db) => db.exec('UPDATE points SET value = 1e9 WHERE series = 1 AND step = 300'))
    edit(folder, (db) => db.exec('DELETE FROM points WHERE series = 2 AND step = 5000'))
    const findings = await found(folder)
    expect(findings).toMatchObject([
      { part: 'roll-ups', message: expect.stringMatching(`loss of run ${id}.*steps 256 to 511`) },
      { part: 'roll-ups', message: expect.stringMatching(`other of run ${id}.*and 1 more`) },
    ])
  })

  it('finds a step that has changed, and a distribution that is not what was saved', async () => {
    const { folder, id } = madeLibrary()
    edit(folder, (db) => {
      db.exec('UPDATE marks SET step = 6500 WHERE step = 5999')
      db.exec(`INSERT INTO plane_sets VALUES ('0123456789abcdef', 'My "set"', 'points', 1, 0, '{}')`)
    })
    expect(await found(folder)).toEqual([
      {
        level: 'problem',
        part: 'points',
        message: `The points of run ${id} are not as it logged them: 2 points are at steps that it never logged, and 1 steps that it logged have no point.`,
      },
      { level: 'problem', part: 'sets', message: 'The distribution "My "set"" is not what was saved.' },
    ])
  })

  it('finds summaries that hold what none can hold, or are cut off, wherever they are', async () => {
    const { folder, id } = madeLibrary()
    edit(folder, (db) => {
      const { data } = db.prepare('SELECT data FROM rollups WHERE series = 1 AND level = 1 AND node = 9').get() as {
        data: Buffer
      }
      data.writeUInt32LE(0xffffffff, 34)
      data.writeUInt32LE(0xffffffff, 74)
      db.prepare('UPDATE rollups SET data = ? WHERE series = 1 AND level = 1 AND node = 9').run(data)
      db.exec("UPDATE rollups SET data = x'ff' WHERE series = 2 AND level = 3")
    })
    expect(await found(folder)).toMatchObject([
      { part: 'roll-ups', message: expect.stringContaining(`loss of run ${id}`) },
      { part: 'roll-ups', message: expect.stringContaining(`other of run ${id}`) },
    ])
    const library = openTemporary(folder)
    const chart = () => library.chart(id, { names: ['other'], buckets: 10 })
    expect(chart).toThrow(expect.objectContaining({ name: 'LibraryError', code: 'damaged' }))
    expect(library.chart(id, { names: ['loss'], buckets: 10 }).series).toHaveLength(1)
  })

  it('finds a run whose JSON is none, which is named also to those who list runs', async () => {
    const { folder, id } = madeLibrary()
    edit(folder, (db) => db.exec(`UPDATE runs SET metrics = '{"loss'`))
    expect(await found(folder)).toMatchObject([{ part: 'runs', message: expect.stringContaining(id) }])
    const list = () => openTemporary(folder).runs()
    expect(list).toThrow(expect.objectContaining({ code: 'damaged', message: expect.stringContaining(id) }))
  })

  it('finds a row that refers to nothing, and a run that cannot be read', async () => {
    const { folder } = madeLibrary()
    edit(folder, (db) => db.exec(`INSERT INTO log VALUES (99, 0, 1, 0, 'info', 'lost')`))
    edit(folder, (db) => db.exec(`UPDATE runs SET status = 'dreaming'`))
    expect(await found(folder)).toMatchObject([
      { level: 'problem', part: 'references', message: 'There are 1 rows of log that refer to missing runs.' },
      { level: 'problem', part: 'runs', message: expect.stringContaining('status') },
    ])
  })

  it('reports a damaged file instead of failing', async () => {
    const { folder } = madeLibrary()
    const file = join(folder, 'library.db')
    const bytes = readFileSync(file)
    bytes.fill(0xff, 4096 * 5, 4096 * 5 + 16)
    writeFileSync(file, bytes)
    const [first] = await found(folder)
    expect(first).toMatchObject({ level: 'problem', part: 'database' })
  })

  it('refuses what is no library', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'library.db'), 'a text, and longer than a header'.repeat(10))
    await expect(checkLibrary(folder)).rejects.toMatchObject({ code: 'foreign' })
  })

  it('notes what nothing needs, with its bytes', async () => {
    const { folder, id } = madeLibrary()
    edit(folder, (db) => {
      db.prepare('INSERT INTO blobs (hash, bytes, complete) VALUES (?, 3, 0)').run(Buffer.alloc(32, 1))
      db.exec("INSERT INTO blob_parts VALUES (3, 0, CAST('abc' AS BLOB))")
    })
    mkdirSync(join(folder, 'runs', 'nobody'), { recursive: true })
    writeFileSync(join(folder, 'runs', 'nobody', 'file'), 'x'.repeat(100))
    writeFileSync(join(folder, 'runs', id, 'attempt-1', 'resume.safetensors'), 'x'.repeat(1000))
    const report = await checkLibrary(folder)
    expect(report.ok).toBe(true)
    expect(report.findings.map(({ level, part }) => [level, part])).toEqual([
      ['note', 'contents'],
      ['note', 'logs'],
      ['note', 'leftovers'],
    ])
    expect(report.reclaimableBytes).toBe(1103)
  })

  it('sees one moment of a library that a core writes to', async () => {
    const { folder } = madeLibrary()
    const library = openTemporary(folder)
    const run = recording(library)
    run.ingest(hello(), series('loss'))
    let step = 0
    const writing = setInterval(() => run.ingest(...Array.from({ length: 50 }, () => metrics(step++, step))), 1)
    const report = await checkLibrary(folder)
    clearInterval(writing)
    expect(step).toBeGreaterThan(0)
    expect(report.findings).toEqual([])
  })
})

describe('a backup', () => {
  it('is the library at one moment while a core writes to it, and opens as a library', async () => {
    const { folder, id } = madeLibrary()
    const library = openTemporary(folder)
    const run = recording(library)
    run.ingest(hello(), series('loss', 'twin'))
    let step = 0
    const writing = setInterval(() => {
      run.ingest(...Array.from({ length: 20 }, () => metrics(step, step, 2 * step++)))
    }, 1)
    const target = temporaryFolder()
    const backup = await backupLibrary(folder, join(target, 'library.db'))
    clearInterval(writing)
    expect(backup.runs).toBe(2)
    expect(readdirSync(target)).toEqual(['library.db'])
    expect((await checkLibrary(target)).findings).toEqual([])

    const copy = openTemporary(target)
    expect(copy.run(id)).toEqual(library.run(id))
    const steps = (name: string) => [...copy.metricRows(run.id, name)].map((row) => row.step)
    expect(steps('twin')).toEqual(steps('loss'))
    // The worker is at the original's run; the copy must neither adopt nor await it.
    expect(copy.run(run.id)).toMatchObject({ status: 'interrupted', attemptStartedAt: null })
    expect(copy.openAttempts()).toEqual([])
    expect(library.run(run.id)!.status).toBe('running')
  })

  it('overwrites nothing and leaves nothing behind where it cannot write', async () => {
    const { folder } = madeLibrary()
    const target = temporaryFolder()
    writeFileSync(join(target, 'there'), 'mine')
    await expect(backupLibrary(folder, join(target, 'there'))).rejects.toThrow('is not overwritten')
    await expect(backupLibrary(folder, target)).rejects.toThrow('is not overwritten')
    await expect(backupLibrary(folder, join(target, 'none', 'file'))).rejects.toThrow('is not a folder')
    await expect(backupLibrary(temporaryFolder(), join(target, 'file'))).rejects.toMatchObject({ code: 'foreign' })
    expect(readFileSync(join(target, 'there'), 'utf8')).toBe('mine')
    expect(readdirSync(target)).toEqual(['there'])
  })
})

describe('compacting', () => {
  /** A run whose log went through the file, as a worker's does. */
  async function logged(library: Library, ...events: WorkerEvent[]): Promise<{ id: string; folder: string }> {
    const { id } = library.createRun(newRun)
    const { attempt } = library.startAttempt(id)
    const folder = library.attemptDirectory(id, attempt)
    for (const name of ['spec.json', 'control.json', 'worker.log', 'resume.safetensors'])
      writeFileSync(join(folder, name), name)
    writeLog(folder, ...events)
    const follower = followLog(library, id, attempt)
    await follower.drain()
    await follower.stop()
    return { id, folder }
  }
  const png = Buffer.alloc(200_000, 5)

  it('removes what the library has of ended attempts, and only that', async () => {
    const library = openTemporary()
    const done = await logged(library, hello(), sample(0, png), ended())
    const busy = await logged(library, hello(), sample(0, png), ended())
    const open = await logged(library, hello(), sample(0, png))
    const killed = await logged(library, hello(), sample(0, png))
    library.endAttempt(killed.id, 1, { status: 'interrupted' })
    // Its last event was being written when it was killed: no reader will ever get more of it.
    writeFileSync(join(killed.folder, 'events.log'), Buffer.from([80, 0, 0, 0, 1, 2, 3, 4, 9]), { flag: 'a' })
    const pending = await logged(library, hello())
    library.endAttempt(pending.id, 1, { status: 'interrupted' })
    writeLog(pending.folder, sample(0, png))

    const { fileBytes, freedBytes } = await library.compact({ busy: new Set([busy.id]) })
    const small = ['control.json', 'spec.json', 'worker.log']
    expect(readdirSync(done.folder)).toEqual(small)
    expect(readdirSync(killed.folder)).toEqual(small)
    for (const { folder } of [busy, open, pending])
      expect(readdirSync(folder)).toEqual([
        'control.json',
        'events.log',
        'resume.safetensors',
        'spec.json',
        'worker.log',
      ])
    expect(fileBytes).toBeGreaterThan(2 * png.length)
    expect(freedBytes).toBeGreaterThanOrEqual(fileBytes)
    expect(library.blob(library.samples(done.id)[0]!.hash)).toEqual(png)
    expect(await library.compact({ busy: new Set([busy.id]) })).toMatchObject({ fileBytes: 0 })
  })

  it.each([false, true])('gives back the space of contents without a run; full: %s', async (full) => {
    const { folder, id } = madeLibrary()
    const content = Buffer.alloc(1 << 20, 3)
    edit(folder, (db) => {
      db.prepare('INSERT INTO blobs (hash, bytes, complete) VALUES (?, ?, 0)').run(Buffer.alloc(32, 1), content.length)
      db.prepare('INSERT INTO blob_parts VALUES (3, 0, ?)').run(content)
    })
    const library = openTemporary(folder)
    mkdirSync(join(folder, 'runs', 'nobody'), { recursive: true })
    writeFileSync(join(folder, 'runs', 'nobody', 'file'), 'x'.repeat(100))
    const before = library.info().bytes
    const { databaseBytes, fileBytes } = await library.compact({ full })
    expect(databaseBytes).toBeGreaterThan(content.length)
    expect(library.info().bytes).toBeLessThanOrEqual(before - content.length)
    expect(fileBytes).toBe(100)
    expect(existsSync(join(folder, 'runs', 'nobody'))).toBe(false)
    expect(library.samples(id)).toHaveLength(2)
    expect((await checkLibrary(folder)).findings).toEqual([])
  })

  it('is refused where the library is read only', async () => {
    const { folder } = madeLibrary()
    const library = openTemporary(folder, { readOnly: true })
    await expect(library.compact()).rejects.toMatchObject({ code: 'read-only' })
  })
})
