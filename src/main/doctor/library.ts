import { accessSync, constants, existsSync } from 'node:fs'
import { createConnection } from 'node:net'
import path from 'node:path'
import { logFile } from '../paths.ts'
import { runningCore } from '../server/core-file.ts'
import { databaseFile, openDatabase } from '../store/database.ts'
import { damaged } from '../store/errors.ts'
import { LibraryError, libraryOwner, openLibrary } from '../store/index.ts'
import { loadMigrations } from '../store/migrate.ts'
import { inBytes, ok, problem, warning } from './finding.ts'
import type { Finding } from './finding.ts'

const restore = 'Restore library.db from a backup, as said above, or open another library (--library).'

/** Opens the library for reading alone, looks whether its trees are whole, and who has it; changes nothing. */
export async function checkLibraryFolder(directory: string): Promise<Finding[]> {
  if (!existsSync(databaseFile(directory)) && !existsSync(`${databaseFile(directory)}-wal`))
    return [noLibrary(directory)]
  try {
    const library = openLibrary(directory, { readOnly: true })
    const { runs, bytes, schemaVersion } = library.info()
    library.close()
    const what = `${directory}: ${runs} ${runs === 1 ? 'run' : 'runs'}, ${inBytes(bytes)}, schema version ${schemaVersion}.`
    return [quickCheck(directory, what), writable(directory), await owner(directory)]
  } catch (error) {
    if (!(error instanceof LibraryError)) throw error
    return [problem('library', `${directory}: ${error.message}`, hintOf(error))]
  }
}

function hintOf({ code }: LibraryError): string {
  if (code === 'newer') return 'Install the newest Atelier; this one leaves the library as it is.'
  if (code === 'damaged') return restore
  return 'Name the folder of a library with --library or $ATELIER_LIBRARY.'
}

function noLibrary(directory: string): Finding {
  let there = directory
  while (!existsSync(there) && path.dirname(there) !== there) there = path.dirname(there)
  if (mayWrite(there)) return ok('library', `There is none in ${directory} yet; the first start makes it.`)
  return problem(
    'library',
    `There is none in ${directory}, and it can't be made: ${there} can't be written.`,
    'Name another folder with --library or $ATELIER_LIBRARY, or give yourself write permission.',
  )
}

/** SQLite's quick check reads every page, but not each index against its table, nor contents against their hashes. */
function quickCheck(directory: string, what: string): Finding {
  const db = openDatabase(directory, loadMigrations(), true)
  try {
    const [first] = db.pragma('quick_check(1)') as { quick_check: string }[]
    if (first?.quick_check === 'ok')
      return ok('library', `${what} It is sound (\`atelier library check\` looks closer).`)
    return problem('library', `${what} ${damaged(String(first?.quick_check)).message}`, restore)
  } finally {
    db.close()
  }
}

function writable(directory: string): Finding {
  const closed = [directory, databaseFile(directory)].find((file) => !mayWrite(file))
  if (!closed) return ok('library', 'It can be written.')
  return problem(
    'library',
    `${closed} can't be written, so the library can be read alone.`,
    'Give yourself write permission, or open another library (--library).',
  )
}

function mayWrite(file: string): boolean {
  try {
    accessSync(file, constants.W_OK)
    return true
  } catch {
    return false
  }
}

async function owner(directory: string): Promise<Finding> {
  const found = libraryOwner(directory)
  if (!found) return ok('library', 'No Atelier has it open.')
  const since = new Date(found.openedAt).toISOString()
  const who = `Process ${found.pid} on ${found.host} has it open since ${since}`
  const core = runningCore(directory)
  if (!core) return ok('library', `${who}; it can't be reached by commands, as a command itself.`)
  if (await answers(core.host, core.port))
    return ok('library', `${who}, and answers at ${core.host}, port ${core.port}.`)
  return warning(
    'library',
    `${who}, but does not answer at ${core.host}, port ${core.port}.`,
    `Look into its log (${logFile(directory)}); end process ${core.pid} if it hangs. What trains goes on, and the next start adopts it.`,
  )
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port, timeout: 3000 })
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
    socket.once('timeout', () => end(false))
  })
}

/** Where the log of a core that stays lies, or will. */
export function checkLog(directory: string): Finding {
  const file = logFile(directory)
  return ok('log', existsSync(file) ? `The log is ${file}.` : `The log will be ${file}; there is none yet.`)
}
