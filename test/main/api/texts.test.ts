import { once } from 'node:events'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import type { ContractRouterClient } from '@orpc/contract'
import Database from 'better-sqlite3'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import WebSocket from 'ws'
import { toTypedError } from '../../../src/main/api/errors.ts'
import { listen } from '../../../src/main/server/listen.ts'
import type { Contract } from '../../../src/shared/api.ts'
import { hello, metrics, recording, series } from '../store/fixtures.ts'
import { makePlace, openCore } from '../support.ts'

const texts = [
  "'); DROP TABLE runs; --",
  '" OR 1=1; DELETE FROM points',
  '<img src=x onerror=alert(1)>&amp;&lt;</script>',
  '../../etc/passwd',
  'C:\\..\\con',
  '/',
  'nul\0in the middle',
  '\0',
  '👩‍🔬 é ﷽ \u202eright to left\u202c',
  '\ufeff\u200b',
  '__proto__',
  'constructor',
  'NaN',
  'null',
  '%s%n{{7*7}}${7*7}',
  '-0',
  ' leading and trailing ',
  'two\nlines\r\n\t',
]

/** A served core, which has no slot free for the runs that are launched, and a client as the window has it. */
async function serve() {
  const place = makePlace()
  const core = await openCore(place, { startQueued: false })
  const listener = await listen({ host: '127.0.0.1', port: 0, page: null, core: Promise.resolve(core) })
  onTestFinished(() => listener.close())
  const socket = new WebSocket(`ws://127.0.0.1:${listener.port}/api`, [`atelier.${listener.token}`])
  await once(socket, 'open')
  onTestFinished(() => socket.terminate())
  const link = new RPCLink({ websocket: socket as unknown as globalThis.WebSocket })
  const client: ContractRouterClient<Contract> = createORPCClient(link)
  return { place, core, client }
}

const launch = { kind: 'dcgan', preset: 'quick' }
const bad = (name: string) => ({
  code: 'BAD_INPUT',
  defined: true,
  data: { errors: expect.arrayContaining([expect.objectContaining({ name: expect.stringContaining(name) })]) },
})

it('any text is a name, a tag, a note, and comes back as it was', async () => {
  const { client } = await serve()
  for (const text of texts) {
    const { id } = await client.runs.launch({ ...launch, name: text, tags: [text] })
    expect(await client.runs.get({ id })).toMatchObject({ name: text, tags: [text] })
    await client.runs.edit({ id, name: `${text}!`, tags: [text, `${text}2`], notes: text.repeat(1000) })
    expect(await client.runs.get({ id })).toMatchObject({
      name: `${text}!`,
      tags: [text, `${text}2`],
      notes: text.repeat(1000),
    })
  }
  const runs = await client.runs.list()
  expect(runs.map(({ name }) => name)).toEqual(texts.map((text) => `${text}!`).toReversed())
})

it('any text is the name of a study and of a distribution of the user’s own', async () => {
  const { client } = await serve()
  const entries = [{ kind: 'dcgan', preset: null, params: {}, axes: { seed: [1, 2] } }]
  for (const [i, text] of texts.entries()) {
    const study = await client.studies.save({ name: text, entries })
    expect(study).toMatchObject({ name: text, total: 2 })
    const points = [i / 100, 0.5]
    const content = {
      type: 'points' as const,
      set: { version: 1 as const, centre: [0, 0] as [number, number], scale: 1, points },
    }
    const set = await client.planeSets.save({ name: text, content })
    expect(await client.planeSets.get({ id: set.id })).toMatchObject({ set: { name: text }, content })
  }
  expect((await client.studies.list()).map(({ name }) => name).toSorted()).toEqual(texts.toSorted())
  expect((await client.planeSets.list()).map(({ name }) => name).toSorted()).toEqual(texts.toSorted())
})

it('any text is the name of a metric, and any number its value, in whatever order its steps come', async () => {
  const { client, core } = await serve()
  const values = [NaN, Infinity, -Infinity, 1e308, -1e308, -0, 5e-324, 0]
  const run = recording(core.library)
  run.ingest(hello(), series(...texts))
  const steps = [5, 3, 9, 9, 0, 2 ** 40, 7, 3]
  run.ingest(...steps.map((step, i) => metrics(step, ...texts.map((_, k) => values[(i + k) % values.length]!))))
  // The last of a step's values counts.
  const expected = (k: number) =>
    new Map(steps.map((step, i) => [step, values[(i + k) % values.length]!] as const).toSorted(([a], [b]) => a - b))

  const { id } = run
  expect((await client.metrics.names({ id })).toSorted()).toEqual(texts.toSorted())
  for (const [k, name] of texts.entries()) {
    const stored = [...core.library.metricRows(id, name)].map(({ step, value }) => [step, value])
    expect(stored).toEqual([...expected(k)])
    const { series: charts } = await client.metrics.chart({ id, names: [name] })
    expect(charts).toHaveLength(1)
    expect(charts[0]).toMatchObject({ name, count: expected(k).size })
    const finite = [...expected(k).values()].filter(Number.isFinite)
    expect(charts[0]!.nonFinite.reduce((n, { count }) => n + count, 0)).toBe(expected(k).size - finite.length)
  }
  expect(Object.keys(core.library.run(id)!.metrics).toSorted()).toEqual(texts.toSorted())
  // oRPC leaves this key out of any object that it carries.
  const { metrics: newest } = await client.runs.get({ id })
  expect(Object.keys(newest).toSorted()).toEqual(texts.filter((text) => text !== '__proto__').toSorted())
})

it('a lone surrogate, which UTF-8 has not, becomes U+FFFD instead of breaking the row', async () => {
  const { client } = await serve()
  const { id } = await client.runs.launch({ ...launch, name: 'a\ud800b', tags: ['\udc00'] })
  await client.runs.edit({ id, notes: '\ud800' })
  expect(await client.runs.get({ id })).toMatchObject({ name: 'a\ufffdb', tags: ['\ufffd'], notes: '\ufffd' })
})

it('what is too long, empty or no text is refused by name', async () => {
  const { client, core } = await serve()
  const { id } = await client.runs.launch({ ...launch, name: 'é'.repeat(200) })
  expect((await client.runs.get({ id })).name).toBe('é'.repeat(200))
  for (const [edit, name] of [
    [{ name: '' }, 'name'],
    [{ name: 'x'.repeat(201) }, 'name'],
    [{ tags: [''] }, 'tags.0'],
    [{ tags: ['x'.repeat(61)] }, 'tags.0'],
    [{ tags: Array(51).fill('x') as string[] }, 'tags'],
    [{ notes: 'x'.repeat(100_001) }, 'notes'],
    [{ notes: 5 as unknown as string }, 'notes'],
  ] as const)
    await expect(
      client.runs.edit({ id, ...edit, tags: 'tags' in edit ? [...edit.tags] : undefined }),
    ).rejects.toMatchObject(bad(name))
  await expect(client.studies.save({ name: '', entries: [] })).rejects.toMatchObject({ code: 'BAD_INPUT' })
  for (const name of ['A', '..', 'a/b', 'a\0', '👩‍🔬', '', '-a', 'x'.repeat(64)])
    await expect(client.datasets.importFolder({ folder: '/', name, size: 28, colour: 'grey' })).rejects.toMatchObject(
      bad('name'),
    )
  for (const folder of ['', 'a\0b', '/x'.repeat(5000)]) {
    await expect(
      client.datasets.importFolder({ folder, name: 'mine', size: 28, colour: 'grey' }),
    ).rejects.toMatchObject(bad('folder'))
    await expect(client.datasets.get({ id: 'mnist', directory: folder })).rejects.toMatchObject(bad('directory'))
  }
  const set = { version: 1 as const, centre: [0, 0] as [number, number], scale: 1, points: [0, 0, 0.5] }
  await expect(client.planeSets.save({ name: 'odd', content: { type: 'points', set } })).rejects.toMatchObject({
    code: 'BAD_INPUT',
    message: expect.stringContaining('Points are pairs'),
  })
  expect(core.library.runs()).toHaveLength(1)
})

it('parameters that are no numbers, or numbers that no double holds, are refused by name', async () => {
  const { client, core } = await serve()
  for (const value of [NaN, Infinity, -Infinity, 1e308, -1, -0.5, '1', '1; DROP TABLE runs', null, [], {}, true])
    await expect(
      client.runs.launch({ ...launch, params: { batch: value } }),
      JSON.stringify(value),
    ).rejects.toMatchObject(bad('batch'))
  for (const name of ['constructor', 'toString', '', '../x'])
    await expect(
      client.runs.launch({ ...launch, params: Object.fromEntries([[name, 1]]) }),
      name,
    ).rejects.toMatchObject({ code: 'BAD_INPUT' })
  expect(core.library.runs()).toEqual([])
})

it('a library that is damaged under a running core is told as such', async () => {
  const { client, core, place } = await serve()
  const run = recording(core.library)
  run.ingest(hello(), series('loss'), metrics(1, 2))
  const db = new Database(path.join(place.library, 'library.db'))
  db.exec("UPDATE rollups SET data = x'ffff'")
  db.close()
  await expect(client.metrics.chart({ id: run.id, buckets: 10 })).rejects.toMatchObject({
    code: 'LIBRARY',
    defined: true,
    message: expect.not.stringContaining(place.directory),
  })
  for (const code of ['SQLITE_CORRUPT_VTAB', 'SQLITE_FULL', 'SQLITE_IOERR_READ', 'SQLITE_READONLY'])
    expect(toTypedError(new Database.SqliteError('no matter', code))).toMatchObject({ code: 'LIBRARY' })
})
