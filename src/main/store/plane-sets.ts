import { createHash } from 'node:crypto'
import type { Database } from 'better-sqlite3'
import { PlaneSetContent } from '../../shared/plane/sets.ts'
import type { PlaneSet } from '../../shared/plane/sets.ts'
import type { Commits } from './commits.ts'
import { NotFoundError } from './errors.ts'
import { wellFormed } from './sql.ts'
import type { PlaneSetStore } from './types.ts'

interface Row {
  id: string
  name: string
  type: PlaneSet['type']
  count: number
  created_at: number
}

const columns = 'id, name, type, count, created_at'
const toSet = ({ created_at: createdAt, ...row }: Row): PlaneSet => ({ ...row, createdAt })

export class PlaneSets implements PlaneSetStore {
  private readonly db: Database
  private readonly commits: Commits

  constructor(commits: Commits) {
    this.db = commits.db
    this.commits = commits
  }

  list(): PlaneSet[] {
    return this.db.prepare<[], Row>(`SELECT ${columns} FROM plane_sets ORDER BY created_at DESC, id`).all().map(toSet)
  }

  set(id: string): PlaneSet {
    const row = this.db.prepare<[string], Row>(`SELECT ${columns} FROM plane_sets WHERE id = ?`).get(id)
    if (!row) throw new NotFoundError(`There is no saved set "${id}" in this library.`)
    return toSet(row)
  }

  content(id: string): PlaneSetContent {
    this.set(id)
    const json = this.db.prepare('SELECT content FROM plane_sets WHERE id = ?').pluck().get(id) as string
    return PlaneSetContent.parse(JSON.parse(json))
  }

  has(id: string): boolean {
    return this.db.prepare('SELECT 1 FROM plane_sets WHERE id = ?').get(id) !== undefined
  }

  save(name: string, content: PlaneSetContent): PlaneSet {
    const json = JSON.stringify(content)
    const id = createHash('sha256').update(json).digest('hex').slice(0, 16)
    const count = content.type === 'drawing' ? content.drawing.strokes.length : content.set.points.length / 2
    this.commits.run(() =>
      this.db
        .prepare(
          `INSERT INTO plane_sets (id, name, type, count, created_at, content) VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT (id) DO UPDATE SET name = excluded.name`,
        )
        .run(id, wellFormed(name), content.type, count, Date.now(), json),
    )
    return this.set(id)
  }

  remove(id: string): void {
    this.set(id)
    this.commits.run(() => this.db.prepare('DELETE FROM plane_sets WHERE id = ?').run(id))
  }
}
