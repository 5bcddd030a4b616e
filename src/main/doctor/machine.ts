import { existsSync, readFileSync, statfsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { totalmem } from 'node:os'
import path from 'node:path'
import { pageDirectory } from '../server/run-serve.ts'
import { inBytes, ok, problem, warning } from './finding.ts'
import type { Finding } from './finding.ts'

const GB = 1e9
const NODE_MAJOR = 24

export function checkNode(): Finding {
  const { node } = process.versions
  const what = `Node ${node} on ${process.platform} ${process.arch}.`
  if (Number(node.split('.')[0]) >= NODE_MAJOR) return ok('node', what)
  return warning(
    'node',
    what,
    `Atelier is made for Node ${NODE_MAJOR}; \`npm run setup\` gets it, and \`npx atelier\` uses it.`,
  )
}

/** Free space where the library and the cache lie, or will. */
export function checkDisk(library: string, cache: string): Finding[] {
  return [
    diskAt(
      library,
      'the library',
      'empty the bin (`atelier bin empty`), or open a library on another disk (--library)',
    ),
    diskAt(cache, 'data sets and the engine', 'or set ATELIER_CACHE to a folder on another disk'),
  ]
}

function diskAt(folder: string, what: string, how: string): Finding {
  const there = nearestFolder(folder)
  const { bavail, bsize } = statfsSync(there)
  const free = bavail * bsize
  const message = `${inBytes(free)} are free for ${what} (${there}).`
  if (free < 0.5 * GB)
    return problem('disk', message, `Free some space, ${how}. Runs that find no space are interrupted.`)
  if (free < 5 * GB) return warning('disk', message, `Free some space, ${how}.`)
  return ok('disk', message)
}

function nearestFolder(folder: string): string {
  let there = folder
  while (!existsSync(there) && path.dirname(there) !== there) there = path.dirname(there)
  return there
}

export function checkMemory(): Finding {
  // What the system could give without swapping, within what a container allows.
  const free = process.availableMemory()
  const limit = process.constrainedMemory()
  const total = limit > 0 ? Math.min(totalmem(), limit) : totalmem()
  const message = `${inBytes(free)} of ${inBytes(total)} of memory are free.`
  const hint = 'Close other programs, train one run at a time, or take a smaller batch or width.'
  if (free < 0.5 * GB) return problem('memory', message, `${hint} A run that finds no memory is killed by the system.`)
  return free < 2 * GB ? warning('memory', message, hint) : ok('memory', message)
}

const browsers: Partial<Record<NodeJS.Platform, string[]>> = {
  linux: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge', 'firefox'],
}

/** What shows the window: Electron, or a browser; and whether the window's files are built. */
export function checkWindow(): Finding[] {
  const page = pageDirectory()
  const built = page
    ? ok('window', `The window is built (${page}).`)
    : warning('window', 'The window has not been built; the command line works without it.', 'Run `npm run build`.')
  const electron = electronBinary()
  if (electron) return [built, ok('window', `Electron is there (${electron}).`)]
  const named = process.env.ATELIER_CHROMIUM
  const browser = named && existsSync(named) ? named : systemBrowser()
  if (browser) return [built, ok('window', `Without Electron, the window opens in a browser (${browser}).`)]
  return [
    built,
    warning(
      'window',
      'There is neither Electron nor a browser that the window could open in.',
      'Install Chromium or Firefox, or get Electron: `node node_modules/electron/install.js`.',
    ),
  ]
}

function electronBinary(): string | null {
  try {
    const folder = path.dirname(createRequire(import.meta.url).resolve('electron/package.json'))
    const file = path.join(folder, 'dist', readFileSync(path.join(folder, 'path.txt'), 'utf8').trim())
    return existsSync(file) ? file : null
  } catch {
    return null
  }
}

function systemBrowser(): string | null {
  const names = browsers[process.platform]
  if (!names) return "the system's own"
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean)
  return names.flatMap((name) => folders.map((folder) => path.join(folder, name))).find(existsSync) ?? null
}

/** The window in a browser, and commands to a core that runs, go over a port of the loopback address. */
export async function checkNetwork(): Promise<Finding> {
  const server = createServer()
  try {
    const port = await new Promise<number>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host: '127.0.0.1', port: 0, exclusive: true }, () =>
        resolve((server.address() as { port: number }).port),
      )
    })
    return ok('network', `A port can be opened on this machine alone (127.0.0.1, for instance ${port}).`)
  } catch (error) {
    return problem(
      'network',
      `No port can be opened on 127.0.0.1: ${(error as Error).message}`,
      'Look whether a firewall or sandbox forbids it. The desktop app shows its window without one.',
    )
  } finally {
    server.close()
  }
}
