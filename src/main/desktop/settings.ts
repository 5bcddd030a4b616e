import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'

/** What the shell itself remembers between starts, in one small file beside Electron's own. */
export const WindowState = z.object({
  x: z.number().int().optional(),
  y: z.number().int().optional(),
  width: z.number().int().min(1),
  height: z.number().int().min(1),
  maximized: z.boolean(),
})
export type WindowState = z.infer<typeof WindowState>

const Settings = z.object({
  /** The library folder that was open last. */
  library: z.string().min(1).optional().catch(undefined),
  window: WindowState.optional().catch(undefined),
  /** The user has been told that training goes on without the window. */
  toldTrainingGoesOn: z.boolean().default(false).catch(false),
})
export type Settings = z.infer<typeof Settings>

export interface SettingsFile {
  get(): Settings
  /** Changes the named settings, on disk before it returns. A disk that refuses is reported, never thrown. */
  set(change: Partial<Settings>): void
}

/**
 * Opens the settings at `file`. A missing or damaged file, or a damaged setting in it, counts as not set: nothing here is
 * worth not starting for.
 */
export function openSettings(file: string, report: (message: string) => void): SettingsFile {
  let settings = read(file, report)
  return {
    get: () => settings,
    set(change) {
      settings = { ...settings, ...change }
      try {
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(`${file}.new`, JSON.stringify(settings, null, 2))
        renameSync(`${file}.new`, file)
      } catch (error) {
        report(`The settings could not be saved in ${file}: ${(error as Error).message}`)
      }
    },
  }
}

function read(file: string, report: (message: string) => void): Settings {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return Settings.parse({})
  }
  try {
    return Settings.parse(JSON.parse(text))
  } catch (error) {
    report(`The settings in ${file} are damaged and start anew: ${(error as Error).message}`)
    return Settings.parse({})
  }
}
