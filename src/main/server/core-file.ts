import { readFileSync } from 'node:fs'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'

/** Where a running core can be reached: `core.json` in the library's folder, readable by its owner alone. */
export interface RunningCore {
  pid: number
  host: string
  port: number
  token: string
  version: string
  /** Whether the window is served there too. */
  page: boolean
}

const FILE = 'core.json'

export async function writeCoreFile(directory: string, core: RunningCore): Promise<void> {
  await mkdir(directory, { recursive: true })
  const file = path.join(directory, FILE)
  const temporary = `${file}.${process.pid}.tmp`
  // An old file could have been left open to others; a new one never is.
  await rm(temporary, { force: true })
  const handle = await open(temporary, 'wx', 0o600)
  try {
    await handle.writeFile(`${JSON.stringify(core)}\n`)
  } finally {
    await handle.close()
  }
  await rename(temporary, file)
}

/** Takes the file away if it is still that of this process. */
export async function removeCoreFile(directory: string): Promise<void> {
  const file = path.join(directory, FILE)
  const found = await readCoreFile(directory)
  if (found?.pid === process.pid) await rm(file, { force: true })
}

/** What the file says, or null when there is none that can be read. */
async function readCoreFile(directory: string): Promise<RunningCore | null> {
  const text = await readFile(path.join(directory, FILE), 'utf8').catch(() => null)
  return text === null ? null : parse(text)
}

function parse(text: string): RunningCore | null {
  try {
    const found = JSON.parse(text) as Partial<RunningCore>
    const { pid, host, port, token } = found
    const whole = [typeof pid, typeof host, typeof port, typeof token].join() === 'number,string,number,string'
    return whole ? (found as RunningCore) : null
  } catch {
    return null
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * The core that has a library open and can be reached, or null. A core that was killed leaves its file behind; such
 * a file counts for nothing.
 */
export function runningCore(directory: string): RunningCore | null {
  let text: string
  try {
    text = readFileSync(path.join(directory, FILE), 'utf8')
  } catch {
    return null
  }
  const found = parse(text)
  return found && found.pid !== process.pid && isAlive(found.pid) ? found : null
}

/** The address of a core's page. What is after # never leaves the browser, so no log ever holds the token. */
export const addressOf = ({ host, port, token }: Pick<RunningCore, 'host' | 'port' | 'token'>): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}/#token=${token}`
