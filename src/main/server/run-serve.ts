import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Core } from '../core.ts'
import { hideInLogs, logLine } from '../log/console.ts'
import { logged } from '../log/core-log.ts'
import { libraryDirectory, nearest } from '../paths.ts'
import { version } from '../version.ts'
import { addressOf, removeCoreFile, runningCore, writeCoreFile } from './core-file.ts'
import type { RunningCore } from './core-file.ts'
import { loopbackAddresses } from './gate.ts'
import { listen, PortInUseError } from './listen.ts'
import type { Listener } from './listen.ts'

export interface ServeOptions {
  library?: string
  host?: string
  port?: number
  /** Opens the address in the system's browser. */
  open?: boolean
  json?: boolean
}

/** What was wrong with how the command was called; exit status 2. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UsageError'
  }
}

/** Where the built window lies: beside the running bundle, or in `dist` of a source tree; null when it was never built. */
export function pageDirectory(): string | null {
  const self = fileURLToPath(import.meta.url)
  const page = self.endsWith('.ts') ? 'dist/renderer/index.html' : 'renderer/index.html'
  const found = nearest(path.dirname(self), page)
  return found && path.dirname(found)
}

/** A core that others on this machine reach: its listener, and the file that tells where it is. */
export interface Endpoint extends Listener {
  readonly address: string
}

/** Makes a core reachable for the window and the CLI until `close`. @throws PortInUseError. */
export async function openEndpoint(
  core: Promise<Core>,
  directory: string,
  { host = '127.0.0.1', port = null }: { host?: string; port?: number | null } = {},
): Promise<Endpoint> {
  const page = pageDirectory()
  const listener = await listen({ host, port, page, core })
  hideInLogs(listener.token)
  const where: RunningCore = {
    pid: process.pid,
    host,
    port: listener.port,
    token: listener.token,
    version,
    page: page !== null,
  }
  try {
    // Only once the library is ours: the file of a core that runs already must stay.
    await core
    await writeCoreFile(directory, where)
    logLine('info', `Listens on ${host}, port ${listener.port}.`)
  } catch (error) {
    await listener.close()
    throw error
  }
  return {
    ...listener,
    address: addressOf(where),
    async close() {
      await removeCoreFile(directory)
      await listener.close()
    },
  }
}

function check({ host, port }: ServeOptions): void {
  if (host !== undefined && !loopbackAddresses.includes(host))
    throw new UsageError(
      `Atelier serves this machine alone: --host must be one of ${loopbackAddresses.join(', ')}, not "${host}".`,
    )
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535))
    throw new UsageError(`--port must be a whole number from 0 (any free one) to 65535, not ${port}.`)
}

/**
 * Serves a library until it is told to end; when a core has it open already, says where that one is.
 * @returns the exit status: 0, or 2 with one message on standard error.
 */
export async function runServe(options: ServeOptions): Promise<number> {
  try {
    check(options)
    return await serve(options)
  } catch (error) {
    const { name, message } = error as Error
    if (!(error instanceof UsageError || error instanceof PortInUseError || name === 'LibraryError')) throw error
    const code = name === 'LibraryError' ? 'LIBRARY' : 'BAD_INPUT'
    process.stderr.write(options.json ? `${JSON.stringify({ error: { code, message } })}\n` : `${message}\n`)
    return 2
  }
}

async function serve(options: ServeOptions): Promise<number> {
  const directory = libraryDirectory(options.library)
  const running = runningCore(directory)
  if (running) return point(running, directory, options)

  const core = import('../core.ts').then(async ({ createCore }) =>
    logged(await createCore({ libraryDirectory: directory, platform: 'browser' }), 'browser'),
  )
  core.catch(() => {})
  let endpoint: Endpoint
  try {
    endpoint = await openEndpoint(core, directory, { host: options.host, port: options.port ?? null })
  } catch (error) {
    await core.then((opened) => opened.close()).catch(() => {})
    const other = (error as { code?: string }).code === 'locked' ? await reachable(directory) : null
    if (other) return point(other, directory, options)
    throw error
  }
  const { address, host, port, token } = endpoint
  if (options.json) print({ address, host, port, token, pid: process.pid, library: directory, running: false })
  else
    process.stdout.write(
      `Atelier is at  ${address}\nIts library is ${directory}\nCtrl-C ends it; what trains goes on training.\n`,
    )
  if (!pageDirectory())
    process.stderr.write('The window has not been built, so only the API is served. Run `npm run build` first.\n')
  if (options.open) void openInBrowser(address)

  await untilTold()
  await endpoint.close()
  await (await core).close()
  return 0
}

/** A core that has just taken the lock needs a moment before it can be reached. */
async function reachable(directory: string): Promise<RunningCore | null> {
  for (let tries = 0; tries < 30; tries++) {
    const found = runningCore(directory)
    if (found) return found
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return null
}

function point(running: RunningCore, directory: string, options: ServeOptions): number {
  const address = addressOf(running)
  const { host, port, token, pid } = running
  if (options.json) print({ address, host, port, token, pid, library: directory, running: true })
  else process.stdout.write(`Atelier already runs (process ${pid}), at  ${address}\nIts library is ${directory}\n`)
  if (options.open) void openInBrowser(address)
  return 0
}

const print = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`)

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
function untilTold(): Promise<void> {
  return new Promise((resolve) => {
    let told = false
    const tell = () => {
      if (told) process.exit(130)
      told = true
      resolve()
    }
    process.on('SIGINT', tell)
    process.on('SIGTERM', tell)
  })
}

async function openInBrowser(address: string): Promise<void> {
  const { spawn } = await import('node:child_process')
  const [file, ...args] =
    process.platform === 'darwin'
      ? ['open', address]
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler', address]
        : ['xdg-open', address]
  const child = spawn(file!, args, { detached: true, stdio: 'ignore' })
  child.on('error', () => process.stderr.write('No browser could be opened; open the address above.\n'))
  child.unref()
}
