import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { openDatabase } from './database.ts'
import { makeFolder } from './folder.ts'
import { OpenedLibrary } from './library.ts'
import { acquireLock } from './lock.ts'
import { loadMigrations } from './migrate.ts'
import type { Library, OpenOptions } from './types.ts'

/**
 * Opens a library folder, making it (and its database and schema) when it is empty or missing. Takes the lock unless
 * `readOnly`.
 * @throws LibraryError; a refused library is left byte for byte as it was.
 */
export function openLibrary(directory: string, options: OpenOptions = {}): Library {
  const folder = resolve(directory)
  const readOnly = options.readOnly ?? false
  const migrations = loadMigrations(options.migrations)
  const made = makeFolder(folder, readOnly)
  const lock = readOnly ? null : acquireLock(folder)
  try {
    return new OpenedLibrary(folder, openDatabase(folder, migrations, readOnly), lock)
  } catch (error) {
    lock?.release(true)
    if (made) rmSync(made, { recursive: true, force: true })
    throw error
  }
}
