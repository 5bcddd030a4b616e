import type { Commits } from './commits.ts'

/** Small JSON values that are kept with the library, by name. */
export class Settings {
  private readonly commits: Commits

  constructor(commits: Commits) {
    this.commits = commits
  }

  get(name: string): unknown {
    const read = this.commits.db.prepare('SELECT value FROM settings WHERE name = ?').pluck()
    const value = read.get(name) as string | undefined
    return value === undefined ? null : (JSON.parse(value) as unknown)
  }

  set(name: string, value: unknown): void {
    const json = JSON.stringify(value)
    this.commits.run(() =>
      this.commits.db.prepare('INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)').run(name, json),
    )
  }
}
