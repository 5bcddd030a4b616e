import { spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, readdirSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { LibraryError, libraryOwner, openLibrary } from '../../../src/main/store/index.ts'
import type { LibraryErrorCode } from '../../../src/main/store/index.ts'
import { loadMigrations, migrate, schemaOf } from '../../../src/main/store/migrate.ts'
import {
  closeLibrary,
  contentOf,
  hello,
  metrics,
  newRun,
  openTemporary,
  randomNumbers,
  recording,
  series,
  temporaryFolder,
} from './fixtures.ts'

const storeUrl = pathToFileURL(join(import.meta.dirname, '../../../src/main/store/index.ts')).href

function codeOf(work: () => unknown): LibraryErrorCode | null {
  try {
    work()
    return null
  } catch (error) {
    if (!(error instanceof LibraryError)) throw error
    expect(error.message).toMatch(/\. \w/)
    return error.code
  }
}

/** A closed library with some content. */
function madeLibrary(): string {
  const folder = temporaryFolder()
  const library = openTemporary(folder)
  const run = recording(library)
  run.ingest(hello(), series('loss'), ...Array.from({ length: 3000 }, (_, i) => metrics(i, Math.sin(i))))
  closeLibrary(library)
  return folder
}

describe('opening', () => {
  it('makes a library in a folder that is missing, and finds everything again', () => {
    const folder = join(temporaryFolder(), 'a', 'b')
    const library = openTemporary(folder)
    const { id } = library.createRun(newRun)
    library.setSetting('slots', 3)
    closeLibrary(library)
    const again = openTemporary(folder)
    expect(again.run(id)).toMatchObject({ ...newRun, status: 'queued', queuePosition: 1 })
    expect(again.setting('slots')).toBe(3)
    expect(again.info()).toMatchObject({ path: folder, runs: 1, schemaVersion: loadMigrations().length })
  })

  it('uses the settings that make a commit survive a power cut', () => {
    const folder = temporaryFolder()
    const library = openTemporary(folder) as unknown as { db: Database.Database }
    const pragma = (name: string) => library.db.pragma(name, { simple: true })
    expect([pragma('journal_mode'), pragma('synchronous'), pragma('foreign_keys')]).toEqual(['wal', 2, 1])
  })

  it('reads beside the core that writes, and refuses to write there', () => {
    const folder = temporaryFolder()
    const library = openTemporary(folder)
    const { id } = library.createRun(newRun)
    const reader = openTemporary(folder, { readOnly: true })
    expect(reader.run(id)!.id).toBe(id)
    library.updateRun(id, { name: 'new' })
    expect(codeOf(() => reader.updateRun(id, { name: 'x' }))).toBe('read-only')
  })

  it('says so when the path is a file, or nothing is there to read', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'file'), 'x')
    expect(codeOf(() => openLibrary(join(folder, 'file')))).toBe('not-a-directory')
    expect(codeOf(() => openLibrary(join(folder, 'file', 'below')))).toBe('not-a-directory')
    expect(codeOf(() => openLibrary(join(folder, 'none'), { readOnly: true }))).toBe('not-a-directory')
    expect(codeOf(() => openLibrary(folder, { readOnly: true }))).toBe('foreign')
    expect(readdirSync(folder)).toEqual(['file'])
  })
})

describe('a library that is not one of ours, or not whole, is refused and not changed', () => {
  const refused = (code: LibraryErrorCode, prepare: (file: string) => void) => {
    const folder = madeLibrary()
    prepare(join(folder, 'library.db'))
    const before = contentOf(folder)
    expect(codeOf(() => openLibrary(folder))).toBe(code)
    expect(codeOf(() => openLibrary(folder, { readOnly: true }))).toBe(code)
    expect(contentOf(folder)).toEqual(before)
  }
  const edit = (work: (db: Database.Database) => void) => (file: string) => {
    const db = new Database(file)
    db.pragma('journal_mode = DELETE')
    work(db)
    db.close()
  }

  it('a text file', () => refused('foreign', (file) => writeFileSync(file, 'hello, this is no database\n'.repeat(50))))
  it('a short text file', () => refused('foreign', (file) => writeFileSync(file, 'hi')))
  it('the database of another program', () =>
    refused(
      'foreign',
      edit((db) => db.pragma('application_id = 7')),
    ))
  it('a database without any mark', () =>
    refused(
      'foreign',
      edit((db) => db.pragma('application_id = 0')),
    ))
  it('one from the future', () =>
    refused(
      'newer',
      edit((db) => db.pragma('user_version = 9999')),
    ))
  it('one without a version', () =>
    refused(
      'damaged',
      edit((db) => db.pragma('user_version = 0')),
    ))
  it('one with a table too many', () =>
    refused(
      'damaged',
      edit((db) => db.exec('CREATE TABLE more (x)')),
    ))
  it('an empty file', () => refused('damaged', (file) => truncateSync(file, 0)))
  it('a file cut off in its header', () => refused('damaged', (file) => truncateSync(file, 60)))
  it('a file cut off at a page', () => refused('damaged', (file) => truncateSync(file, 8 * 4096)))
  it('a file cut off within a page', () =>
    refused('damaged', (file) => truncateSync(file, readFileSync(file).length - 100)))
  it('a log without its database', () => refused('damaged', (file) => renameSync(file, `${file}-wal`)))

  it('one from the future whose version is still in the write-ahead log', () => {
    const folder = madeLibrary()
    const file = join(folder, 'library.db')
    const db = new Database(file)
    db.pragma('wal_autocheckpoint = 0')
    db.pragma('user_version = 9999')
    const target = temporaryFolder()
    for (const suffix of ['', '-wal']) copyFileSync(file + suffix, join(target, `library.db${suffix}`))
    db.close()
    const before = contentOf(target)
    expect(codeOf(() => openLibrary(target))).toBe('newer')
    expect(contentOf(target)).toEqual(before)
  })

  it('flipped bytes are refused or read as they were, never a crash', () => {
    const random = randomNumbers(3)
    const folder = madeLibrary()
    const whole = readFileSync(join(folder, 'library.db'))
    const seen = { refused: 0, opened: 0 }
    for (let round = 0; round < 30; round++) {
      const target = temporaryFolder()
      const bytes = Buffer.from(whole)
      // A run of bytes in the part of a page where its structure is.
      const at = Math.floor(random() * (bytes.length / 4096)) * 4096 + Math.floor(random() * 24)
      for (let i = 0; i < 8; i++) bytes[at + i] = Math.floor(random() * 256)
      writeFileSync(join(target, 'library.db'), bytes)
      const code = codeOf(() => closeLibrary(openTemporary(target)))
      if (code === null) seen.opened++
      else {
        expect(['damaged', 'foreign', 'newer']).toContain(code)
        expect(readFileSync(join(target, 'library.db')).equals(bytes)).toBe(true)
        expect(readdirSync(target)).toEqual(['library.db'])
        seen.refused++
      }
    }
    expect(seen.refused).toBeGreaterThan(20)
  })
})

describe('the lock', () => {
  it('lets one core in and names it to the other', () => {
    const folder = temporaryFolder()
    const library = openTemporary(folder)
    expect(libraryOwner(folder)).toMatchObject({ pid: process.pid })
    expect(() => openLibrary(folder)).toThrow(`process ${process.pid}`)
    expect(codeOf(() => openLibrary(folder))).toBe('locked')
    closeLibrary(library)
    expect(libraryOwner(folder)).toBeNull()
    closeLibrary(openTemporary(folder))
  })

  it('ends with a killed owner, whatever process has its pid now', { timeout: 60_000 }, async () => {
    const folder = temporaryFolder()
    const script = `const { openLibrary } = await import(${JSON.stringify(storeUrl)})
      const library = openLibrary(process.argv[1])
      console.log(library.createRun({ kind: 'k', preset: null, params: {} }).id)
      setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [output] = (await once(child.stdout, 'data')) as [Buffer]
    expect(codeOf(() => openLibrary(folder))).toBe('locked')
    expect(libraryOwner(folder)!.pid).toBe(child.pid)
    child.kill('SIGKILL')
    await once(child, 'exit')
    // As if the system had given the pid to somebody else since: the test itself.
    writeFileSync(join(folder, 'library.lock.json'), JSON.stringify({ pid: process.pid, host: 'h', openedAt: 1 }))
    expect(libraryOwner(folder)).toBeNull()
    expect(openTemporary(folder).run(output.toString().trim())!.kind).toBe('k')
  })
})

describe('migrations', () => {
  const added = `CREATE TABLE added (x INTEGER NOT NULL) STRICT;
    INSERT INTO added SELECT count(*) FROM runs;`

  function withMigration(...sql: string[]): string {
    const folder = temporaryFolder()
    const first = loadMigrations()
    for (const m of first) writeFileSync(join(folder, `${String(m.version).padStart(4, '0')}_${m.name}.sql`), m.sql)
    sql.forEach((text, i) =>
      writeFileSync(join(folder, `${String(first.length + i + 1).padStart(4, '0')}_test.sql`), text),
    )
    return folder
  }

  it('are numbered without a gap', () => {
    expect(loadMigrations().map((m) => m.version)).toEqual(loadMigrations().map((_, i) => i + 1))
    const folder = temporaryFolder()
    writeFileSync(join(folder, '0002_gap.sql'), '')
    expect(() => loadMigrations(folder)).toThrow('Migration 1 is missing')
  })

  it('lead from every version to the schema of a fresh library', () => {
    const migrations = loadMigrations()
    const fresh = new Database(':memory:')
    migrate(fresh, migrations)
    for (let version = 1; version < migrations.length; version++) {
      const db = new Database(':memory:')
      migrate(db, migrations, version)
      migrate(db, migrations)
      expect(schemaOf(db)).toBe(schemaOf(fresh))
    }
    expect(fresh.pragma('user_version', { simple: true })).toBe(migrations.length)
  })

  it('2: runs of before build on nothing, and have found and left nothing yet', () => {
    const db = new Database(':memory:')
    migrate(db, loadMigrations(), 1)
    const insert = `INSERT INTO runs (id, kind, params, name, status, created_at) VALUES ('a', 'dcgan', '{}', 'x', 'done', 5)`
    db.exec(insert)
    db.prepare('INSERT INTO blobs (hash, bytes, complete) VALUES (?, 3, 1)').run(Buffer.alloc(32))
    db.exec('INSERT INTO checkpoints VALUES (1, 10, 1, 5, 1)')
    const before = db.prepare('SELECT * FROM runs').get()
    migrate(db, loadMigrations(), 2)
    expect(db.prepare('SELECT * FROM runs').get()).toEqual({ ...(before as object), inputs: '[]' })
    expect(db.prepare('SELECT step, blob FROM checkpoints').all()).toEqual([{ step: 10, blob: 1 }])
    for (const table of ['results', 'artifacts', 'given', 'studies'])
      expect([table, db.prepare(`SELECT count(*) FROM ${table}`).pluck().get()]).toEqual([table, 0])
    expect(() => db.exec("INSERT INTO artifacts VALUES (1, 'model', 1, 1, '', '', 99)")).toThrow('FOREIGN KEY')
    db.close()
  })

  it('4: what was being deleted goes on being deleted, everything else is where it was', () => {
    const db = new Database(':memory:')
    migrate(db, loadMigrations(), 3)
    const insert = db.prepare(
      `INSERT INTO runs (id, kind, params, name, status, created_at, removed_at) VALUES (?, 'dcgan', '{}', 'x', 'done', 5, ?)`,
    )
    insert.run('kept', null)
    insert.run('going', 77)
    const before = db.prepare('SELECT * FROM runs').all() as object[]
    migrate(db, loadMigrations(), 4)
    expect(db.prepare('SELECT * FROM runs').all()).toEqual([
      { ...before[0], deleted_at: null },
      { ...before[1], deleted_at: 77 },
    ])
    db.close()
  })

  it('upgrade a library with its content, after a backup of the old one', () => {
    const folder = madeLibrary()
    const migrations = withMigration(added)
    const library = openTemporary(folder, { migrations })
    expect(library.info().schemaVersion).toBe(loadMigrations().length + 1)
    const [run] = library.runs()
    expect(library.chart(run!.id).series[0]!.count).toBe(3000)
    closeLibrary(library)
    const [backup] = readdirSync(join(folder, 'backups'))
    const restored = temporaryFolder()
    copyFileSync(join(folder, 'backups', backup!), join(restored, 'library.db'))
    expect(openTemporary(restored).chart(run!.id).series[0]!.count).toBe(3000)
    expect(codeOf(() => openLibrary(folder))).toBe('newer')
  })

  it('clear away what a backup that was cut off left half-written, and leave whole ones alone', () => {
    const folder = madeLibrary()
    const backups = join(folder, 'backups')
    mkdirSync(backups)
    for (const name of ['version-1-x.db.new', 'version-1-x.db.new-journal', 'version-1-w.db', 'mine.txt'])
      writeFileSync(join(backups, name), name)
    closeLibrary(openTemporary(folder, { migrations: withMigration(added) }))
    expect(readdirSync(backups).toSorted()).toEqual([
      'mine.txt',
      'version-1-w.db',
      expect.stringMatching(`^version-${loadMigrations().length}-20.*\\.db$`),
    ])
  })

  it('all fail together, and leave the old schema with its version', () => {
    const folder = madeLibrary()
    const migrations = withMigration(added, 'INSERT INTO nowhere VALUES (1);')
    expect(() => openLibrary(folder, { migrations })).toThrow('nowhere')
    expect(openTemporary(folder).info().schemaVersion).toBe(loadMigrations().length)
  })

  it('are not run by one who only reads', () => {
    const folder = madeLibrary()
    const migrations = withMigration(added)
    const before = readFileSync(join(folder, 'library.db'))
    expect(codeOf(() => openLibrary(folder, { migrations, readOnly: true }))).toBe('read-only')
    expect(readFileSync(join(folder, 'library.db')).equals(before)).toBe(true)
  })

  it('killed at any moment, leave the old schema or the new one', { timeout: 120_000 }, async () => {
    const migrations = withMigration(
      `${added} CREATE TABLE big (n INTEGER) STRICT;
       WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 400000) INSERT INTO big SELECT n FROM c;`,
    )
    const current = loadMigrations().length
    const made = madeLibrary()
    const script = `const { openLibrary } = await import(${JSON.stringify(storeUrl)})
      process.stdout.write('go')
      openLibrary(process.argv[1], { migrations: process.argv[2] }).close()`
    const seen = new Set<number>()
    for (const delay of [5, 40, 90, 150, 3000]) {
      const folder = temporaryFolder()
      mkdirSync(folder, { recursive: true })
      copyFileSync(join(made, 'library.db'), join(folder, 'library.db'))
      const child = spawn(process.execPath, ['--input-type=module', '-e', script, folder, migrations], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const exit = once(child, 'exit')
      await once(child.stdout, 'data')
      const killed = setTimeout(() => child.kill('SIGKILL'), delay)
      await exit
      clearTimeout(killed)
      const db = new Database(join(folder, 'library.db'))
      const version = db.pragma('user_version', { simple: true }) as number
      const tables = db.prepare("SELECT count(*) FROM sqlite_schema WHERE name IN ('added', 'big')").pluck().get()
      expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
      expect([version, tables]).toEqual(version === current ? [current, 0] : [current + 1, 2])
      if (tables) expect(db.prepare('SELECT count(*) FROM big').pluck().get()).toBe(400000)
      db.close()
      seen.add(version)
    }
    expect(seen.size).toBeGreaterThan(0)
  })
})
