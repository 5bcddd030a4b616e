import { z } from 'zod'
import { LibrarySettings } from '../../../shared/settings.ts'
import { settingsTexts } from '../../texts/settings.ts'

export interface SettingField {
  name: keyof LibrarySettings
  label: string
  help: string
  /** The values to choose from; null for a switch. */
  options: { value: string; label: string; help: string }[] | null
}

/** The settings as their schema lists them, so that a new one has its place in the window at once. */
export function settingFields(): SettingField[] {
  return (Object.keys(LibrarySettings.shape) as SettingField['name'][]).map((name) => {
    const schema: z.ZodType = LibrarySettings.shape[name]
    const { label, help, options } = settingsTexts.fields[name] ?? { label: name, help: '' }
    const values = schema instanceof z.ZodEnum ? schema.options.map(String) : null
    return {
      name,
      label,
      help,
      options: values && values.map((value) => ({ value, label: value, help: '', ...options?.[value] })),
    }
  })
}
