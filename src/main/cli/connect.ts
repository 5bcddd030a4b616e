import { existsSync, statSync } from 'node:fs'
import type { ContractRouterClient } from '@orpc/contract'
import type { Contract } from '../../shared/api.ts'
import type { Run } from '../../shared/run.ts'
import type { Core } from '../core.ts'
import { libraryDirectory } from '../paths.ts'
import { runningCore } from '../server/core-file.ts'
import type { RunningCore } from '../server/core-file.ts'
import { tokenProtocol } from '../server/gate.ts'
import { databaseFile } from '../store/database.ts'
import { libraryOwner, openLibrary } from '../store/index.ts'
import type { Library } from '../store/index.ts'
import { FailedError, UsageError } from './errors.ts'
import { plain } from './output.ts'

export type Client = ContractRouterClient<Contract>

export interface CommonOptions {
  library?: string
  json?: boolean
}

/** A core to give orders to: one that runs elsewhere, or one of our own. */
export interface Connection {
  client: Client
  directory: string
  /** Null when another process has the core. */
  core: Core | null
  close(): Promise<void>
}

/** Another command may hold the library for a moment; a core that starts can be reached a moment later. */
const PATIENCE_MS = 5000
const TRY_AGAIN_MS = 150

const isLocked = (error: unknown) => (error as { code?: string }).code === 'locked'

/** Tries again while another process has the library but can't be reached, as long as that may be passing. */
async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + PATIENCE_MS; ;) {
    try {
      return await attempt()
    } catch (error) {
      if (!isLocked(error) || Date.now() > end) throw error
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS))
    }
  }
}

/** Calls a core over its WebSocket; null when nothing that knows the token answers there. */
async function dial(running: RunningCore): Promise<Omit<Connection, 'directory'> | null> {
  const [{ default: WebSocket }, { RPCLink }, { createORPCClient }] = await Promise.all([
    import('ws'),
    import('@orpc/client/websocket'),
    import('@orpc/client'),
  ])
  const host = running.host.includes(':') ? `[${running.host}]` : running.host
  const socket = new WebSocket(`ws://${host}:${running.port}/api`, tokenProtocol(running.token), {
    perMessageDeflate: false,
  })
  const isOpen = await new Promise<boolean>((resolve) => {
    socket.once('open', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(false))
  })
  if (!isOpen) return null
  socket.on('error', () => socket.terminate())
  const link = new RPCLink({ websocket: socket as unknown as globalThis.WebSocket })
  return {
    client: createORPCClient(link),
    core: null,
    close: async () => socket.close(),
  }
}

/**
 * Reaches the core of a library: the one that has it open already, else one of this process, which adopts the workers
 * that live first.
 * @param startQueued whether a core of our own starts what is queued.
 */
export async function connect(options: CommonOptions, { startQueued }: { startQueued: boolean }): Promise<Connection> {
  const directory = libraryDirectory(options.library)
  return patiently(async () => {
    const running = runningCore(directory)
    const connection = running && (await dial(running))
    if (connection) return { ...connection, directory }
    const core = await ownCore(directory, startQueued)
    return { client: core.client as Client, directory, core, close: core.close }
  })
}

async function ownCore(directory: string, startQueued: boolean): Promise<Core> {
  const { createCore } = await import('../core.ts')
  const core = await createCore({ libraryDirectory: directory, platform: 'browser', startQueued })
  await core.settled
  return core
}

/** Does something with a core and lets go of it, whatever happens. */
export async function withCore<T>(
  options: CommonOptions,
  how: { startQueued: boolean },
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await connect(options, how)
  try {
    return await work(connection)
  } finally {
    await connection.close()
  }
}

/** Whether a place holds something that may be a library; what can't be looked into is for the library to refuse. */
function mayHoldLibrary(directory: string): boolean {
  const found = statSync(directory, { throwIfNoEntry: false })
  return found !== undefined && (!found.isDirectory() || existsSync(databaseFile(directory)))
}

/** Reaches the core of a library that is there; one that isn't is not made. @throws UsageError. */
export async function withExistingCore<T>(
  options: CommonOptions,
  how: { startQueued: boolean },
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  needLibrary(options)
  return withCore(options, how, work)
}

/** The folder of a library that is there. @throws UsageError. */
export function needLibrary(options: CommonOptions): string {
  const directory = libraryDirectory(options.library)
  if (!mayHoldLibrary(directory)) throw new UsageError(`There is no library in ${directory}, and so there are no runs.`)
  return directory
}

/**
 * Reads a library: beside the core that has it open, or, when none has, after taking in what workers have written
 * meanwhile. A place where no library is yet is read as an empty one, and left as it is.
 */
export async function withLibrary<T>(
  options: CommonOptions,
  work: (library: Library | null) => Promise<T>,
): Promise<T> {
  const directory = libraryDirectory(options.library)
  if (!mayHoldLibrary(directory)) return work(null)
  let core: Core | null = null
  let library: Library
  try {
    if (libraryOwner(directory)) library = openLibrary(directory, { readOnly: true })
    else {
      core = await ownCore(directory, false)
      library = core.library
    }
  } catch (error) {
    const { code } = error as { code?: string }
    if (code !== 'locked' && code !== 'read-only') throw error
    library = openLibrary(directory, { readOnly: true })
  }
  try {
    return await work(library)
  } finally {
    if (core) await core.close()
    else library.close()
  }
}

type Named = Pick<Run, 'id' | 'name'>

/** The run that is meant: by its id, the beginning of its id, or its whole name. @throws UsageError. */
export function findRun<R extends Named>(runs: R[], wanted: string, where = 'this library'): R {
  const exact = runs.find((run) => run.id === wanted)
  if (exact) return exact
  const named = runs.filter((run) => run.name === wanted)
  const found = named.length > 0 ? named : wanted ? runs.filter((run) => run.id.startsWith(wanted)) : []
  if (found.length === 1) return found[0]!
  const shown = plain(wanted)
  if (found.length === 0)
    throw new UsageError(
      runs.length === 0
        ? `There is no run "${shown}": ${where} has no runs.`
        : `There is no run "${shown}" in ${where}. \`atelier ${where === 'the bin' ? 'bin' : 'runs'}\` lists them.`,
    )
  const some = found.slice(0, 5).map((run) => `${run.id} (${plain(run.name)})`)
  throw new UsageError(
    `"${shown}" could be ${found.length} runs: ${some.join(', ')}${found.length > 5 ? ', …' : ''}. Give more of the id.`,
  )
}

export const lostCore = (): FailedError =>
  new FailedError("Atelier's core has ended. What trains goes on; `atelier runs` shows how far it is.")
