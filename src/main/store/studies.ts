import { randomUUID } from 'node:crypto'
import { StudyDefinition } from '../../shared/studies.ts'
import type { Commits } from './commits.ts'
import { NotFoundError } from './errors.ts'
import { wellFormed } from './sql.ts'
import type { SavedStudy } from './types.ts'

interface StudyRow {
  id: string
  created_at: number
  definition: string
}

const toStudy = (row: StudyRow): SavedStudy => ({
  id: row.id,
  createdAt: row.created_at,
  ...StudyDefinition.parse(JSON.parse(row.definition)),
})

/** Named sets of runs, by their definitions. */
export class Studies {
  private readonly commits: Commits

  constructor(commits: Commits) {
    this.commits = commits
  }

  /** By name. */
  list(): SavedStudy[] {
    return this.commits.db
      .prepare<[], StudyRow>('SELECT id, created_at, definition FROM studies ORDER BY name')
      .all()
      .map(toStudy)
  }

  get(id: string): SavedStudy | null {
    const row = this.commits.db
      .prepare<[string], StudyRow>('SELECT id, created_at, definition FROM studies WHERE id = ?')
      .get(id)
    return row ? toStudy(row) : null
  }

  /** One of the same name keeps its id and gets the new definition. */
  save(definition: StudyDefinition): SavedStudy {
    const { name, entries } = definition
    return this.commits.run(() => {
      const id = this.commits.db
        .prepare<[string, string, number, string], string>(
          `INSERT INTO studies (id, name, created_at, definition) VALUES (?, ?, ?, ?)
           ON CONFLICT (name) DO UPDATE SET definition = excluded.definition RETURNING id`,
        )
        .pluck()
        .get(randomUUID(), wellFormed(name), Date.now(), JSON.stringify({ name, entries }))!
      return this.get(id)!
    })
  }

  /** @throws NotFoundError. */
  remove(id: string): void {
    this.commits.run(() => {
      const { changes } = this.commits.db.prepare('DELETE FROM studies WHERE id = ?').run(id)
      if (!changes) throw new NotFoundError(`There is no study "${id}" in this library.`)
    })
  }
}
