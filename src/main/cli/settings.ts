import { NonFinitePolicy } from '../../shared/settings.ts'
import type { LibrarySettings } from '../../shared/settings.ts'
import { withExistingCore } from './connect.ts'
import type { CommonOptions } from './connect.ts'
import { UsageError } from './errors.ts'
import { print, printJson } from './output.ts'

export interface SettingsOptions extends CommonOptions {
  onNonFinite?: string
  notify?: string
}

function isOn(flag: string, text: string): boolean {
  if (text !== 'on' && text !== 'off') throw new UsageError(`${flag} must be on or off, not "${text}".`)
  return text === 'on'
}

function changeOf({ onNonFinite, notify }: SettingsOptions): Partial<LibrarySettings> {
  const change: Partial<LibrarySettings> = {}
  if (onNonFinite !== undefined) {
    const policy = NonFinitePolicy.safeParse(onNonFinite)
    if (!policy.success)
      throw new UsageError(
        `--on-non-finite must be one of ${NonFinitePolicy.options.join(', ')}, not "${onNonFinite}".`,
      )
    change.onNonFinite = policy.data
  }
  if (notify !== undefined) change.notify = isOn('--notify', notify)
  return change
}

/** `settings`: what the library wants of all runs; changed first by what is given. */
export async function showSettings(options: SettingsOptions): Promise<void> {
  const change = changeOf(options)
  await withExistingCore(options, { startQueued: false }, async ({ client }) => {
    const isChange = Object.keys(change).length > 0
    const settings = isChange ? await client.app.changeSettings(change) : await client.app.settings()
    if (options.json) return printJson(settings)
    print(`On non-finite values  ${settings.onNonFinite}`)
    print(`Notifications         ${settings.notify ? 'on' : 'off'}`)
  })
}
