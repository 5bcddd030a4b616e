import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import type { RunChange } from '../../../src/shared/api.ts'
import type { Checkpoint, Run } from '../../../src/shared/run.ts'
import type { LibrarySettings } from '../../../src/shared/settings.ts'
import { launch, makePlace, openCore, untilStatus } from '../support.ts'
import { atelier, json } from './atelier.ts'

it('lists the checkpoints of a run, writes one, and keeps those with a name when the run goes on', async () => {
  const place = makePlace()
  const core = await openCore(place)
  place.behave({ exitAt: 45 })
  const { id } = await launch(core, { epochs: 8, checkpointEvery: 1 })
  await untilStatus(core, id, 'interrupted')
  await core.close()

  const list = () => json<Checkpoint[]>(place, 'checkpoints', id)
  expect((await list()).map(({ step, name }) => [step, name])).toEqual([10, 20, 30, 40].map((step) => [step, null]))
  const file = path.join(place.directory, 'out.safetensors')
  expect(await json(place, 'checkpoints', id, '20', '--out', file)).toMatchObject({ file, step: 20 })
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ step: 20 })

  expect(await json(place, 'checkpoint', 'name', id, '20', 'good')).toMatchObject({ step: 20, name: 'good' })
  for (const [args, message] of [
    [['name', id, '30', 'good'], 'The checkpoint of step 20 is called "good"; take that name back first.'],
    [['name', id, '25', 'other'], 'has no checkpoint of step 25. It has: 10, 20, 30, 40.'],
    [['name', id, 'x', 'other'], 'A step is a whole number from 0, not "x".'],
    [['name', id, '30', ' '], 'has 1 to 100 characters'],
    [['name', 'nobody', '30', 'x'], 'nobody'],
  ] as const) {
    const { status, stderr } = await atelier(place, 'checkpoint', ...args)
    expect([status, stderr]).toEqual([2, expect.stringContaining(message)])
  }
  expect((await atelier(place, 'checkpoints', id)).stdout).toMatch(/20 +2\.00 .* good/)

  const settings = await json<LibrarySettings>(place, 'settings', '--keep-checkpoints', '1')
  expect(settings.checkpoints).toEqual({ keepLast: 1, keepEvery: 10 })
  expect((await atelier(place, 'settings')).stdout).toContain('the newest 1, every 10th and those with a name')
  expect((await json<LibrarySettings>(place, 'settings', '--keep-every', '0')).checkpoints).toEqual({
    keepLast: 1,
    keepEvery: 0,
  })
  for (const [flag, value] of [
    ['--keep-checkpoints', '0'],
    ['--keep-every', '-1'],
    ['--keep-every', ''],
  ] as const)
    // prettier-ignore
    expect(await atelier(place, 'settings', `${flag}=${value}`)).toMatchObject({ status: 2 })

  place.behave({})
  expect(await json<Run>(place, 'resume', id, '--follow')).toMatchObject({ status: 'done', metrics: { count: 80 } })
  expect((await list()).map(({ step }) => step)).toEqual([20, 80])
  expect(await json(place, 'checkpoint', 'unname', id, '20')).toMatchObject({ step: 20, name: null })
  expect((await list()).map(({ step }) => step)).toEqual([20, 80])
  expect(await json(place, 'library', 'check')).toMatchObject({ ok: true })
})

it('tells those who follow a run which checkpoints are gone and which are named', async () => {
  const place = makePlace()
  const core = await openCore(place)
  await core.client.app.changeSettings({ checkpoints: { keepLast: 2, keepEvery: 0 } })
  const { id } = await launch(core, { epochs: 8, checkpointEvery: 1 })
  const seen = new Map<number, string | null>()
  const take = ({ checkpoints, dropped }: RunChange) => {
    for (const { step, name } of checkpoints) seen.set(step, name)
    for (const step of dropped) seen.delete(step)
  }
  let named = false
  for await (const change of await core.client.runs.follow({ id })) {
    take(change)
    if (change.run?.status === 'done') {
      if (seen.get(80) === 'end') break
      if (!named && seen.has(80)) await core.client.checkpoints.name({ id, step: 80, name: 'end' })
      named = seen.has(80)
    }
  }
  const left = core.library.checkpoints(id)
  expect(left.map(({ step, name }) => [step, name])).toEqual([[70, null], [80, 'end']]) // prettier-ignore
  expect([...seen].sort(([a], [b]) => a - b)).toEqual([[70, null], [80, 'end']]) // prettier-ignore
})
