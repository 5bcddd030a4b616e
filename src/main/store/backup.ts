import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync, statSync, statfsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import Database from 'better-sqlite3'
import { activeStatuses } from '../../shared/run.ts'
import type { Problem } from '../../shared/run.ts'
import { openDatabase, syncFolder } from './database.ts'
import { LibraryError, asLibraryError } from './errors.ts'
import { loadMigrations } from './migrate.ts'

export interface Backup {
  file: string
  bytes: number
  runs: number
}

/** Pages of a step, between which other work of this process is done. */
const PAGES_A_STEP = 2000

/**
 * Writes a whole copy of a library's database to a file that must not exist yet, by SQLite's backup API, also while a
 * core works on the library: the copy is the library as it was at one moment. Runs that were training then are
 * interrupted in the copy, to be resumed from their newest checkpoint, so that no two libraries share a worker. It is a
 * library again as `library.db` in a folder of its own.
 * @throws LibraryError when the library can't be read or the file can't be written; no file is left then
 */
export async function backupLibrary(directory: string, wanted: string): Promise<Backup> {
  const file = resolve(wanted)
  refuseBadPlace(file)
  const db = openDatabase(resolve(directory), loadMigrations(), true)
  const birth = `${file}.${process.pid}.new`
  try {
    // An open read transaction holds one view of the library; without it each commit of a core would start the copy anew.
    db.exec('BEGIN')
    db.prepare('SELECT count(*) FROM runs').get()
    const size =
      (db.pragma('page_count', { simple: true }) as number) * (db.pragma('page_size', { simple: true }) as number)
    refuseFullDisk(file, size)
    await db.backup(birth, { progress: () => PAGES_A_STEP })
    const runs = settle(birth)
    const fd = openSync(birth, 'r+')
    fsyncSync(fd)
    closeSync(fd)
    moveWithoutOverwriting(birth, file)
    syncFolder(dirname(file))
    return { file, bytes: statSync(file).size, runs }
  } catch (error) {
    throw asLibraryError(error)
  } finally {
    db.close()
    for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(birth + suffix, { force: true })
  }
}

const unusable = (message: string) => new LibraryError('io', message)

function refuseBadPlace(file: string): void {
  if (existsSync(file)) throw unusable(`${file} is there already and is not overwritten. Give the path of a new file.`)
  if (!statSync(dirname(file), { throwIfNoEntry: false })?.isDirectory())
    throw unusable(`${dirname(file)} is not a folder, so nothing can be written there. Make it, or give another path.`)
}

function refuseFullDisk(file: string, size: number): void {
  const { bavail, bsize } = statfsSync(dirname(file))
  if (bavail * bsize < size)
    throw new LibraryError(
      'disk-full',
      `The copy needs ${size} bytes and ${dirname(file)} has ${bavail * bsize} free. Free some space, or give a path on another disk.`,
    )
}

/** Makes the copy one file that stands for itself, with no worker at its runs, and reads it through. Returns its runs. */
function settle(birth: string): number {
  const copy = new Database(birth)
  try {
    copy.pragma('journal_mode = DELETE')
    const problem: Problem = {
      message: 'The run was training when this copy of the library was made.',
      hint: 'Resume it to go on from its newest checkpoint.',
      detail: null,
    }
    const active = activeStatuses.map((status) => `'${status}'`).join(', ')
    copy.transaction(() => {
      copy
        .prepare(
          `UPDATE runs SET active_ms = max(0, active_ms + @now - coalesce(attempt_started_at, @now)),
             attempt_started_at = NULL, status = 'interrupted', ended_at = @now, problem = @problem
           WHERE status IN (${active})`,
        )
        .run({ now: Date.now(), problem: JSON.stringify(problem) })
      copy.prepare('UPDATE attempts SET ended_at = ? WHERE ended_at IS NULL').run(Date.now())
    })()
    const found = copy.pragma('quick_check(1)', { simple: true }) as string
    if (found !== 'ok') throw unusable(`The copy could not be read back: ${found}. Nothing was kept; try another disk.`)
    return copy.prepare('SELECT count(*) FROM runs WHERE removed_at IS NULL').pluck().get() as number
  } finally {
    copy.close()
  }
}

/** A link fails where a file of that name has come to be meanwhile; a rename would replace it. */
function moveWithoutOverwriting(from: string, to: string): void {
  try {
    linkSync(from, to)
    rmSync(from)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') refuseBadPlace(to)
    // File systems without links (FAT).
    if (existsSync(to)) throw error
    renameSync(from, to)
  }
}
