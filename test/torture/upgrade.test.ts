import { copyFileSync, mkdirSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { openDatabase } from '../../src/main/store/database.ts'
import { openLibrary } from '../../src/main/store/index.ts'
import { loadMigrations, schemaOf } from '../../src/main/store/migrate.ts'
import { temporaryFolder } from '../main/store/fixtures.ts'
import { allColumns, lookInto, makeOldLibrary, rowsOf } from './old-library.ts'
import { record } from './support.ts'

const migrations = loadMigrations()
const latest = migrations.length

/** All of a library's file but rows: tables, indexes, and what the header says of it. */
function shapeOf(folder: string) {
  return lookInto(path.join(folder, 'library.db'), (db) => ({
    schema: schemaOf(db),
    objects: db
      .prepare("SELECT type, name, tbl_name FROM sqlite_schema WHERE name <> 'sqlite_sequence' ORDER BY name")
      .all(),
    columns: allColumns(db),
    pragmas: ['user_version', 'application_id', 'auto_vacuum', 'journal_mode', 'encoding', 'page_size'].map((name) =>
      db.pragma(name, { simple: true }),
    ),
    integrity: db.pragma('integrity_check', { simple: true }),
    broken: db.pragma('foreign_key_check'),
  }))
}

const contentsOf = (file: string) => lookInto(file, (db) => ({ columns: allColumns(db), rows: rowsOf(db) }))

function freshShape() {
  const folder = temporaryFolder()
  openLibrary(folder).close()
  return shapeOf(folder)
}

it.each(migrations.map(({ version, name }) => ({ version, name })))(
  'a library of version $version ($name) with rows in every table is upgraded without losing any',
  ({ version }) => {
    const folder = temporaryFolder()
    const file = path.join(folder, 'library.db')
    makeOldLibrary(folder, migrations, version)
    const before = contentsOf(file)
    for (const [table, rows] of Object.entries(before.rows)) expect(rows, table).not.toMatch(/^0 rows/)

    const library = openLibrary(folder)
    expect(library.info().schemaVersion).toBe(latest)
    // The one removed run is in the bin or, from before there was a bin, being deleted.
    expect(library.runs()).toHaveLength(3)
    expect(library.runs().map(({ kind }) => kind)).toEqual(['gan2d', 'wgan-gp', 'dcgan'])
    library.close()

    expect(shapeOf(folder)).toEqual(freshShape())
    expect(lookInto(file, (db) => rowsOf(db, before.columns))).toEqual(before.rows)

    const backups = version < latest ? readdirSync(path.join(folder, 'backups')) : []
    expect(backups).toEqual(version < latest ? [expect.stringMatching(`^version-${version}-.*\\.db$`)] : [])
    for (const backup of backups) {
      const restored = path.join(temporaryFolder(), 'restored')
      mkdirSync(restored)
      copyFileSync(path.join(folder, 'backups', backup), path.join(restored, 'library.db'))
      expect(contentsOf(path.join(restored, 'library.db'))).toEqual(before)
      openLibrary(restored).close()
      expect(contentsOf(path.join(restored, 'library.db'))).toEqual(contentsOf(file))
    }
    record('upgrade with rows in every table', {
      rounds: 1,
      from: version,
      to: latest,
      tables: Object.keys(before.rows).length,
      differences: 0,
    })
  },
)

it('version by version leads to the same library as all at once', () => {
  const [steps, once] = [temporaryFolder(), temporaryFolder()]
  for (const folder of [steps, once]) makeOldLibrary(folder, migrations, 1)
  for (let version = 2; version <= latest; version++) openDatabase(steps, migrations.slice(0, version)).close()
  openDatabase(once, migrations).close()
  expect(shapeOf(steps)).toEqual(shapeOf(once))
  expect(contentsOf(path.join(steps, 'library.db'))).toEqual(contentsOf(path.join(once, 'library.db')))
  expect(readdirSync(path.join(steps, 'backups'))).toHaveLength(latest - 1)
})
