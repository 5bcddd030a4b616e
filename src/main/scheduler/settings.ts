import { LibrarySettings, defaultSettings } from '../../shared/settings.ts'
import type { Library } from '../store/index.ts'

const NAME = 'settings'

/** The library's settings; what it doesn't have, or what another version wrote and this one can't read, is the default. */
export function readSettings(library: Library): LibrarySettings {
  const stored = LibrarySettings.partial().safeParse(library.setting(NAME) ?? {})
  return { ...defaultSettings, ...(stored.success ? stored.data : {}) }
}

/** Changes those that are given. */
export function changeSettings(library: Library, change: Partial<LibrarySettings>): LibrarySettings {
  const settings = { ...readSettings(library), ...change }
  library.setSetting(NAME, settings)
  return settings
}
