import { rmSync, statSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Database } from 'better-sqlite3'
import { list, logState, sizeOf, tidy } from './attempt-files.ts'
import type { Commits } from './commits.ts'
import { databaseFile } from './database.ts'
import { LibraryError, asLibraryError } from './errors.ts'
import type { Removal } from './removal.ts'
import type { CompactOptions, Compaction } from './types.ts'

/** Frees what a library needs no more: contents without a run, free pages, and files of attempts that are taken in. */
export class Compactor {
  private readonly commits: Commits
  private readonly db: Database
  private readonly removal: Removal
  private readonly directory: string

  constructor(commits: Commits, removal: Removal, directory: string) {
    this.commits = commits
    this.db = commits.db
    this.removal = removal
    this.directory = directory
  }

  async compact({ busy = new Set(), full = false }: CompactOptions): Promise<Compaction> {
    this.commits.needWritable()
    const file = databaseFile(this.directory)
    const size = () => sizeOf(file) + sizeOf(`${file}-wal`)
    this.db.pragma('wal_checkpoint(TRUNCATE)')
    const before = size()
    await this.removal.go()
    if (full) this.rewrite(statSync(file).size)
    const databaseBytes = Math.max(0, before - size())
    const fileBytes = (await this.tidyAttempts(busy)) + this.dropOrphans()
    return { databaseBytes, fileBytes, freedBytes: databaseBytes + fileBytes }
  }

  private rewrite(size: number): void {
    const { bavail, bsize } = statfsSync(this.directory)
    if (bavail * bsize < 2 * size)
      throw new LibraryError(
        'disk-full',
        `Writing the database anew needs up to ${2 * size} bytes and the disk has ${bavail * bsize} free. ` +
          'Free some, or compact without --full.',
      )
    try {
      this.db.exec('VACUUM')
      this.db.pragma('wal_checkpoint(TRUNCATE)')
    } catch (error) {
      throw asLibraryError(error)
    }
  }

  /**
   * An ended attempt's log is read no more once all of it is taken in: a resume starts from a checkpoint in the library,
   * and only attempts that haven't ended are adopted.
   */
  private async tidyAttempts(busy: ReadonlySet<string>): Promise<number> {
    const ended = this.db
      .prepare<[], { id: string; attempt: number; offset: number }>(
        `SELECT runs.id, attempts.attempt, attempts.log_offset AS offset
         FROM attempts JOIN runs ON runs.key = attempts.run WHERE attempts.ended_at IS NOT NULL`,
      )
      .all()
    let freed = 0
    for (const { id, attempt, offset } of ended) {
      if (busy.has(id)) continue
      const folder = join(this.directory, 'runs', id, `attempt-${attempt}`)
      if (logState(folder, offset) === 'taken') freed += tidy(folder)
      await nextTurn()
    }
    return freed
  }

  private dropOrphans(): number {
    const known = this.db.prepare<[string], number>('SELECT 1 FROM runs WHERE id = ?').pluck()
    let freed = 0
    for (const id of list(join(this.directory, 'runs'))) {
      if (known.get(id) !== undefined) continue
      const folder = join(this.directory, 'runs', id)
      freed += sizeOf(folder)
      rmSync(folder, { recursive: true, force: true })
    }
    return freed
  }
}
