import { createHash } from 'node:crypto'
import type { Database } from 'better-sqlite3'

/**
 * Every step that a run logged has a mark (when it was) and at least one point; where one is without the other, a step has
 * been changed or lost.
 */
export class StepCheck {
  private readonly unmarked
  private readonly pointless

  constructor(db: Database) {
    this.unmarked = db
      .prepare<[number], number>(
        `SELECT count(*) FROM series JOIN points ON points.series = series.id WHERE series.run = ?
           AND NOT EXISTS (SELECT 1 FROM marks WHERE marks.run = series.run AND marks.step = points.step)`,
      )
      .pluck()
    this.pointless = db
      .prepare<[number], number>(
        `SELECT count(*) FROM marks WHERE run = ? AND NOT EXISTS (SELECT 1 FROM series JOIN points
           ON points.series = series.id AND points.step = marks.step WHERE series.run = marks.run)`,
      )
      .pluck()
  }

  /** @param run the run's key. Returns what is wrong, or null. */
  run(run: number): string | null {
    const unmarked = this.unmarked.get(run)!
    const pointless = this.pointless.get(run)!
    if (unmarked === 0 && pointless === 0) return null
    return `${unmarked} points are at steps that it never logged, and ${pointless} steps that it logged have no point`
  }
}

/** Names of the user's own distributions whose content is not the one that they were saved under. */
export function changedSets(db: Database): string[] {
  return db
    .prepare<[], { id: string; name: string; content: string }>('SELECT id, name, content FROM plane_sets')
    .all()
    .filter(({ id, content }) => createHash('sha256').update(content).digest('hex').slice(0, 16) !== id)
    .map(({ name }) => name)
}
