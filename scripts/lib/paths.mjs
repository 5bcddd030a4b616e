import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of this checkout. */
export const projectRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')

/**
 * Where the engine and prepared data sets are kept for all checkouts of a user: $ATELIER_CACHE, or where the system
 * keeps a user's caches. The core computes the same (src/main/paths.ts).
 */
export function cacheDirectory(
  { platform, env, home } = { platform: process.platform, env: process.env, home: homedir() },
) {
  const named = env.ATELIER_CACHE
  if (named) return path.resolve(named === '~' || named.startsWith('~/') ? path.join(home, named.slice(1)) : named)
  if (platform === 'darwin') return path.join(home, 'Library', 'Caches', 'Atelier')
  if (platform === 'win32')
    return path.join(env.LOCALAPPDATA ?? path.join(home, 'AppData', 'Local'), 'Atelier', 'Cache')
  // XDG says that a relative path in its variables is to be ignored.
  const xdg = env.XDG_CACHE_HOME && path.isAbsolute(env.XDG_CACHE_HOME) ? env.XDG_CACHE_HOME : null
  return path.join(xdg ?? path.join(home, '.cache'), 'atelier')
}

/** What the set-up remembers about this checkout; it goes when node_modules goes. */
export const notesDirectory = (root = projectRoot) => path.join(root, 'node_modules', '.atelier')

/** The Node 24 that npm installed, the running one if that is as new, or null. */
export function findNode(root = projectRoot) {
  const system = process.platform === 'win32' ? 'win' : process.platform
  const file = process.platform === 'win32' ? 'node.exe' : 'bin/node'
  for (const name of [`node-${system}-${process.arch}`, `node-bin-${system}-${process.arch}`]) {
    const candidate = path.join(root, 'node_modules', name, file)
    if (existsSync(candidate)) return candidate
  }
  return Number(process.versions.node.split('.')[0]) >= 24 ? process.execPath : null
}

/** Parsed JSON, or null when the file is missing or broken. */
export function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}
