import { z } from 'zod'
import { LibrarySettings } from '../../../shared/settings.ts'
import { settingsTexts } from '../../texts/settings.ts'

/** One of the numbers that make up a setting. */
export interface SettingPart {
  name: string
  label: string
  /** What an empty field means; null where there must be a number. */
  empty: string | null
}

export interface SettingField {
  name: keyof LibrarySettings
  label: string
  help: string
  /** The values to choose from. */
  options: { value: string; label: string; help: string }[] | null
  /** The numbers to give. A setting without options and parts is a switch. */
  parts: SettingPart[] | null
}

/** The settings as their schema lists them, so that a new one has its place in the window at once. */
export function settingFields(): SettingField[] {
  return (Object.keys(LibrarySettings.shape) as SettingField['name'][]).map((name) => {
    const schema: z.ZodType = LibrarySettings.shape[name]
    const { label, help, options, parts } = settingsTexts.fields[name] ?? { label: name, help: '' }
    const values = schema instanceof z.ZodEnum ? schema.options.map(String) : null
    const members = schema instanceof z.ZodObject ? Object.entries<z.ZodType>(schema.shape) : null
    return {
      name,
      label,
      help,
      options: values && values.map((value) => ({ value, label: value, help: '', ...options?.[value] })),
      parts:
        members &&
        members.map(([part, of]) => ({
          name: part,
          label: parts?.[part]?.label ?? part,
          empty: of.safeParse(null).success ? (parts?.[part]?.empty ?? '') : null,
        })),
    }
  })
}

export type Numbers = Record<string, number | null>

/** What was typed, as the value of a setting of numbers; or null with what is wrong. */
export function readNumbers(field: SettingField, typed: Record<string, string>): Numbers | string {
  const value: Numbers = {}
  for (const part of field.parts ?? []) {
    const text = (typed[part.name] ?? '').trim()
    if (text === '' && part.empty === null) return settingsTexts.missing(part.label)
    value[part.name] = text === '' ? null : Number(text)
  }
  const schema: z.ZodType = LibrarySettings.shape[field.name]
  const { error } = schema.safeParse(value)
  if (!error) return value
  const wrong = field.parts?.find(({ name }) => name === error.issues[0]?.path[0])
  return settingsTexts.notWhole(wrong?.label ?? field.label)
}
