import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { findNode, notesDirectory, projectRoot, readJson } from './paths.mjs'
import { SetupProblem } from './problem.mjs'
import { lastWords, run } from './run.mjs'

const stampFile = (root) => path.join(notesDirectory(root), 'packages.json')

export const lockHash = (root = projectRoot) =>
  createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex')

/** Whether the packages that package-lock.json names were installed and found to load. Takes a few milliseconds. */
export function packagesAreReady(root = projectRoot) {
  const node = findNode(root)
  const stamp = readJson(stampFile(root))
  return stamp !== null && node !== null && stamp.lock === lockHash(root) && stamp.node === node
}

/**
 * Whether node_modules already holds what the lockfile names, whoever installed it.
 *
 * @param {object} lock package-lock.json
 * @param {object | null} installed node_modules/.package-lock.json
 */
export function installedMatches(lock, installed) {
  if (!installed?.packages) return false
  return Object.entries(lock.packages).every(([name, wanted]) => {
    if (name === '' || wanted.link) return true
    const found = installed.packages[name]
    // Optional ones are left out where they don't fit the platform.
    return found ? found.version === wanted.version : Boolean(wanted.optional || wanted.devOptional || wanted.peer)
  })
}

/** The environment for npm, without the Node that npm is about to replace. */
function npmEnvironment(root) {
  const own = path.join(root, 'node_modules')
  const key = Object.keys(process.env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH'
  const kept = (process.env[key] ?? '').split(path.delimiter).filter((folder) => !folder.startsWith(own))
  return { ...process.env, [key]: kept.join(path.delimiter) }
}

async function install(root, update) {
  const args = ['ci', '--no-audit', '--no-fund', '--ignore-scripts']
  update(null, 'npm ci')
  const result = await run('npm', args, { cwd: root, env: npmEnvironment(root), shell: process.platform === 'win32' })
  if (result.code !== 0)
    throw new SetupProblem(
      `npm could not install the packages: ${lastWords(result)}.`,
      'Check the network and npm’s registry setting, then run the same command again.',
    )
}

/** Asks Node 24 to load the native packages, so that a broken one is told now and not by a stack trace later. */
async function checkNative(root, node) {
  const code =
    "const D=require('better-sqlite3');const d=new D(':memory:');d.prepare('select 1').get();d.close();require('sharp')"
  const result = await run(node, ['-e', code], { cwd: root, timeoutMs: 60_000 })
  if (result.code !== 0)
    throw new SetupProblem(
      `A native package does not load under ${node}: ${lastWords(result)}.`,
      'Delete node_modules and run `npm run setup` again; report it if that does not help.',
    )
}

/**
 * Installs what package-lock.json pins if node_modules does not hold it yet, and sees that it loads.
 *
 * @returns {Promise<string>} the path of Node 24
 * @throws SetupProblem
 */
export async function ensurePackages(progress, root = projectRoot) {
  if (packagesAreReady(root)) return findNode(root)
  const lock = readJson(path.join(root, 'package-lock.json'))
  if (!lock) throw new SetupProblem('package-lock.json is missing or broken.', 'Get the whole project again.')
  const matches = () => installedMatches(lock, readJson(path.join(root, 'node_modules/.package-lock.json')))
  if (!matches() || !existsSync(path.join(root, 'node_modules')))
    await progress.step('Installing packages', (update) => install(root, update))
  const node = findNode(root)
  if (!node)
    throw new SetupProblem(
      `There is no Node 24 for ${process.platform} on ${process.arch} among the packages.`,
      'Install Node 24 yourself and start Atelier with it.',
    )
  await progress.step('Checking the packages under Node 24', () => checkNative(root, node))
  mkdirSync(notesDirectory(root), { recursive: true })
  writeFileSync(stampFile(root), JSON.stringify({ lock: lockHash(root), node }))
  return node
}
