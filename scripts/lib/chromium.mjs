import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beginFolder, fileHash, finishFolder, quickFault, removePartials } from './engine-store.mjs'
import { withLock } from './lock.mjs'
import { cacheDirectory, projectRoot, readJson } from './paths.mjs'
import { SetupProblem } from './problem.mjs'
import { createProgress } from './progress.mjs'
import { lastWords, run } from './run.mjs'

const installed = {
  linux: [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
    '/opt/google/chrome/chrome',
  ],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  ],
}

/** Whether the browser starts at all: a Debian wrapper without its package does not, nor one without its libraries. */
async function starts(file) {
  const result = await run(file, ['--version'], { timeoutMs: 30_000 })
  return result.code === 0 && /\d+\.\d+/.test(result.stdout)
}

/** Flags for a browser that shows our own pages only, also as root in a container. */
const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run']

/**
 * A Chromium for the browser tests: $ATELIER_CHROMIUM, one that is installed, or (on Linux x64) the one in the npm
 * package @sparticuz/chromium, unpacked into the cache once.
 *
 * @param {{ progress?: object, root?: string, cache?: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<{ executablePath: string, args: string[] }>} for playwright's launch
 * @throws SetupProblem if there is none
 */
export async function findChromium(options = {}) {
  const { progress = createProgress(), root = projectRoot, cache = cacheDirectory(), env = process.env } = options
  const howTo = 'Install Chromium, or name one in ATELIER_CHROMIUM.'
  const named = env.ATELIER_CHROMIUM
  if (named) {
    if (existsSync(named)) return { executablePath: named, args }
    throw new SetupProblem(`ATELIER_CHROMIUM names ${named}, which does not exist.`, 'Name a Chromium, or unset it.')
  }
  for (const file of installed[process.platform] ?? [])
    if (existsSync(file) && (process.platform !== 'linux' || (await starts(file))))
      return { executablePath: file, args }
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new SetupProblem('No Chrome or Chromium is installed.', howTo)
  try {
    return { executablePath: await unpackedChromium(progress, root, cache), args }
  } catch (error) {
    const reason = `No Chromium is installed, and the one among the packages does not run: ${error.message}.`
    throw new SetupProblem(reason, howTo)
  }
}

/** The Chromium of @sparticuz/chromium, from the cache or unpacked into it. */
export async function unpackedChromium(progress, root = projectRoot, cache = cacheDirectory()) {
  const manifest = readJson(path.join(root, 'node_modules/@sparticuz/chromium/package.json'))
  if (!manifest) throw new Error('the package @sparticuz/chromium is not installed')
  const parent = path.join(cache, 'chromium')
  const folder = path.join(parent, manifest.version)
  const file = path.join(folder, 'start')
  if (quickFault(folder) === null) return file
  await withLock(path.join(parent, 'lock'), async () => {
    removePartials(parent)
    if (quickFault(folder) === null) return
    await progress.step('Unpacking Chromium for the browser tests', () => unpack(root, folder))
  })
  if (!(await starts(file))) throw new Error('it does not start')
  return file
}

async function unpack(root, folder) {
  mkdirSync(path.dirname(folder), { recursive: true })
  const partial = beginFolder(folder)
  try {
    // The package unpacks into the system's temporary folder, and its shared libraries only where it takes the machine
    // for Amazon's.
    const env = { ...process.env, TMPDIR: partial, AWS_LAMBDA_JS_RUNTIME: 'nodejs22.x' }
    const code = "import('@sparticuz/chromium').then((c) => c.default.executablePath())"
    const result = await run(process.execPath, ['-e', code], { cwd: root, env, timeoutMs: 300_000 })
    if (result.code !== 0) throw new Error(lastWords(result))
    writeStarter(partial, await starts(path.join(partial, 'chromium')))
    finishFolder(partial, folder, await describe(partial))
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
}

/** Starts Chromium with the libraries that it came with where the system lacks them, and with its own font. */
function writeStarter(folder, systemHasLibraries) {
  const libraries = systemHasLibraries
    ? ''
    : 'export LD_LIBRARY_PATH="$here/al2023/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"\n'
  const fonts = existsSync('/etc/fonts/fonts.conf') ? '' : 'export FONTCONFIG_PATH="$here/fonts"\n'
  const file = path.join(folder, 'start')
  writeFileSync(file, `#!/bin/sh\nhere=$(dirname "$0")\n${libraries}${fonts}exec "$here/chromium" "$@"\n`)
  chmodSync(file, 0o755)
}

async function describe(folder) {
  const files = {}
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue
    const file = path.join(entry.parentPath ?? entry.path, entry.name)
    const name = path.relative(folder, file).split(path.sep).join('/')
    files[name] = { size: statSync(file).size, sha256: await fileHash(file) }
  }
  return files
}
