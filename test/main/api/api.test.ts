import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import type { ContractRouterClient } from '@orpc/contract'
import { expect, it, onTestFinished } from 'vitest'
import WebSocket from 'ws'
import type { Contract, RunChange, RunsChange } from '../../../src/shared/api.ts'
import { presetParams } from '../../../src/shared/experiments/index.ts'
import { listen } from '../../../src/main/server/listen.ts'
import { countingEngine } from '../../fixtures/counting-engine.ts'
import { countingWorker, launch, makePlace, openCore, until, untilStatus } from '../support.ts'
import type { Place } from '../support.ts'

/** A served core and a client over its WebSocket, as the window has it. */
async function serve() {
  const place = makePlace()
  process.env.ATELIER_WORKER = countingWorker
  const core = await openCore(place)
  const listener = await listen({ host: '127.0.0.1', port: 0, page: null, core: Promise.resolve(core) })
  onTestFinished(() => listener.close())
  const socket = new WebSocket(`ws://127.0.0.1:${listener.port}/api`, [`atelier.${listener.token}`])
  await new Promise((resolve) => socket.once('open', resolve))
  onTestFinished(() => socket.terminate())
  const link = new RPCLink({ websocket: socket as unknown as globalThis.WebSocket })
  const client: ContractRouterClient<Contract> = createORPCClient(link)
  return { place, core, client, socket }
}

/** Takes messages of a watch until one fulfils a condition, then ends the watch. */
async function take<T>(
  open: (signal: AbortSignal) => Promise<AsyncIterable<T>>,
  enough: (all: T[]) => boolean,
): Promise<T[]> {
  const all: T[] = []
  const controller = new AbortController()
  for await (const message of await open(controller.signal)) {
    all.push(message)
    if (enough(all)) break
  }
  controller.abort()
  return all
}

it('tells of the app, its library and its engine', async () => {
  const { client, place } = await serve()
  const info = await client.app.info()
  expect(info).toMatchObject({ library: { path: place.library, runs: 0 }, platform: 'browser' })
  expect(info.engine).toEqual(countingEngine)
  expect((await client.app.setSlots({ slots: 3 })).slots).toBe(3)
})

it('launches with what the preset leaves open filled in, and refuses bad input field by field', async () => {
  const { client, core } = await serve()
  const run = await client.runs.launch({ kind: 'dcgan', preset: 'quick', params: { epochs: 2, seed: 9 } })
  expect(run.params).toEqual({ ...presetParams('dcgan', 'quick'), epochs: 2, seed: 9 })

  await expect(
    client.runs.launch({ kind: 'dcgan', params: { batch: 1, epochs: 'many', bogus: 3 } }),
  ).rejects.toMatchObject({
    code: 'BAD_INPUT',
    defined: true,
    data: {
      errors: expect.arrayContaining([
        { name: 'batch', message: 'batch must be a whole number from 2 to 4096, not 1.' },
        expect.objectContaining({ name: 'epochs' }),
        expect.objectContaining({ name: 'bogus' }),
      ]),
    },
  })
  for (const [launchOf, name, message] of [
    [{ kind: 'gan' }, 'kind', /no experiment "gan".*wgan-gp, dcgan/],
    [{ kind: 'dcgan', preset: 'fast' }, 'preset', /no preset "fast".*quick/],
    [{ kind: 'dcgan', params: { dataset: 'cats' } }, 'dataset', /no data set "cats".*mnist, fashion-mnist/],
    [{ kind: 'dcgan', params: { dataset: '../../etc' } }, 'dataset', /no data set/],
  ] as const)
    await expect(client.runs.launch(launchOf)).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringMatching(message),
      data: { errors: [expect.objectContaining({ name })] },
    })
  // What the contract itself refuses is told in the same way.
  await expect(client.runs.launch({ kind: 'dcgan', name: 'x'.repeat(201) })).rejects.toMatchObject({
    code: 'BAD_INPUT',
    data: { errors: [{ name: 'name', message: expect.stringContaining('name: ') }] },
  })
  expect(core.library.runs()).toHaveLength(1)
})

it('keeps the settings of a library, changes those that are given, and tells them to workers', async () => {
  const { client, core } = await serve()
  const checkpoints = { keepLast: 10, keepEvery: 10 }
  expect(await client.app.settings()).toEqual({ onNonFinite: 'continue', notify: true, autoResume: false, checkpoints })
  expect(await client.app.changeSettings({ onNonFinite: 'pause' })).toMatchObject({
    onNonFinite: 'pause',
    notify: true,
  })
  expect(await client.app.changeSettings({})).toMatchObject({ onNonFinite: 'pause', notify: true })
  const bad = client.app.changeSettings({ onNonFinite: 'cry' as 'pause' })
  await expect(bad).rejects.toMatchObject({ code: 'BAD_INPUT' })
  const { id } = await launch(core, { epochs: 1 })
  await untilStatus(core, id, 'done')
  const spec = readFileSync(path.join(core.library.attemptDirectory(id, 1), 'spec.json'), 'utf8')
  expect(JSON.parse(spec)).toMatchObject({ onNonFinite: 'pause' })
})

it('has typed errors for what is not there and what can not be done', async () => {
  const { client, core } = await serve()
  const absent = { code: 'NOT_FOUND', defined: true, message: expect.stringContaining('no run "nobody"') }
  await expect(client.runs.get({ id: 'nobody' })).rejects.toMatchObject(absent)
  await expect(client.runs.pause({ ids: ['nobody'] })).rejects.toMatchObject(absent)
  await expect(client.runs.remove({ ids: ['nobody'] })).rejects.toMatchObject(absent)
  await expect(client.runs.restore({ ids: ['nobody'] })).rejects.toMatchObject(absent)
  await expect(client.runs.emptyBin({ ids: ['nobody'] })).rejects.toMatchObject(absent)
  await expect(client.runs.follow({ id: 'nobody' })).rejects.toMatchObject(absent)
  await expect(client.runs.edit({ id: 'nobody', name: 'x' })).rejects.toMatchObject(absent)
  await expect(client.metrics.chart({ id: 'nobody' })).rejects.toMatchObject(absent)
  await expect(client.samples.list({ id: 'nobody' })).rejects.toMatchObject(absent)
  await expect(client.samples.image({ hash: 'a'.repeat(64) })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(client.samples.image({ hash: 'a' })).rejects.toMatchObject({ code: 'BAD_INPUT' })

  const { id } = await launch(core, { epochs: 1 })
  await untilStatus(core, id, 'done')
  await expect(client.runs.pause({ ids: [id] })).rejects.toMatchObject({ code: 'CONFLICT', defined: true })
  await expect(client.runs.resume({ ids: [id] })).rejects.toMatchObject({ code: 'CONFLICT' })
  await expect(client.runs.move({ id, position: 1 })).rejects.toMatchObject({ code: 'CONFLICT' })
})

it('watches all runs, and then only those that change', async () => {
  const { client, core } = await serve()
  const first = await launch(core, { epochs: 1 })
  await untilStatus(core, first.id, 'done')
  let second = ''
  const begun = Date.now()
  const changes = await take<RunsChange>(
    (signal) => client.runs.watch(undefined, { signal }),
    (all) => {
      if (all.length === 1) void launch(core, { epochs: 20 }).then(({ id }) => (second = id))
      return all.some(({ changed }) => changed.some((run) => run.id === second && run.status === 'done'))
    },
  )
  expect(changes[0]!.changed.map((run) => run.id)).toEqual([first.id])
  for (const { changed } of changes.slice(1)) expect(changed.map((run) => run.id)).toEqual([second])
  expect(changes.length).toBeLessThan(5 + (Date.now() - begun) / 240)

  let removing: Promise<unknown> | null = null
  const removal = await take<RunsChange>(
    (signal) => client.runs.watch(undefined, { signal }),
    (all) => {
      if (all.length === 1) removing = client.runs.remove({ ids: [first.id] })
      return all.at(-1)!.removed.length > 0
    },
  )
  await removing
  expect(removal.at(-1)!.removed).toEqual([first.id])
})

it('follows a run by deltas that join without a hole, and ends with its removal', async () => {
  const { client, core, place } = await serve()
  place.behave({ stepMs: 20 })
  const { id } = await launch(core, { epochs: 30 })
  await until('some points', () => (core.library.run(id)!.progress?.step ?? 0) > 20)
  place.behave({ stepMs: 4 })
  const before = await client.metrics.chart({ id, names: ['count'] })
  const messages = await take<RunChange>(
    (signal) => client.runs.follow({ id, after: before.cursor }, { signal }),
    (all) => all.at(-1)!.run?.status === 'done',
  )
  const known = before.series[0]!.step
  const added = messages.flatMap(({ chart }) => chart?.series.find(({ name }) => name === 'count')?.step ?? [])
  expect([...known, ...added]).toEqual(Array.from({ length: 300 }, (_, i) => i + 1))
  const epochs = messages.flatMap(({ samples }) => samples.map(({ epoch }) => epoch))
  expect(epochs).toEqual(Array.from({ length: 31 }, (_, i) => i))
  expect(messages[0]!.log.map(({ message }) => message)).toEqual(['Counting from 0'])
  expect(messages.slice(1).every(({ log }) => log.length === 0)).toBe(true)
  expect(messages.flatMap(({ checkpoints }) => checkpoints.map(({ step }) => step))).toContain(300)

  let removing: Promise<unknown> | null = null
  const ending = await take<RunChange>(
    (signal) => client.runs.follow({ id }, { signal }),
    (all) => {
      if (all.length === 1) removing = client.runs.remove({ ids: [id] })
      return false
    },
  )
  await removing
  expect(ending.at(-1)).toMatchObject({ removed: true, run: null })
})

it('gives samples and checkpoints as the bytes that were recorded', async () => {
  const { client, core } = await serve()
  const { id } = await launch(core, { epochs: 2 })
  await untilStatus(core, id, 'done')
  const samples = await client.samples.list({ id })
  expect(samples.map(({ epoch }) => epoch)).toEqual([0, 1, 2])
  const image = await client.samples.image({ hash: samples[1]!.hash })
  expect(image.type).toBe('image/png')
  expect(new Uint8Array(await image.arrayBuffer())).toEqual(new Uint8Array(core.library.blob(samples[1]!.hash)!))
  const [checkpoint] = await client.checkpoints.list({ id })
  const file = await client.checkpoints.download({ hash: checkpoint!.hash })
  expect(JSON.parse(await file.text())).toEqual({ step: 20, sum: 210 })
})

it('edits names, tags and notes as they are, markup and all', async () => {
  const { client, core } = await serve()
  const { id } = await launch(core)
  const text = '<img src=x onerror=alert(1)> "\'; DROP TABLE runs; -- 🎨 \u0000 end'
  const run = await client.runs.edit({ id, name: text, tags: [text.slice(0, 50)], notes: text })
  expect(run).toMatchObject({ name: text, notes: text, tags: [text.slice(0, 50)] })
  expect(await client.runs.get({ id })).toMatchObject({ name: text, notes: text })
})

it('gets a data set, shows its images, and refuses what can not be', async () => {
  const { client } = await serve()
  expect((await client.datasets.list()).map(({ id, state }) => [id, state])).toEqual([
    ['mnist', 'missing'],
    ['fashion-mnist', 'missing'],
  ])
  await expect(client.datasets.images({ id: 'mnist' })).rejects.toMatchObject({
    code: 'BAD_INPUT',
    message: expect.stringContaining('get it first'),
  })
  await expect(client.datasets.images({ id: '../..' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect((await client.datasets.get({ id: 'mnist' })).state).toBe('preparing')
  const states = await take(
    (signal) => client.datasets.watch(undefined, { signal }),
    (all) => all.at(-1)!.find(({ id }) => id === 'mnist')!.state !== 'preparing',
  )
  expect(states.at(-1)!.find(({ id }) => id === 'mnist')).toMatchObject({ state: 'ready', trainCount: 60_000 })

  const { grid, png, labels } = await client.datasets.images({ id: 'mnist', columns: 4, rows: 2 })
  expect(grid).toEqual({ columns: 4, rows: 2, tileWidth: 28, tileHeight: 28 })
  // The first eight training labels of MNIST, as published.
  expect(labels).toEqual([5, 0, 4, 1, 9, 2, 1, 3])
  expect([...new Uint8Array(await png.arrayBuffer()).subarray(1, 4)]).toEqual([0x50, 0x4e, 0x47])
  const sevens = await client.datasets.images({ id: 'mnist', label: 7, seed: 1, split: 'test' })
  expect(new Set(sevens.labels)).toEqual(new Set([7]))

  const chosen = await client.datasets.images({ id: 'mnist', indices: [59_999, 2, 2], columns: 3, rows: 1 })
  expect(chosen.labels).toEqual([8, 4, 4])
  await expect(client.datasets.images({ id: 'mnist', split: 'test', indices: [10_000] })).rejects.toMatchObject({
    code: 'BAD_INPUT',
    data: { errors: [{ name: 'indices', message: 'MNIST has no image 10000: its test split has 10000.' }] },
  })
  await expect(client.datasets.images({ id: 'mnist', indices: [0, 1, 2], columns: 2, rows: 1 })).rejects.toMatchObject({
    data: { errors: [{ name: 'indices', message: expect.stringContaining('3 images') }] },
  })

  await expect(
    client.datasets.importFolder({ folder: '/', name: 'mnist', size: 28, colour: 'grey' }),
  ).rejects.toMatchObject({ code: 'BAD_INPUT', data: { errors: [expect.objectContaining({ name: 'name' })] } })
  expect((await client.datasets.remove({ id: 'mnist' })).find(({ id }) => id === 'mnist')!.state).toBe('missing')
}, 60_000)

it('sees a data set that was got by a run, or by another process', async () => {
  const { client, core, place } = await serve()
  const states = await take(
    (signal) => client.datasets.watch(undefined, { signal }),
    (all) => {
      if (all.length === 1) void getElsewhere(place, 'mnist').then(() => launch(core, { epochs: 1 }))
      return all.at(-1)!.find(({ id }) => id === 'mnist')!.state === 'ready'
    },
  )
  expect(states[0]!.find(({ id }) => id === 'mnist')!.state).toBe('missing')
  await until('the run to be done', () => core.library.runs()[0]?.status === 'done')
})

async function getElsewhere(place: Place, id: string): Promise<void> {
  const child = spawn(process.execPath, [countingWorker, 'dataset', 'get', id, '--cache', place.cache])
  child.stdout.resume()
  await once(child, 'close')
}

it('ends its watches when the window goes away', async () => {
  const { client, core, socket } = await serve()
  const { id } = await launch(core, { epochs: 100 })
  const listeners = () => (core.library as unknown as { commits: { listeners: Set<unknown> } }).commits.listeners.size
  const before = listeners()
  const watching = take<RunsChange>(
    (signal) => client.runs.watch(undefined, { signal }),
    () => false,
  )
  const following = take<RunChange>(
    (signal) => client.runs.follow({ id }, { signal }),
    () => false,
  )
  watching.catch(() => {})
  following.catch(() => {})
  await until('both to be heard of', () => listeners() === before + 2)
  socket.terminate()
  await until('both to be let go', () => listeners() === before)
})
