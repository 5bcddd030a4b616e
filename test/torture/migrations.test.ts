import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it, onTestFinished } from 'vitest'
import { openLibrary } from '../../src/main/store/index.ts'
import { loadMigrations, schemaOf } from '../../src/main/store/migrate.ts'
import { temporaryFolder } from '../main/store/fixtures.ts'
import { allColumns, lookInto, makeOldLibrary, rowsOf } from './old-library.ts'
import { randomFor, record, rounds, timeLimit } from './support.ts'

const KILLS = rounds(5, 50)
/** Makes the copy that is written first, and the check of foreign keys at the end, long enough to be hit. */
const POINTS = 150_000
const migrations = loadMigrations()
const entry = path.join(import.meta.dirname, 'upgrading-child.ts')
const databaseIn = (folder: string) => path.join(folder, 'library.db')
const kept = (folder: string) =>
  existsSync(path.join(folder, 'backups')) ? readdirSync(path.join(folder, 'backups')) : []

/** Milliseconds after a sign of the child. */
interface Moment {
  after: 'beginning' | 'backup'
  wait: number
}

interface Upgrade {
  /** How long both parts took; null for one that was killed before its end. */
  took: Record<Moment['after'], number> | null
  isDone: boolean
}

/** Upgrades a library to a version in a process of its own, which is killed at a moment if one is given. */
async function upgrade(folder: string, version: number, killAt?: Moment): Promise<Upgrade> {
  const child = spawn(process.execPath, [entry, folder, String(version)], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const exited = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })
  const at: Partial<Record<'beginning' | 'backup' | 'end', number>> = {}
  lines.on('line', (line) => (at[line === 'done' ? 'end' : 'beginning'] = performance.now()))
  await Promise.race([once(lines, 'line'), exited])
  const isOver = () => child.exitCode !== null || child.signalCode !== null
  while (!isOver()) {
    if (at.backup === undefined && kept(folder).some((file) => file.endsWith('.db'))) at.backup = performance.now()
    const since = at[killAt?.after ?? 'beginning']
    if (killAt && since !== undefined && performance.now() - since >= killAt.wait) child.kill('SIGKILL')
    // Signs must be seen at once, and the child's exit too.
    await new Promise((resolve) => setImmediate(resolve))
  }
  await exited
  const { beginning, backup = beginning, end } = at
  const took = end === undefined ? null : { beginning: end - beginning!, backup: end - backup! }
  return { took, isDone: end !== undefined }
}

/** What a library that was killed in the middle holds: its version, and whether all else is of that version. */
function look(folder: string, columns: Record<string, string[]>) {
  return lookInto(databaseIn(folder), (db) => ({
    version: db.pragma('user_version', { simple: true }) as number,
    integrity: db.pragma('integrity_check', { simple: true }),
    schema: schemaOf(db),
    rows: rowsOf(db, columns),
  }))
}

it.each(migrations.map(({ version, name }) => ({ version, name })))(
  `migration $version ($name), killed ${KILLS} times, leaves the old schema or the new one, and every row`,
  async ({ version }) => {
    const random = randomFor(`migration ${version}`)
    const made = temporaryFolder()
    // Before the first migration there is no library: its making is what is killed.
    if (version > 1) makeOldLibrary(made, migrations, version - 1, POINTS)
    const before =
      version > 1
        ? lookInto(databaseIn(made), (db) => ({ schema: schemaOf(db), columns: allColumns(db), rows: rowsOf(db) }))
        : { schema: '', columns: {}, rows: {} }

    const undisturbed = path.join(temporaryFolder(), 'library')
    cpSync(made, undisturbed, { recursive: true })
    const { took } = await upgrade(undisturbed, version)
    const expected = look(undisturbed, before.columns)
    expect(expected.rows).toEqual(before.rows)
    expect(expected).toMatchObject({ version, integrity: 'ok' })

    const left = { nothing: 0, old: 0, new: 0, 'new, before its process knew': 0 }
    for (let round = 0; round < KILLS; round++) {
      const folder = path.join(temporaryFolder(), 'library')
      cpSync(made, folder, { recursive: true })
      // Half of the kills fall into the migration itself, after the backup.
      const after = version > 1 && round % 2 === 1 ? 'backup' : 'beginning'
      const { isDone } = await upgrade(folder, version, { after, wait: random.next() * took![after] * 1.3 })

      if (existsSync(databaseIn(folder))) {
        const found = look(folder, before.columns)
        expect(found.integrity).toBe('ok')
        expect([version - 1, version]).toContain(found.version)
        expect(found.schema).toBe(found.version === version ? expected.schema : before.schema)
        expect(found.rows).toEqual(before.rows)
        if (isDone) expect(found.version).toBe(version)
        left[found.version < version ? 'old' : isDone ? 'new' : 'new, before its process knew']++
        if (version > 1 && found.version === version) expect(kept(folder)).toHaveLength(1)
      } else {
        expect(version, 'a library that was there is gone').toBe(1)
        left.nothing++
      }

      const library = openLibrary(folder)
      expect(library.info().schemaVersion).toBe(migrations.length)
      library.close()
      expect(look(folder, before.columns)).toMatchObject({ integrity: 'ok', rows: before.rows })
      // What a killed backup left half-written is cleared away by the next one.
      expect(kept(folder).filter((file) => !file.endsWith('.db'))).toEqual([])
      expect(readdirSync(folder).filter((file) => file.includes('.new'))).toEqual([])
    }
    record(`migration ${version} killed`, { rounds: KILLS, seed: random.seed, left, between: 0, rowsLost: 0 })
  },
  timeLimit(240_000),
)
