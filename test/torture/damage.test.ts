import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { LibraryError, checkLibrary, openLibrary } from '../../src/main/store/index.ts'
import type { Library } from '../../src/main/store/index.ts'
import { contentOf, newRun, temporaryFolder } from '../main/store/fixtures.ts'
import { changedValues, isWithoutSecondAccount } from './changed-values.ts'
import { damages, logDamages } from './damage.ts'
import { lookInto, rowsOf } from './old-library.ts'
import type { Rows } from './old-library.ts'
import { randomFor, record, rounds, timeLimit } from './support.ts'
import { copyFiles, makeWholeLibrary } from './whole-library.ts'

const ROUNDS = rounds(24, 850)
const LOG_ROUNDS = rounds(12, 150)

const storeUrl = pathToFileURL(path.join(import.meta.dirname, '../../src/main/store/index.ts')).href

/** Files as they lie there, but for what holds nothing: a log's index, which SQLite makes anew, and a log without a commit. */
function filesOf(folder: string): Map<string, string> {
  const files = contentOf(folder)
  files.delete('library.db-shm')
  if (files.get('library.db-wal') === '') files.delete('library.db-wal')
  return files
}

interface Opened {
  refused: LibraryError | null
  rows: Rows | null
}

/** Opens a library, which either refuses it, typed and without a change, or gives its rows (null: they can't be read). */
function open(folder: string): Opened {
  const before = filesOf(folder)
  let library: Library
  try {
    library = openLibrary(folder)
  } catch (error) {
    if (!(error instanceof LibraryError)) throw error
    expect(error.message).toMatch(/\S\. [A-Z].*\.$/s)
    expect(filesOf(folder)).toEqual(before)
    return { refused: error, rows: null }
  }
  try {
    library.runs()
  } catch (error) {
    if (!(error instanceof LibraryError)) throw error
  } finally {
    library.close()
  }
  return { refused: null, rows: readable(folder) }
}

function readable(folder: string): Rows | null {
  try {
    return lookInto(path.join(folder, 'library.db'), rowsOf)
  } catch (error) {
    if ((error as { code?: string }).code?.startsWith('SQLITE_CORRUPT')) return null
    throw error
  }
}

/** Whether a check finds a problem, or refuses; it changes nothing. */
async function findsProblem(folder: string): Promise<boolean> {
  const before = filesOf(folder)
  try {
    return !(await checkLibrary(folder)).ok
  } catch (error) {
    if (!(error instanceof LibraryError)) throw error
    return true
  } finally {
    expect(filesOf(folder)).toEqual(before)
  }
}

/** Folders for one round; taken away at its end, because there are many. */
async function inCopy(made: string, work: (folder: string) => Promise<void>): Promise<void> {
  const place = temporaryFolder()
  try {
    copyFiles(made, path.join(place, 'library'))
    await work(path.join(place, 'library'))
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

const count = (tally: Record<string, number>, what: string) => (tally[what] = (tally[what] ?? 0) + 1)

it(
  `a library damaged in ${ROUNDS} ways is refused and left as it was, or opens and the check finds the damage`,
  async () => {
    const random = randomFor('damage')
    const made = path.join(temporaryFolder(), 'library')
    await makeWholeLibrary(made, 40_000)
    const sound = lookInto(path.join(made, 'library.db'), rowsOf)
    await inCopy(made, async (folder) => expect(await checkLibrary(folder)).toMatchObject({ ok: true, findings: [] }))

    const kinds = Object.keys(damages)
    const outcomes: Record<string, number> = {}
    const beyondCheck: Record<string, number> = {}
    for (let round = 0; round < ROUNDS; round++)
      await inCopy(made, async (folder) => {
        const kind = kinds[round % kinds.length]!
        const mustBeRefused = damages[kind]!(folder, random)
        const isFound = await findsProblem(folder)
        // Opening may write, so what it is compared with is set aside.
        copyFiles(folder, `${folder}-damaged`)
        const { refused, rows } = open(folder)
        if (refused) {
          expect(['damaged', 'foreign', 'newer']).toContain(refused.code)
          count(outcomes, 'refused')
        } else {
          expect(mustBeRefused, kind).toBe(false)
          const isSame = rows !== null && Object.keys(sound).every((table) => rows[table] === sound[table])
          if (isSame) count(outcomes, isFound ? 'read as it was, a problem found' : 'read as it was')
          else if (isFound) count(outcomes, 'opened, the damage found by the check')
          else {
            const changed = changedValues(path.join(made, 'library.db'), path.join(`${folder}-damaged`, 'library.db'))
            expect(
              changed.filter((what) => !isWithoutSecondAccount(what)),
              kind,
            ).toEqual([])
            for (const { table, column } of changed) count(beyondCheck, `${table}.${column}`)
            count(outcomes, 'opened, with a value changed that is stored once')
          }
        }
      })
    record('damaged libraries', {
      rounds: ROUNDS,
      seed: random.seed,
      openedWrongly: 0,
      changed: 0,
      outcomes,
      beyondCheck,
    })
  },
  timeLimit(240_000),
)

it(
  `what a killed core leaves, damaged ${LOG_ROUNDS} times, is refused or read up to a commit`,
  async () => {
    const random = randomFor('log damage')
    const made = path.join(temporaryFolder(), 'library')
    const states: string[] = []
    const stateOf = (db: Database.Database) => JSON.stringify(rowsOf(db))
    const killed = path.join(temporaryFolder(), 'library')
    await makeWholeLibrary(made, 40_000)
    const library = openLibrary(made)
    const beside = new Database(path.join(made, 'library.db'), { readonly: true })
    states.push(stateOf(beside))
    const stop = library.subscribe(() => states.push(stateOf(beside)))
    library.setSetting('slots', 4)
    for (const run of library.runs()) library.updateRun(run.id, { notes: random.next().toString().repeat(500) })
    library.createRun({ ...newRun, name: 'after' })
    library.updateRun(library.runs()[0]!.id, { name: 'renamed' })
    stop()
    copyFiles(made, killed)
    beside.close()
    library.close()
    const whole = states.at(-1)!
    // The setting was committed without a word to the listeners.
    expect(new Set(states).size).toBeGreaterThanOrEqual(5)

    const kinds = Object.keys(logDamages)
    const outcomes: Record<string, number> = {}
    for (let round = 0; round < LOG_ROUNDS; round++)
      await inCopy(killed, async (folder) => {
        const kind = kinds[round % kinds.length]!
        logDamages[kind]!(folder, random)
        const hadIndex = existsSync(path.join(folder, 'library.db-shm'))
        const isFound = await findsProblem(folder)
        const { refused } = open(folder)
        if (refused) {
          expect(refused.code).toBe('damaged')
          count(outcomes, 'refused')
          return
        }
        const rows = readable(folder)
        const state = rows && JSON.stringify(rows)
        if (state === whole) count(outcomes, 'read as it was')
        else if (isFound) count(outcomes, 'opened, the damage found by the check')
        else if (kind === 'bits of the database behind the log flipped') {
          const changed = changedValues(path.join(made, 'library.db'), path.join(folder, 'library.db'))
          expect(
            changed.filter((what) => !isWithoutSecondAccount(what)),
            kind,
          ).toEqual([])
          count(outcomes, 'opened, with a value changed that is stored once')
        } else {
          // What can't be told from a power cut: there is no index, and the last commit is broken.
          expect(hadIndex, kind).toBe(false)
          expect(states.slice(-3), kind).toContain(state)
          count(outcomes, 'read up to the commit before')
        }
      })
    record('damaged write-ahead logs', {
      rounds: LOG_ROUNDS,
      seed: random.seed,
      openedWrongly: 0,
      changed: 0,
      outcomes,
    })
  },
  timeLimit(120_000),
)

it('a folder that can not be written is refused, for reading too, and stays as it was', async () => {
  const folder = path.join(temporaryFolder(), 'library')
  await makeWholeLibrary(folder, 1000)
  // What this process may do, another user may not; an administrator may do everything.
  chmodSync(path.dirname(folder), 0o755)
  const files = readdirSync(folder, { recursive: true }) as string[]
  for (const name of ['', ...files]) chmodSync(path.join(folder, name), name.includes('.') ? 0o444 : 0o555)
  const before = filesOf(folder)
  const script = `const { openLibrary } = await import(${JSON.stringify(storeUrl)})
    if (process.getuid() === 0) process.seteuid(65534)
    for (const readOnly of [false, true])
      try { openLibrary(process.argv[1], { readOnly }); console.log('opened') } catch (error) {
        console.log(error.name, error.code, error.message) }`
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', script, folder], { encoding: 'utf8' })
  expect(said.trim().split('\n')).toEqual(
    Array(2).fill(expect.stringMatching(/^LibraryError read-only The library can't be written\. Give yourself/)),
  )
  expect(filesOf(folder)).toEqual(before)
  for (const name of ['', ...files]) chmodSync(path.join(folder, name), 0o755)
})
