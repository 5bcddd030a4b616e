import { KeptCheckpoints, NonFinitePolicy } from '../../shared/settings.ts'
import type { LibrarySettings } from '../../shared/settings.ts'
import { withExistingCore } from './connect.ts'
import type { CommonOptions } from './connect.ts'
import { UsageError } from './errors.ts'
import { print, printJson } from './output.ts'

export interface SettingsOptions extends CommonOptions {
  onNonFinite?: string
  notify?: string
  autoResume?: string
  keepCheckpoints?: string
  keepEvery?: string
}

function isOn(flag: string, text: string): boolean {
  if (text !== 'on' && text !== 'off') throw new UsageError(`${flag} must be on or off, not "${text}".`)
  return text === 'on'
}

function changeOf({ onNonFinite, notify, autoResume }: SettingsOptions): Partial<LibrarySettings> {
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
  if (autoResume !== undefined) change.autoResume = isOn('--auto-resume', autoResume)
  return change
}

/** What of the two is given, as it is to be changed. */
function keptOf({ keepCheckpoints, keepEvery }: SettingsOptions): Partial<KeptCheckpoints> {
  const kept: Partial<KeptCheckpoints> = {}
  const read = (flag: string, text: string, name: keyof KeptCheckpoints, expected: string) => {
    const value = KeptCheckpoints.shape[name].safeParse(text === '' ? NaN : Number(text))
    if (!value.success) throw new UsageError(`${flag} must be ${expected}, not "${text}".`)
    return value.data
  }
  if (keepCheckpoints !== undefined)
    kept.keepLast =
      keepCheckpoints === 'all'
        ? null
        : read('--keep-checkpoints', keepCheckpoints, 'keepLast', 'all or a whole number from 1')
  if (keepEvery !== undefined) kept.keepEvery = read('--keep-every', keepEvery, 'keepEvery', 'a whole number from 0')!
  return kept
}

const keptWords = ({ keepLast, keepEvery }: KeptCheckpoints): string =>
  keepLast === null
    ? 'all'
    : `the newest ${keepLast}, ${keepEvery > 0 ? `every ${keepEvery}th ` : ''}and those with a name`

/** `settings`: what the library wants of all runs; changed first by what is given. */
export async function showSettings(options: SettingsOptions): Promise<void> {
  const change = changeOf(options)
  const kept = keptOf(options)
  await withExistingCore(options, { startQueued: false }, async ({ client }) => {
    if (Object.keys(kept).length > 0) change.checkpoints = { ...(await client.app.settings()).checkpoints, ...kept }
    const isChange = Object.keys(change).length > 0
    const settings = isChange ? await client.app.changeSettings(change) : await client.app.settings()
    if (options.json) return printJson(settings)
    print(`On non-finite values  ${settings.onNonFinite}`)
    print(`Notifications         ${settings.notify ? 'on' : 'off'}`)
    print(`Interrupted runs      ${settings.autoResume ? 'resumed by themselves' : 'wait to be resumed'}`)
    print(`Checkpoints kept      ${keptWords(settings.checkpoints)}`)
  })
}
