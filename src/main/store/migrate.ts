import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Database } from 'better-sqlite3'

export interface Migration {
  version: number
  name: string
  sql: string
}

/** The installation's `migrations` folder, found upwards from here, be it the source tree or a bundle. */
function migrationsFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  for (;;) {
    const candidate = join(folder, 'migrations')
    if (existsSync(join(candidate, '0001_library.sql'))) return candidate
    const parent = dirname(folder)
    if (parent === folder)
      throw new Error('The migrations folder of this installation is missing; install Atelier again.')
    folder = parent
  }
}

/** Reads the numbered .sql files in order. @throws Error when a number is missing or twice there. */
export function loadMigrations(folder = migrationsFolder()): Migration[] {
  const migrations = readdirSync(folder)
    .filter((file) => /^\d{4}_.+\.sql$/.test(file))
    .sort()
    .map((file) => ({
      version: Number(file.slice(0, 4)),
      name: file.slice(5, -4),
      sql: readFileSync(join(folder, file), 'utf8'),
    }))
  migrations.forEach((m, i) => {
    if (m.version !== i + 1)
      throw new Error(`Migration ${i + 1} is missing, or one of its number is twice there: ${m.name}.`)
  })
  return migrations
}

/**
 * Applies what is pending up to `target` in one transaction with the version, so that a kill leaves the old schema
 * or the new one. Foreign keys are off meanwhile, because a migration may rebuild a table, and checked before the commit.
 */
export function migrate(db: Database, migrations: Migration[], target = migrations.length): void {
  const from = db.pragma('user_version', { simple: true }) as number
  if (from >= target) return
  db.pragma('foreign_keys = OFF')
  try {
    db.transaction(() => {
      for (const m of migrations.slice(from, target)) db.exec(m.sql)
      const broken = db.pragma('foreign_key_check') as { table: string }[]
      if (broken.length) throw new Error(`The migration would leave rows of ${broken[0]!.table} without their parents.`)
      db.pragma(`user_version = ${target}`)
    }).immediate()
  } finally {
    db.pragma('foreign_keys = ON')
  }
}

/** The schema as SQL, whitespace and comments aside, in an order that doesn't depend on how it came about. */
export function schemaOf(db: Database): string {
  const rows = db
    .prepare<[], { sql: string }>("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
    .all()
  return rows
    .map((row) =>
      row.sql
        .replace(/--[^\n]*/g, '')
        .replace(/["`]/g, '')
        .replace(/\s+/g, ' '),
    )
    .sort()
    .join('\n')
}
