import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { notesDirectory, projectRoot, readJson } from './paths.mjs'
import { lastWords, run } from './run.mjs'

/** How long fetching Electron may take before `npm start` goes on without it. */
const patienceMs = 60_000

/** Whether there is a screen that a window could open on. */
export function hasDisplay({ platform, env } = { platform: process.platform, env: process.env }) {
  return platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY)
}

/**
 * Electron's executable, or null: $ELECTRON_OVERRIDE_DIST_PATH, else what its package has downloaded.
 *
 * @returns {string | null}
 */
export function findElectron({ root = projectRoot, env = process.env, platform = process.platform } = {}) {
  const folder = path.join(root, 'node_modules/electron')
  const names = { win32: 'electron.exe', darwin: 'Electron.app/Contents/MacOS/Electron' }
  const pathFile = path.join(folder, 'path.txt')
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8') : (names[platform] ?? 'electron')
  const file = path.join(env.ELECTRON_OVERRIDE_DIST_PATH ?? path.join(folder, 'dist'), name)
  return existsSync(file) ? file : null
}

/**
 * Has Electron's package fetch its binary, which comes from outside npm's registry and so is not everywhere to be had:
 * once for each version, for a minute at most. A failure is remembered; `retry` tries again.
 *
 * @returns {Promise<string | null>} why there is still no Electron; null if there is one
 */
export async function fetchElectron(progress, { root = projectRoot, node, retry = false } = {}) {
  if (findElectron({ root })) return null
  const version = readJson(path.join(root, 'node_modules/electron/package.json'))?.version
  if (!version) return 'its package is not installed'
  const noteFile = path.join(notesDirectory(root), 'electron.json')
  const note = readJson(noteFile)
  if (!retry && note?.version === version) return note.reason
  let reason = null
  try {
    await progress.step(`Fetching Electron ${version}`, async () => {
      const install = path.join(root, 'node_modules/electron/install.js')
      const result = await run(node, [install], { cwd: root, timeoutMs: patienceMs })
      if (!findElectron({ root }))
        throw new Error(result.code === 0 ? 'its binary is still missing' : lastWords(result))
    })
  } catch (error) {
    reason = error.message
    mkdirSync(path.dirname(noteFile), { recursive: true })
    writeFileSync(noteFile, JSON.stringify({ version, reason }))
  }
  return reason
}
