import type { Database, Statement } from 'better-sqlite3'
import { completeSettings, settingsName } from '../../shared/settings.ts'
import type { Blobs } from './blobs.ts'
import { NotFoundError } from './errors.ts'
import type { Settings } from './settings.ts'
import { wellFormed } from './sql.ts'

/**
 * Which checkpoints of a run stay: the newest ones and every so many-th, as the library's settings say; those that have a
 * name; those whose content another run was given; and the newest one always. The rest go when a newer one comes in.
 * Works in the caller's transaction.
 */
export class Retention {
  private readonly settings: Settings
  private readonly blobs: Blobs
  private readonly cut: Statement<{ run: number; last: number; every: number }[], { step: number; blob: number }>
  private readonly putName: Statement<[string | null, number, number]>

  constructor(db: Database, settings: Settings, blobs: Blobs) {
    this.settings = settings
    this.blobs = blobs
    this.cut = db.prepare(
      `DELETE FROM checkpoints WHERE run = @run AND name IS NULL
         AND step < (SELECT min(step) FROM
           (SELECT step FROM checkpoints WHERE run = @run ORDER BY step DESC LIMIT max(1, @last)))
         AND (@every = 0 OR ordinal % @every <> 0)
         AND NOT EXISTS (SELECT 1 FROM given WHERE given.blob = checkpoints.blob)
       RETURNING step, blob`,
    )
    this.putName = db.prepare('UPDATE checkpoints SET name = ? WHERE run = ? AND step = ?')
  }

  /** Removes from a run what needs not be kept, and its contents unless something else has them. Returns the steps. */
  apply(run: number): number[] {
    const { keepLast, keepEvery } = completeSettings(this.settings.get(settingsName)).checkpoints
    if (keepLast === null) return []
    const gone = this.cut.all({ run, last: keepLast, every: keepEvery })
    for (const blob of new Set(gone.map((row) => row.blob))) this.blobs.release(blob)
    return gone.map(({ step }) => step).sort((a, b) => a - b)
  }

  /** Names a checkpoint, or takes its name back. @throws NotFoundError if the run has none of that step. */
  name(run: number, step: number, name: string | null): void {
    if (this.putName.run(name === null ? null : wellFormed(name), run, step).changes === 0)
      throw new NotFoundError(`The run has no checkpoint of step ${step}.`)
  }
}
