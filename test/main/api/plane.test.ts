import { readFileSync } from 'node:fs'
import path from 'node:path'
import { createRouterClient } from '@orpc/server'
import { expect, it } from 'vitest'
import { WorkerSpec } from '../../../src/shared/events.ts'
import { setName } from '../../../src/shared/plane/sets.ts'
import { countingWorker, makePlace, openCore, until, untilStatus } from '../support.ts'

async function open() {
  const place = makePlace()
  process.env.ATELIER_WORKER = countingWorker
  const core = await openCore(place)
  return { place, core, client: createRouterClient(core.router) }
}

const parabola = Array.from({ length: 200 }, (_, i) => `${i - 100};${((i - 100) / 10) ** 2}`).join('\n')

it('brings the points of a CSV into the plane and keeps them by their content', async () => {
  const { client } = await open()
  const set = await client.planeSets.importCsv({ name: 'parabola', text: `x;y\n${parabola}` })
  expect(set).toMatchObject({ name: 'parabola', type: 'points', count: 200 })
  const { content } = await client.planeSets.get({ id: set.id })
  if (content.type !== 'points') throw new Error('no points')
  // The larger side, 199 long, is brought to 1.8; the first point has x = −100.
  expect(content.set.points[0]).toBeCloseTo(-0.9, 4)
  expect(content.set.centre[0] + content.set.points[0]! * content.set.scale).toBeCloseTo(-100, 2)

  const again = await client.planeSets.importCsv({ name: 'renamed', text: parabola })
  expect(again).toMatchObject({ id: set.id, name: 'renamed' })
  expect(await client.planeSets.list()).toHaveLength(1)
})

it.each([
  ['a,b\n1,2\nx,4', /^Line 3: x is "x", expected a number/],
  ['1,2\nNaN,4', /^Line 2: x is NaN, expected a finite number/],
  ['1\n2', /^Line 1: found 1 column, expected 2/],
  ['', /holds no points/],
])('refuses the CSV %j with the line and what was expected', async (text, message) => {
  const { client } = await open()
  await expect(client.planeSets.importCsv({ name: 'bad', text })).rejects.toMatchObject({
    code: 'BAD_INPUT',
    message: expect.stringMatching(message),
  })
})

it('gives a run the set that it names, and refuses one that is missing or too small', async () => {
  const { client, core, place } = await open()
  const drawing = { version: 1 as const, strokes: [{ width: 0.1, points: [[0, 0] as [number, number]] }] }
  const set = await client.planeSets.save({ name: 'dot', content: { type: 'drawing', drawing } })
  const run = await client.runs.launch({ kind: 'gan2d', params: { distribution: setName(set.id) } })
  const folder = path.join(place.library, 'runs', run.id, 'attempt-1')
  const spec = await until('the spec', () => {
    try {
      return WorkerSpec.parse(JSON.parse(readFileSync(path.join(folder, 'spec.json'), 'utf8')))
    } catch {
      return null
    }
  })
  const file = path.join(folder, spec.sets[setName(set.id)]!)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ type: 'drawing', drawing })
  await untilStatus(core, run.id, 'done')

  const missing = { kind: 'gan2d', params: { distribution: 'set:0123456789abcdef' } }
  await expect(client.runs.launch(missing)).rejects.toMatchObject({ data: { errors: [{ name: 'distribution' }] } })
  const few = await client.planeSets.importCsv({ name: 'few', text: '1,2\n3,4' })
  await expect(client.runs.launch({ kind: 'gan2d', params: { distribution: setName(few.id) } })).rejects.toMatchObject({
    message: expect.stringContaining('has 2 points, fewer than one batch of 150'),
  })
})

it('keeps a set that a run which may still train needs', async () => {
  const { client, core } = await open()
  const set = await client.planeSets.importCsv({ name: 'needed', text: parabola })
  const run = await client.runs.launch({ kind: 'gan2d', params: { distribution: setName(set.id) } })
  await untilStatus(core, run.id, 'done')
  const paused = core.library.createRun({ ...run, name: 'later', status: 'paused' })
  await expect(client.planeSets.remove({ id: set.id })).rejects.toMatchObject({ code: 'CONFLICT' })
  await client.runs.remove({ ids: [paused.id] })
  expect(await client.planeSets.remove({ id: set.id })).toEqual([])
})

it('changes live parameters, and tells the worker; others are refused by name', async () => {
  const { client, core, place } = await open()
  const run = core.library.createRun({
    kind: 'gan2d',
    preset: null,
    params: (await client.runs.launch({ kind: 'gan2d', params: {} })).params,
    status: 'paused',
  })
  const changed = await client.runs.change({ id: run.id, params: { lrD: 0.01, loss: 'hinge' } })
  expect(changed.live).toEqual({ lrD: 0.01, loss: 'hinge' })
  for (const params of [{ seed: 3 }, { lrD: -1 }, { bogus: 1 }])
    await expect(client.runs.change({ id: run.id, params })).rejects.toMatchObject({ code: 'BAD_INPUT' })

  await client.runs.resume({ ids: [run.id] })
  await untilStatus(core, run.id, 'done')
  const control = path.join(place.library, 'runs', run.id, 'attempt-1', 'control.json')
  expect(JSON.parse(readFileSync(control, 'utf8'))).toMatchObject({ params: { lrD: 0.01, loss: 'hinge' } })
  await expect(client.runs.change({ id: run.id, params: { lrD: 0.1 } })).rejects.toMatchObject({ code: 'CONFLICT' })
})

it('takes in pictures and changes with their batch, and takes back those after a checkpoint', async () => {
  const { client, core } = await open()
  const { library } = core
  const { id } = library.createRun({ kind: 'gan2d', preset: null, params: {}, status: 'paused' })
  library.startAttempt(id)
  const hello = {
    type: 'hello' as const,
    time: 1,
    attempt: 1,
    pid: 1,
    engine: (await client.app.info()).engine,
    resumedFrom: null,
  }
  const frames = [0, 10, 20].map((step) => ({
    type: 'frame' as const,
    step,
    time: step,
    bytes: Uint8Array.of(step, 1),
  }))
  const change = { type: 'change' as const, step: 15, time: 3, params: { lrG: 0.1 } }
  const result = library.ingest({ runId: id, attempt: 1, events: [hello, ...frames, change], from: 0, to: 100 })
  expect(result).toMatchObject({ frames: 3, changes: [{ step: 15, params: { lrG: 0.1 } }] })
  expect(await client.frames.steps({ id })).toEqual([0, 10, 20])
  const blob = await client.frames.get({ id, from: 5, to: 20, limit: 10 })
  expect([...new Uint8Array(await blob.arrayBuffer())]).toEqual([2, 0, 0, 0, 10, 1, 2, 0, 0, 0, 20, 1])

  library.endAttempt(id, 1, { status: 'interrupted' })
  library.startAttempt(id, { resumedFrom: 10 })
  const resumed = { ...hello, attempt: 2, resumedFrom: 10 }
  expect(library.ingest({ runId: id, attempt: 2, events: [resumed], from: 0, to: 50 }).superseded).toBe(10)
  expect(library.frameSteps(id)).toEqual([0, 10])
  expect(library.changes(id)).toEqual([])
})
