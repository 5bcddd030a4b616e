import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import type { Core } from '../../../src/main/core.ts'
import { encodeSafetensors } from '../../../src/shared/safetensors.ts'
import { makePlace, openCore, untilStatus } from '../support.ts'

async function withVae(params: Record<string, unknown> = {}) {
  const place = makePlace()
  const core = await openCore(place)
  const vae = await core.client.runs.launch({ kind: 'vae', params: { epochs: 1, ...params } })
  await untilStatus(core, vae.id, 'done')
  const exported = path.join(place.directory, 'exported.safetensors')
  writeFileSync(exported, core.library.blob(core.library.artifacts(vae.id)[0]!.hash)!)
  return { place, core, vae, exported }
}
const load = (core: Core, model: string, params: Record<string, unknown> = {}) =>
  core.client.runs.launch({ kind: 'vae', params: { epochs: 1, mode: 'load', model, ...params } })
const logOf = (core: Core, id: string) => core.library.log(id).map(({ message }) => message)

it('loads the model of a run, by its id or a beginning of it, also when that run is deleted before it starts', async () => {
  const { core, vae } = await withVae()
  core.scheduler.setSlots(1)
  const blocker = await core.client.runs.launch({ kind: 'dcgan', params: { epochs: 10_000 } })
  const run = await load(core, vae.id.slice(0, -1))
  expect(run).toMatchObject({ params: { model: vae.id }, inputs: [{ role: 'model', runId: vae.id }], status: 'queued' })
  await core.scheduler.remove([vae.id])
  await core.scheduler.stop([blocker.id])
  await untilStatus(core, run.id, 'done')
  expect(logOf(core, run.id)).toContain(`Given model vae of ${vae.id}: 55`)
})

it('loads an exported file as it was at the launch, over a restart of the core, and again when it is restarted', async () => {
  const { place, core, exported } = await withVae()
  core.scheduler.setSlots(1)
  const blocker = await core.client.runs.launch({ kind: 'dcgan', params: { epochs: 10_000 } })
  const link = path.join(place.directory, 'link')
  symlinkSync(exported, link)
  const run = await load(core, link)
  expect(run).toMatchObject({ params: { model: link }, inputs: [], status: 'queued' })
  for (const file of [exported, link]) rmSync(file)
  await untilStatus(core, blocker.id, 'running')
  await core.scheduler.stop([blocker.id])
  await core.close()
  const next = await openCore(place)
  await untilStatus(next, run.id, 'done')
  expect(logOf(next, run.id)).toContain('Given model vae of null: 55')
  const [again] = next.scheduler.restart([run.id])
  await untilStatus(next, again!.id, 'done')
  await next.scheduler.remove([run.id])
  expect(logOf(next, again!.id)).toContain('Given model vae of null: 55')
})

it('refuses, before anything is queued, what can not be loaded, and says why', async () => {
  const { place, core, vae, exported } = await withVae({ latent: 20 })
  const file = (name: string, content: Uint8Array | string) => {
    const at = path.join(place.directory, name)
    writeFileSync(at, content)
    return at
  }
  const whole = core.library.blob(core.library.artifacts(vae.id)[0]!.hash)!
  const cut = file('cut', whole.subarray(0, whole.length - 2))
  const corrupt = Buffer.from(whole)
  corrupt.write('{{{{', 8)
  const huge = file('huge', '')
  truncateSync(huge, (1 << 30) + 1)
  mkdirSync(path.join(place.directory, 'folder'))
  place.behave({ stepMs: 500 })
  const training = await core.client.runs.launch({ kind: 'vae', params: { epochs: 100 } })
  const dcgan = await core.client.runs.launch({ kind: 'dcgan', params: { epochs: 100 } })
  const same = { latent: 20 }
  const cases: [model: string, params: Record<string, unknown>, message: RegExp][] = [
    ['nobody', same, /must be the id of a run of this library or the whole path/],
    ['exported.safetensors', same, /"exported\.safetensors" is neither/],
    [path.join(place.directory, 'none'), same, /There is no file/],
    [path.join(place.directory, 'folder'), same, /is no file/],
    [huge, same, /1073741825 bytes.*1 GiB/],
    [cut, same, /'sum' is cut off/],
    [file('corrupt', corrupt), same, /its header is not JSON/],
    [file('empty', ''), same, /it has only 0 bytes/],
    [file('checkpoint', encodeSafetensors({}, { format: 'atelier-1' })), same, /not a checkpoint/],
    [training.id, same, /has no saved model yet: it is (starting|running)/],
    [dcgan.id, same, /has no saved model yet: it is queued/],
    [exported, { ...same, dataset: 'fashion-mnist' }, /was trained on mnist, not on fashion-mnist/],
    [vae.id, { latent: 10 }, /has latent 20, not 10/],
    [exported, {}, /has latent 20, not 50/],
  ]
  const before = core.library.runs().map(({ id }) => id)
  core.scheduler.setSlots(1)
  for (const [model, params, message] of cases)
    await expect(load(core, model, params), model).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringMatching(message),
      data: { errors: [{ name: 'model', message: expect.stringMatching(message) }] },
    })
  await expect(core.client.runs.launch({ kind: 'm2', params: { mode: 'load', model: vae.id } })).rejects.toMatchObject({
    message: expect.stringMatching(/is of kind vae; M2 loads models of kind m2/),
  })
  expect(core.library.runs().map(({ id }) => id)).toEqual(before)
})
