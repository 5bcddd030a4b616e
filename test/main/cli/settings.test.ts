import { expect, it } from 'vitest'
import type { LibrarySettings } from '../../../src/shared/settings.ts'
import { makePlace, openCore } from '../support.ts'
import { atelier, json } from './atelier.ts'

it('shows the settings of a library, and changes those that are given', async () => {
  const place = makePlace()
  await (await openCore(place)).close()
  expect(await json<LibrarySettings>(place, 'settings')).toMatchObject({ onNonFinite: 'continue', notify: true })
  const changed = await json<LibrarySettings>(
    place,
    'settings',
    '--on-non-finite',
    'stop',
    '--notify',
    'off',
    '--auto-resume',
    'on',
  )
  expect(changed).toMatchObject({ onNonFinite: 'stop', notify: false, autoResume: true })
  const { stdout } = await atelier(place, 'settings')
  expect(stdout).toMatch(/^On non-finite values +stop\nNotifications +off\nInterrupted runs +resumed by themselves$/m)
  for (const [flag, value] of [
    ['--notify', 'maybe'],
    ['--auto-resume', 'maybe'],
    ['--on-non-finite', 'cry'],
  ] as const)
    expect(await atelier(place, 'settings', flag, value)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(`${flag} must be`),
    })
  expect(await json<LibrarySettings>(place, 'settings')).toEqual(changed)
})
