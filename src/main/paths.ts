import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'

/** What the folders depend on; by default this process's. */
export interface PathSource {
  platform: NodeJS.Platform
  env: Record<string, string | undefined>
  home: string
}

const here = (): PathSource => ({ platform: process.platform, env: process.env, home: homedir() })

/** XDG says that a relative path in its variables is to be ignored. */
const absolute = (value: string | undefined) => (value && path.isAbsolute(value) ? value : undefined)

/** `~` is the shell's to expand, but in `--library=~/runs` it doesn't. */
const expand = (given: string, home: string) =>
  path.resolve(given === '~' || given.startsWith('~/') ? path.join(home, given.slice(1)) : given)

/** The library folder: the one given, $ATELIER_LIBRARY, or `atelier` where the system keeps a user's data. */
export function libraryDirectory(given?: string, source = here()): string {
  const { platform, env, home } = source
  const named = given || env.ATELIER_LIBRARY
  if (named) return expand(named, home)
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support', 'Atelier')
  if (platform === 'win32') return path.join(env.APPDATA ?? path.join(home, 'AppData', 'Roaming'), 'Atelier')
  return path.join(absolute(env.XDG_DATA_HOME) ?? path.join(home, '.local', 'share'), 'atelier')
}

/** Where prepared data sets and the engine are kept: $ATELIER_CACHE, or where the system keeps a user's caches. */
export function cacheDirectory(source = here()): string {
  const { platform, env, home } = source
  if (env.ATELIER_CACHE) return expand(env.ATELIER_CACHE, home)
  if (platform === 'darwin') return path.join(home, 'Library', 'Caches', 'Atelier')
  if (platform === 'win32')
    return path.join(env.LOCALAPPDATA ?? path.join(home, 'AppData', 'Local'), 'Atelier', 'Cache')
  return path.join(absolute(env.XDG_CACHE_HOME) ?? path.join(home, '.cache'), 'atelier')
}

/** Where a core that stays writes its log; older ones lie beside it. */
export const logFile = (libraryFolder: string): string => path.join(libraryFolder, 'logs', 'atelier.log')

/** The nearest file of a relative path in the folders from `start` up, or null. */
export function nearest(start: string, relative: string): string | null {
  for (let folder = start; ; folder = path.dirname(folder)) {
    const file = path.join(folder, relative)
    if (existsSync(file)) return file
    if (folder === path.dirname(folder)) return null
  }
}
