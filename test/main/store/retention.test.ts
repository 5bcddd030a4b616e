import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import type { Library } from '../../../src/main/store/index.ts'
import { loadMigrations, migrate } from '../../../src/main/store/migrate.ts'
import type { WorkerEvent } from '../../../src/shared/events.ts'
import { defaultSettings, settingsName } from '../../../src/shared/settings.ts'
import type { KeptCheckpoints } from '../../../src/shared/settings.ts'
import { closeLibrary, hello, newRun, openTemporary, recording, temporaryFolder } from './fixtures.ts'

const sha = (content: Uint8Array) => createHash('sha256').update(content).digest('hex')
const content = (step: number) => new Uint8Array(1000).fill(step)

function checkpoint(folder: string, step: number, bytes = content(step)): WorkerEvent {
  const file = `checkpoints/step-${step}.safetensors`
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  writeFileSync(join(folder, file), bytes)
  return { type: 'checkpoint', time: step, step, epoch: step / 10, file, bytes: bytes.length, sha256: sha(bytes) }
}
const keep = (library: Library, checkpoints: KeptCheckpoints) => library.setSetting(settingsName, { checkpoints })
const steps = (library: Library, id: string) => library.checkpoints(id).map(({ step }) => step)
const databaseOf = (library: Library) => (library as unknown as { db: Database.Database }).db
const count = (library: Library, table: string) =>
  databaseOf(library).prepare(`SELECT count(*) FROM ${table}`).pluck().get()
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

describe('when a checkpoint comes in', () => {
  it('a run of usual length loses none by default; a long one keeps the newest ten and every tenth', () => {
    const library = openTemporary()
    const run = recording(library)
    run.ingest(hello())
    for (const step of range(1, 10)) expect(run.ingest(checkpoint(run.folder, step)).dropped).toEqual([])
    expect(run.ingest(checkpoint(run.folder, 11)).dropped).toEqual([1])
    for (const step of range(12, 43)) run.ingest(checkpoint(run.folder, step))
    expect(steps(library, run.id)).toEqual([10, 20, 30, ...range(34, 43)])
    // Contents and their space go with them.
    expect(count(library, 'blobs')).toBe(13)
    expect(count(library, 'blob_parts')).toBe(13)
    expect(library.blob(sha(content(33)))).toBeNull()
  })

  it('only that run is looked at, and all of several in one batch', () => {
    const library = openTemporary()
    keep(library, { keepLast: null, keepEvery: 0 })
    const [done, run] = [recording(library), recording(library)]
    done.ingest(hello(), ...range(1, 5).map((step) => checkpoint(done.folder, step)))
    keep(library, { keepLast: 2, keepEvery: 0 })
    const result = run.ingest(hello(), ...range(1, 5).map((step) => checkpoint(run.folder, step)))
    expect(result.dropped).toEqual([1, 2, 3])
    expect(result.checkpoints.map(({ step }) => step)).toEqual([4, 5])
    expect(steps(library, run.id)).toEqual([4, 5])
    expect(steps(library, done.id)).toEqual(range(1, 5))
    // The same contents, which the other run still has.
    for (const step of range(1, 5)) expect(library.blob(sha(content(step)))).not.toBeNull()
  })

  it.each([
    [{ keepLast: 1, keepEvery: 0 }, [8]],
    [{ keepLast: 1, keepEvery: 3 }, [3, 6, 8]],
    [{ keepLast: 3, keepEvery: 4 }, [4, 6, 7, 8]],
    [{ keepLast: null, keepEvery: 0 }, range(1, 8)],
    [{ keepLast: 100, keepEvery: 0 }, range(1, 8)],
  ])('%j keeps %j of eight, the newest always among them', (kept, left) => {
    const library = openTemporary()
    keep(library, kept)
    const run = recording(library)
    run.ingest(hello())
    for (const step of range(1, 8)) {
      run.ingest(checkpoint(run.folder, step))
      expect(steps(library, run.id).at(-1)).toBe(step)
    }
    expect(steps(library, run.id)).toEqual(left)
  })

  it('settings that can’t be read are the default ones', () => {
    const library = openTemporary()
    library.setSetting(settingsName, { checkpoints: { keepLast: 0, keepEvery: -1 } })
    const run = recording(library)
    run.ingest(hello())
    for (const step of range(1, 12)) run.ingest(checkpoint(run.folder, step))
    expect(defaultSettings.checkpoints.keepLast).toBe(10)
    expect(steps(library, run.id)).toEqual(range(3, 12))
  })

  it('nothing of a batch that fails is gone', () => {
    const library = openTemporary()
    keep(library, { keepLast: 1, keepEvery: 0 })
    const run = recording(library)
    run.ingest(hello(), checkpoint(run.folder, 1))
    expect(() => run.ingest(checkpoint(run.folder, 2), null!)).toThrow()
    expect(steps(library, run.id)).toEqual([1])
    expect(library.blob(sha(content(1)))).not.toBeNull()
  })
})

describe('a checkpoint stays', () => {
  it('for ever when it has a name, until the name is taken back', () => {
    const folder = temporaryFolder()
    const library = openTemporary(folder)
    keep(library, { keepLast: 1, keepEvery: 0 })
    const run = recording(library)
    run.ingest(hello(), checkpoint(run.folder, 1))
    const told: unknown[] = []
    library.subscribe((event) => event.type === 'ingested' && told.push(event.result.checkpoints))
    const name = "best 👩‍🔬 '; DROP TABLE checkpoints; --"
    const named = library.nameCheckpoint(run.id, 1, name)
    expect(named).toMatchObject({ step: 1, name, hash: sha(content(1)) })
    expect(told).toEqual([[named]])
    for (const step of [2, 3]) run.ingest(checkpoint(run.folder, step))
    expect(library.checkpoints(run.id).map((each) => [each.step, each.name])).toEqual([
      [1, name],
      [3, null],
    ])
    // The same step again, after a resume from the beginning, say.
    run.ingest(checkpoint(run.folder, 3, content(33)))
    library.nameCheckpoint(run.id, 3, 'last')
    run.ingest(checkpoint(run.folder, 3, content(34)))
    expect(library.checkpoints(run.id).at(-1)).toMatchObject({ name: 'last', hash: sha(content(34)) })
    closeLibrary(library)

    const again = openTemporary(folder)
    expect(again.checkpoints(run.id).map((each) => each.name)).toEqual([name, 'last'])
    expect(() => again.nameCheckpoint(run.id, 3, name)).toThrow()
    expect(() => again.nameCheckpoint(run.id, 2, 'gone')).toThrow('no checkpoint of step 2')
    expect(() => again.nameCheckpoint('nobody', 1, 'x')).toThrow('There is no run "nobody"')
    again.nameCheckpoint(run.id, 1, null)
    again.endAttempt(run.id, 1, { status: 'interrupted' })
    const second = recording(again, again.run(run.id)!)
    second.ingest(hello(2, 3), checkpoint(second.folder, 9))
    expect(steps(again, run.id)).toEqual([3, 9])
  })

  it('when another run was given its content', () => {
    const library = openTemporary()
    keep(library, { keepLast: 1, keepEvery: 0 })
    const run = recording(library)
    run.ingest(hello(), checkpoint(run.folder, 1))
    const heir = library.createRun({ ...newRun, given: { model: sha(content(1)) } })
    for (const step of [2, 3]) run.ingest(checkpoint(run.folder, step))
    expect(steps(library, run.id)).toEqual([1, 3])
    expect(library.given(heir.id)).toEqual({ model: sha(content(1)) })
  })

  it('counted by its place in the run, also when a resume took later ones back', () => {
    const library = openTemporary()
    keep(library, { keepLast: 1, keepEvery: 2 })
    const run = recording(library)
    run.ingest(hello())
    for (const step of range(1, 5)) run.ingest(checkpoint(run.folder, step))
    expect(steps(library, run.id)).toEqual([2, 4, 5])
    library.endAttempt(run.id, 1, { status: 'interrupted' })
    const second = recording(library, library.run(run.id)!)
    second.ingest(hello(2, 4))
    for (const step of [50, 60, 70]) second.ingest(checkpoint(second.folder, step))
    expect(steps(library, run.id)).toEqual([2, 4, 60, 70])
  })
})

describe('the next attempt', () => {
  it('clears away what the killed worker had half written', () => {
    const library = openTemporary()
    const run = recording(library)
    run.ingest(hello())
    for (const file of [
      'checkpoints/step-7.safetensors.tmp',
      'artifacts/model-7.tmp',
      'checkpoints/step-5.safetensors',
    ]) {
      mkdirSync(dirname(join(run.folder, file)), { recursive: true })
      writeFileSync(join(run.folder, file), 'half')
    }
    library.endAttempt(run.id, 1, { status: 'interrupted' })
    library.startAttempt(run.id)
    expect(existsSync(join(run.folder, 'checkpoints/step-7.safetensors.tmp'))).toBe(false)
    expect(existsSync(join(run.folder, 'artifacts/model-7.tmp'))).toBe(false)
    expect(existsSync(join(run.folder, 'checkpoints/step-5.safetensors'))).toBe(true)
  })
})

describe('migration 5', () => {
  it('numbers the checkpoints of each run, names none, and leaves the rest as it was', () => {
    const db = new Database(':memory:')
    migrate(db, loadMigrations(), 4)
    for (const id of ['a', 'b'])
      db.exec(
        `INSERT INTO runs (id, kind, params, name, status, created_at) VALUES ('${id}', 'dcgan', '{}', 'x', 'done', 5)`,
      )
    db.prepare('INSERT INTO blobs (hash, bytes, complete) VALUES (?, 3, 1)').run(Buffer.alloc(32))
    const insert = db.prepare('INSERT INTO checkpoints VALUES (?, ?, 1.5, 5, 1)')
    for (const [run, step] of [[1, 70], [1, 10], [2, 5], [1, 30]]) insert.run(run, step) // prettier-ignore
    const before = db.prepare('SELECT * FROM checkpoints ORDER BY run, step').all() as object[]
    migrate(db, loadMigrations(), 5)
    expect(db.prepare('SELECT * FROM checkpoints ORDER BY run, step').all()).toEqual(
      before.map((row, i) => ({ ...row, name: null, ordinal: [1, 2, 3, 1][i] })),
    )
    db.exec("UPDATE checkpoints SET name = 'x' WHERE step IN (10, 5)")
    expect(() => db.exec("UPDATE checkpoints SET name = 'x' WHERE step = 70")).toThrow('UNIQUE')
    db.close()
  })
})
