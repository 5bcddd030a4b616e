import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { bindingIsCurrent, compileBinding, linkEngine, unlinkEngine } from './engine-binding.mjs'
import { installTensorflow } from './engine-download.mjs'
import { deepFault, quickFault, removePartials } from './engine-store.mjs'
import { decideEngine, glibcVersion, tensorflowVersion } from './engine-target.mjs'
import { withLock } from './lock.mjs'
import { cacheDirectory, notesDirectory, projectRoot, readJson } from './paths.mjs'
import { SetupProblem } from './problem.mjs'
import { lastWords, run } from './run.mjs'

/**
 * @typedef {object} EngineRecord what the set-up found out; src/ml/engine/open.ts reads it
 * @property {boolean} native whether the native engine is installed here and passed its smoke test
 * @property {string | null} reason why it is not
 * @property {string | null} howTo how to get it
 * @property {'cpu' | 'cuda'} variant
 * @property {string} tensorflow the version that was wanted
 * @property {string | null} folder where its libraries lie
 * @property {object | null} info the smoke test's description of the engine
 */

const smokeTest = fileURLToPath(new URL('./smoke-test.mjs', import.meta.url))
const recordFile = (root) => path.join(notesDirectory(root), 'engine.json')

/** @returns {EngineRecord | null} */
export const readEngineRecord = (root = projectRoot) => readJson(recordFile(root))

function writeRecord(root, record) {
  const file = recordFile(root)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(`${file}.new`, `${JSON.stringify(record, null, 2)}\n`)
  renameSync(`${file}.new`, file)
}

/** Whether what the record says still holds, by a look at a few files. */
export function engineIsReady(root, record, variant) {
  if (!record || record.tensorflow !== tensorflowVersion || (variant && variant !== record.variant)) return false
  if (!record.native) return true
  return bindingIsCurrent(root, record.folder) && quickFault(record.folder) === null
}

/**
 * Gets the native engine into this checkout, or finds out why it can't be had; then wasm trains. Nothing to do takes
 * a few milliseconds. What failed once is not tried again at every start, only with `retry`.
 *
 * @param {object} progress from createProgress
 * @param {{ root?: string, cache?: string, node: string, variant?: 'cpu' | 'cuda', retry?: boolean, verify?: boolean }} options
 *   variant: default what was set up before, else cpu; verify: check every file's checksum
 * @returns {Promise<EngineRecord>}
 */
export async function ensureEngine(progress, options) {
  const { root = projectRoot, cache = cacheDirectory(), node, retry = false, verify = false } = options
  const before = readEngineRecord(root)
  const forced = process.env.ATELIER_ENGINE === 'wasm'
  if (forced && before) return before
  if (!verify && !(retry && before?.native === false) && engineIsReady(root, before, options.variant)) return before

  const variant = options.variant ?? before?.variant ?? 'cpu'
  const base = {
    native: false,
    reason: null,
    howTo: null,
    variant,
    tensorflow: tensorflowVersion,
    folder: null,
    info: null,
  }
  const target = decideEngine({
    platform: process.platform,
    arch: process.arch,
    glibc: glibcVersion(),
    engine: process.env.ATELIER_ENGINE,
    variant,
  })
  // A choice for one start is not written down: without it, the next start sets the native engine up.
  if (forced) return { ...base, reason: target.reason, howTo: target.howTo }
  let record
  try {
    if (!target.native) throw new SetupProblem(target.reason, target.howTo)
    const folder = await install(progress, { root, cache, target, verify })
    const info = await progress.step('Trying the engine', () => tryEngine(root, node))
    record = { ...base, native: true, folder, info }
  } catch (error) {
    if (!(error instanceof SetupProblem) && !error.code) throw error
    unlinkEngine(root)
    record = { ...base, reason: error.message, howTo: error.howTo ?? 'Run `npm run setup` to try again.' }
    progress.note(`  The native engine is not available: ${record.reason}`)
    if (record.howTo) progress.note(`  ${record.howTo}`)
    progress.note('  Atelier trains on WebAssembly instead, about ten times slower.')
  }
  writeRecord(root, record)
  return record
}

async function install(progress, { root, cache, target, verify }) {
  const parent = path.join(cache, 'engine')
  const folder = path.join(parent, target.key)
  const downloads = path.join(cache, 'downloads')
  const onWait = (pid) => progress.note(`  Another set-up (process ${pid}) is at it; waiting for it to end.`)
  return withLock(
    path.join(parent, 'lock'),
    async () => {
      removePartials(parent)
      removePartials(path.join(folder, 'binding'))
      removePipFolders(downloads)
      const fault = verify
        ? await progress.step("Checking the engine's files", () => deepFault(folder))
        : quickFault(folder)
      if (fault) await installTensorflow(target, folder, downloads, progress)
      const binding = await compileBinding(root, folder, target.wheel, progress)
      linkEngine(root, folder, binding, target.wheel)
      return folder
    },
    { onWait },
  )
}

function removePipFolders(downloads) {
  try {
    for (const name of readdirSync(downloads))
      if (name.startsWith('pip-')) rmSync(path.join(downloads, name), { recursive: true, force: true })
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
}

async function tryEngine(root, node) {
  const result = await run(node, [smokeTest], { cwd: root, timeoutMs: 180_000 })
  if (result.code === 0) return JSON.parse(result.stdout.trim().split('\n').at(-1))
  if (result.signal === 'SIGILL')
    throw new SetupProblem("This processor lacks instructions that TensorFlow's library uses (AVX).", null)
  throw new SetupProblem(
    `TensorFlow is installed but does not work: ${lastWords(result)}.`,
    'Run `npm run setup` again.',
  )
}
