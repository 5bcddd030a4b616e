import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { LibraryError, asLibraryError, damaged } from './errors.ts'
import { libraryOwner } from './lock.ts'
import { migrate, schemaOf } from './migrate.ts'
import type { Migration } from './migrate.ts'
import { logFault } from './wal.ts'

/** "Atel", at byte 68 of the file, by which `file(1)` and we know a library. */
export const APPLICATION_ID = 0x4174656c
const DATABASE_FILE = 'library.db'
const MAGIC = 'SQLite format 3\0'
const HEADER = 100
/** A database up to this many bytes is checked as a whole at every opening; it takes some 50 ms at most. */
const QUICK_CHECK_BYTES = 16 << 20

export const databaseFile = (directory: string) => join(directory, DATABASE_FILE)

/**
 * Opens the library's database; makes it first when there is none and `readOnly` isn't set. The caller holds the lock
 * unless `readOnly`. Looks at the file's own header before SQLite may touch it.
 * @throws LibraryError; the file is unchanged then.
 */
export function openDatabase(directory: string, migrations: Migration[], readOnly = false): Database.Database {
  const file = databaseFile(directory)
  if (!existsSync(file)) {
    if (existsSync(`${file}-wal`)) throw damaged('library.db is missing, but its write-ahead log is there')
    if (readOnly)
      throw new LibraryError(
        'foreign',
        `There is no library in ${directory}. Give the folder of one, or start a run to make it.`,
      )
    create(file, migrations)
  }
  inspect(file, migrations.length)
  let db: Database.Database | undefined
  try {
    checkWithLog(file, migrations, readOnly)
    db = new Database(file, { readonly: readOnly, fileMustExist: true, timeout: 5000 })
    check(db, file, migrations)
    if (!readOnly) {
      db.pragma('journal_mode = WAL')
      db.pragma('synchronous = FULL')
      db.pragma('journal_size_limit = 67108864')
    }
    db.pragma('foreign_keys = ON')
    db.pragma('temp_store = MEMORY')
    upgrade(db, directory, migrations, readOnly)
    return db
  } catch (error) {
    db?.close()
    throw asLibraryError(error)
  }
}

/** Makes a whole database beside its final name, so that one cut off at birth is never taken for a library. */
function create(file: string, migrations: Migration[]): void {
  const birth = `${file}.new`
  try {
    for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(birth + suffix, { force: true })
    const db = new Database(birth)
    try {
      // Space of removed runs goes back to the disk in slices; the mode can be set only before the first table.
      db.pragma('auto_vacuum = INCREMENTAL')
      db.pragma(`application_id = ${APPLICATION_ID}`)
      migrate(db, migrations)
    } finally {
      db.close()
    }
    renameSync(birth, file)
    syncFolder(dirname(file))
  } catch (error) {
    throw asLibraryError(error)
  }
}

/** A rename is on the disk when its folder is. Windows has no such call and needs none. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const fd = openSync(folder, 'r')
  fsyncSync(fd)
  closeSync(fd)
}

function readHeader(file: string): { header: Buffer; size: number } {
  try {
    const fd = openSync(file, 'r')
    try {
      const header = Buffer.alloc(HEADER)
      const length = readSync(fd, header, 0, HEADER, 0)
      return { header: header.subarray(0, length), size: statSync(file).size }
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    throw asLibraryError(error)
  }
}

const newer = (found: number, known: number) =>
  new LibraryError(
    'newer',
    `The library was written by a newer Atelier (its schema is version ${found}, this one knows up to ${known}). ` +
      'Nothing was changed. Install the newer Atelier, or open another library.',
  )
const foreign = (what: string) =>
  new LibraryError(
    'foreign',
    `library.db in this folder is not an Atelier library: ${what}. Nothing was changed. Choose another folder.`,
  )

/** Judges a file by its first hundred bytes and its size, with no help of SQLite, which might write to it. */
function inspect(file: string, known: number): void {
  if (!statSync(file).isFile()) throw foreign('it is no file')
  const { header, size } = readHeader(file)
  if (size === 0) throw damaged('library.db is empty')
  const magic = header.subarray(0, 16).toString('latin1')
  if (header.length < HEADER) {
    if (MAGIC.startsWith(magic.slice(0, Math.min(16, header.length)))) throw damaged('library.db is cut off')
    throw foreign('it is no SQLite file')
  }
  if (magic !== MAGIC) throw foreign('it is no SQLite file')
  const id = header.readUInt32BE(68)
  if (id !== APPLICATION_ID) throw foreign('it is the database of another program')
  const version = header.readUInt32BE(60)
  if (version > known) throw newer(version, known)
  const pageSize = header.readUInt16BE(16) === 1 ? 65536 : header.readUInt16BE(16)
  if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0) throw damaged('its page size is impossible')
  if (header[18]! > 2 || header[19]! > 2) throw damaged('its format is one that no SQLite has')
  // While a write-ahead log is there, the file may rightly be shorter than its header says.
  const wal = statSync(`${file}-wal`, { throwIfNoEntry: false })
  if (!wal?.size && size < header.readUInt32BE(28) * pageSize) throw damaged('library.db is cut off')
}

/**
 * A log left by a crash may hold the newest version number, and SQLite would take it into the file as it closes a library
 * that turns out to be damaged. So what can be refused is refused here, by looks that change nothing.
 */
function checkWithLog(file: string, migrations: Migration[], readOnly: boolean): void {
  const log = statSync(`${file}-wal`, { throwIfNoEntry: false })
  if (!log) return
  const isQuiet = () => !readOnly || !hasOwner(dirname(file))
  const fault = isQuiet() ? logFault(`${file}-wal`) : null
  // One who only reads may have met a core that has just begun to write.
  if (fault && isQuiet()) throw damaged(fault)
  if (log.size === 0) return
  const hadIndex = existsSync(`${file}-shm`)
  const db = new Database(file, { readonly: true, timeout: 5000 })
  try {
    if (!readOnly) check(db, file, migrations)
  } finally {
    db.close()
    if (!hadIndex) rmSync(`${file}-shm`, { force: true })
  }
}

/** Whether a core has the library open; also where that can't be found out. */
function hasOwner(directory: string): boolean {
  try {
    return libraryOwner(directory) !== null
  } catch {
    return true
  }
}

const expectedSchemas = new Map<string, string>()

function expectedSchema(migrations: Migration[], version: number): string {
  const key = `${version}\0${migrations.map((m) => m.sql).join('\0')}`
  let schema = expectedSchemas.get(key)
  if (schema === undefined) {
    const db = new Database(':memory:')
    migrate(db, migrations, version)
    schema = schemaOf(db)
    db.close()
    expectedSchemas.set(key, schema)
  }
  return schema
}

/** @throws LibraryError `damaged`; of what SQLite has no code for, too, such as a format that there can't be. */
function check(db: Database.Database, file: string, migrations: Migration[]): void {
  try {
    checkSchema(db, file, migrations)
  } catch (error) {
    const known = asLibraryError(error)
    throw known instanceof Database.SqliteError ? damaged(known.message, known) : known
  }
}

function checkSchema(db: Database.Database, file: string, migrations: Migration[]): void {
  const version = db.pragma('user_version', { simple: true }) as number
  if (version > migrations.length) throw newer(version, migrations.length)
  if (version < 1) throw damaged('it has no schema version')
  if (schemaOf(db) !== expectedSchema(migrations, version))
    throw damaged(`its tables are not those of schema version ${version}`)
  if (statSync(file).size <= QUICK_CHECK_BYTES) {
    const found = db.pragma('quick_check(1)', { simple: true }) as string
    if (found !== 'ok') throw damaged(found)
  }
}

function upgrade(db: Database.Database, directory: string, migrations: Migration[], readOnly: boolean): void {
  const version = db.pragma('user_version', { simple: true }) as number
  if (version >= migrations.length) return
  if (readOnly)
    throw new LibraryError(
      'read-only',
      `The library was written by an older Atelier (schema version ${version}) and is upgraded when it is opened for ` +
        'writing. Open it once so.',
    )
  backUp(db, directory, `version-${version}`)
  migrate(db, migrations)
}

/**
 * Writes a whole, compact copy to `backups/<label>-<time>.db` of the library's folder, and clears away what an earlier,
 * cut-off one left half-written there. Returns its path. The caller holds the lock.
 */
export function backUp(db: Database.Database, directory: string, label: string): string {
  const folder = join(directory, 'backups')
  mkdirSync(folder, { recursive: true })
  removeHalfWritten(folder)
  const stamp = new Date().toISOString().replace(/[:.]/g, '-')
  const target = join(folder, `${label}-${stamp}.db`)
  const birth = `${target}.new`
  try {
    db.prepare('VACUUM INTO ?').run(birth)
    const fd = openSync(birth, 'r+')
    fsyncSync(fd)
    closeSync(fd)
    renameSync(birth, target)
  } catch (error) {
    // On a full disk its space is what is needed most.
    removeHalfWritten(folder)
    throw error
  }
  syncFolder(folder)
  return target
}

function removeHalfWritten(folder: string): void {
  for (const file of readdirSync(folder))
    if (/\.db\.new(-journal)?$/.test(file)) rmSync(join(folder, file), { force: true })
}
