import { existsSync } from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import type { Backup, CheckReport } from '../../../src/main/store/index.ts'
import type { Compacted } from '../../../src/shared/api.ts'
import type { Run } from '../../../src/shared/run.ts'
import { launch, makePlace, openCore, untilStatus } from '../support.ts'
import { atelier, json } from './atelier.ts'

it('checks, backs up and compacts a library whose run goes on to be resumed bit for bit', async () => {
  const place = makePlace()
  const core = await openCore(place)
  place.behave({ exitAt: 25 })
  const { id } = await launch(core, { checkpointEvery: 1 })
  await untilStatus(core, id, 'interrupted')
  await core.close()

  expect(await json<CheckReport>(place, 'library', 'check')).toMatchObject({ ok: true, checked: { runs: 1 } })
  const file = path.join(place.directory, 'copy.db')
  expect(await json<Backup>(place, 'library', 'backup', file)).toMatchObject({ file, runs: 1 })
  const again = await atelier(place, 'library', 'backup', file)
  expect(again).toMatchObject({ status: 2, stdout: '' })
  expect(again.stderr).toContain('is not overwritten')
  const { fileBytes } = await json<Compacted>(place, 'library', 'compact', '--full')
  expect(fileBytes).toBeGreaterThan(1000)
  expect(existsSync(path.join(place.library, 'runs', id, 'attempt-1', 'events.log'))).toBe(false)

  place.behave({})
  const run = await json<Run>(place, 'resume', id, '--follow')
  expect(run).toMatchObject({ status: 'done', attempts: 2, metrics: { count: 30, sum: 465 } })
})

it('says what is wrong with a library, with exit status 1', async () => {
  const place = makePlace()
  const core = await openCore(place)
  const { id } = await launch(core, { epochs: 1 })
  await untilStatus(core, id, 'done')
  await core.close()
  const db = new Database(path.join(place.library, 'library.db'))
  db.exec('UPDATE points SET value = 7 WHERE step = 5')
  db.close()
  const { status, stdout } = await atelier(place, 'library', 'check')
  expect(status).toBe(1)
  expect(stdout).toMatch(new RegExp(`PROBLEM {2}Charts of count of run ${id}`))
  expect(stdout).toContain('2 problems found; nothing was changed.')
  expect(await atelier(place, 'library', 'shake')).toMatchObject({ status: 2 })
})

it('makes no library where there is none', async () => {
  const place = makePlace()
  for (const command of [['check'], ['backup', 'x.db'], ['compact'], []])
    expect(await atelier(place, 'library', ...command)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('There is no library in'),
    })
  expect(existsSync(place.library)).toBe(false)
})
