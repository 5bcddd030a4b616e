import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { LibraryError, asLibraryError } from './errors.ts'
import type { LibraryOwner } from './types.ts'

/**
 * One core per library. The lock itself is the operating system's, held by SQLite on an empty file for as long as
 * the process lives: it ends with its process however that dies, so that it can't go stale and a reused pid can't
 * be taken for the owner. A JSON file beside it says, for people and for the CLI, who that is.
 */
const LOCK_FILE = 'library.lock'
const OWNER_FILE = 'library.lock.json'

/** A lock's connection that nothing refers to would be collected, and the lock would end with it. */
const held = new Set<Database.Database>()

export interface LibraryLock {
  /** @param traceless Also removes the lock file; only for a folder that turns out not to be a library. */
  release(traceless?: boolean): void
}

/** @throws LibraryError `locked` naming the owner, or `read-only`. */
export function acquireLock(directory: string): LibraryLock {
  // Waits a moment, because somebody may just be looking whether the lock is taken.
  const file = join(directory, LOCK_FILE)
  const isNew = !existsSync(file)
  const lock = tryLock(directory, 200)
  if (!lock) {
    const owner = readOwner(directory)
    throw new LibraryError(
      'locked',
      owner
        ? `The library is open in another Atelier (process ${owner.pid} on ${owner.host}). Close it, or open another library.`
        : 'The library is open in another Atelier. Close it, or open another library.',
    )
  }
  const owner: LibraryOwner = { pid: process.pid, host: hostname(), openedAt: Date.now() }
  const ownerFile = join(directory, OWNER_FILE)
  try {
    writeFileSync(ownerFile, JSON.stringify(owner))
  } catch (error) {
    lock.close()
    throw asLibraryError(error)
  }
  held.add(lock)
  return {
    release(traceless = false) {
      rmSync(ownerFile, { force: true })
      held.delete(lock)
      lock.close()
      // Otherwise the lock file stays: deleting it could let two processes lock two files of one name.
      if (traceless && isNew) rmSync(file, { force: true })
    },
  }
}

/** Who has a library open, or null when nobody has. Looks at the lock, so that a dead owner isn't named. */
export function libraryOwner(directory: string): LibraryOwner | null {
  const owner = readOwner(directory)
  if (!owner) return null
  const lock = tryLock(directory, 0)
  lock?.close()
  return lock ? null : owner
}

function tryLock(directory: string, timeout: number): Database.Database | null {
  let db: Database.Database | undefined
  try {
    db = new Database(join(directory, LOCK_FILE), { timeout })
    db.pragma('journal_mode = MEMORY')
    db.exec('BEGIN EXCLUSIVE')
    return db
  } catch (error) {
    db?.close()
    const cause = asLibraryError(error)
    if (cause instanceof LibraryError && cause.code === 'locked') return null
    if (cause instanceof LibraryError && cause.code === 'damaged')
      throw new LibraryError(
        'foreign',
        `${LOCK_FILE} in this folder is not the lock of an Atelier library. Nothing was changed. Move it away, or choose another folder.`,
        { cause: error },
      )
    throw cause
  }
}

function readOwner(directory: string): LibraryOwner | null {
  try {
    return JSON.parse(readFileSync(join(directory, OWNER_FILE), 'utf8')) as LibraryOwner
  } catch {
    return null
  }
}
