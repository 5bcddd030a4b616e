import { completeSettings, settingsName } from '../../shared/settings.ts'
import type { LibrarySettings } from '../../shared/settings.ts'
import type { Library } from '../store/index.ts'

export const readSettings = (library: Library): LibrarySettings => completeSettings(library.setting(settingsName))

/** Changes those that are given. */
export function changeSettings(library: Library, change: Partial<LibrarySettings>): LibrarySettings {
  const settings = { ...readSettings(library), ...change }
  library.setSetting(settingsName, settings)
  return settings
}
