import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import type { Core } from '../../../src/main/core.ts'
import { semiSupervisedStudy } from '../../../src/shared/studies.ts'
import type { DatasetManifest } from '../../../src/shared/datasets.ts'
import { makePlace, openCore, until, untilStatus } from '../support.ts'
import type { Place } from '../support.ts'

const sweep = (axes: Record<string, (string | number | boolean)[]>, kind = 'vae-svm') => ({
  name: 'sweep',
  entries: [{ kind, preset: 'quick', params: { vaeEpochs: 1 }, axes }],
})
const allDone = (core: Core, ids: string[]) => Promise.all(ids.map((id) => untilStatus(core, id, 'done')))

/** A prepared set as far as its manifest goes. */
function pretend(place: Place, id: string, count: number, classes: string[]): void {
  const split = { count, images: 'i', labels: classes.length ? 'l' : null, sha256: '0'.repeat(64) }
  const shape = { height: 28, width: 28, channels: 1 as const }
  const about = { format: 1 as const, id, title: id, source: '', skipped: [], preparedAt: 0 }
  const manifest: DatasetManifest = { ...about, ...shape, classes, train: split, test: split }
  const folder = path.join(place.cache, 'datasets', id)
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'manifest.json'), JSON.stringify(manifest))
}

it('queues what is missing, in its order, with one auto-encoder for all; and nothing twice', async () => {
  const core = await openCore(makePlace())
  core.scheduler.setSlots(1)
  const study = await core.client.studies.save(sweep({ labels: [100, 600], labelSeed: [0, 1] }))
  expect(study).toMatchObject({ total: 4, runs: [], missing: 4 })
  const [first, second] = await Promise.all([
    core.client.studies.start({ id: study.id, tags: ['mine'] }),
    core.client.studies.start({ id: study.id }),
  ])
  const queued = [...first.queued, ...second.queued]
  expect(queued.map(({ params, tags }) => [params.labels, params.labelSeed, tags])).toEqual([
    [100, 0, ['mine']],
    [100, 1, ['mine']],
    [600, 0, ['mine']],
    [600, 1, ['mine']],
  ])
  await allDone(
    core,
    queued.map(({ id }) => id),
  )
  expect(core.library.runs().filter(({ kind }) => kind === 'vae')).toHaveLength(1)
  expect(await core.client.studies.list()).toEqual([{ ...study, runs: queued.map(({ id }) => id), missing: 0 }])
  expect((await core.client.studies.start({ id: study.id })).queued).toEqual([])
})

it('counts a run as missing when it has only failed, been stopped or interrupted; paused ones are there', async () => {
  const place = makePlace()
  place.behave({ stepMs: 500 })
  const core = await openCore(place)
  core.scheduler.setSlots(1)
  const study = await core.client.studies.save(sweep({ labels: [100, 600, 1000] }))
  const [a, b, c] = (await core.client.studies.start({ id: study.id })).queued
  await core.scheduler.pause([a!.id])
  await core.scheduler.stop([b!.id])
  expect(await core.client.studies.list()).toMatchObject([{ runs: [a!.id, b!.id, c!.id], missing: 1 }])
  const { queued } = await core.client.studies.start({ id: study.id })
  expect(queued.map(({ params }) => params.labels)).toEqual([600])
  expect(await core.client.studies.list()).toMatchObject([{ runs: [a!.id, queued[0]!.id, c!.id], missing: 0 }])
  await core.client.runs.remove({ ids: [c!.id] })
  expect(await core.client.studies.list()).toMatchObject([{ missing: 1, runs: [a!.id, queued[0]!.id] }])
})

it('queues just a cell of it', async () => {
  const core = await openCore(makePlace())
  const saved = await core.client.studies.save({ ...semiSupervisedStudy({ quick: true }), name: 'all' })
  const cell = { dataset: 'mnist', labels: 600, transductive: true }
  const { queued } = await core.client.studies.start({ id: saved.id, only: { kind: 'vae-svm', ...cell } })
  expect(queued).toMatchObject([{ kind: 'vae-svm', params: { ...cell, labelSeed: 0 } }])
  await expect(core.client.studies.start({ id: saved.id, only: { labels: 5 } })).rejects.toMatchObject({
    code: 'BAD_INPUT',
    message: 'No run of the study "all" has these parameters.',
  })
  await allDone(
    core,
    queued.map(({ id }) => id),
  )
})

it('checks all of it before anything is queued', async () => {
  const place = makePlace()
  pretend(place, 'mnist', 800, ['0', '1', '2'])
  const core = await openCore(place)
  await expect(core.client.studies.save(sweep({ labels: [100, 'many'], labelSeed: [-1] }))).rejects.toMatchObject({
    code: 'BAD_INPUT',
    data: { errors: [expect.objectContaining({ name: 'labelSeed' }), expect.objectContaining({ name: 'labels' })] },
  })
  expect(await core.client.studies.list()).toEqual([])
  const study = await core.client.studies.save(sweep({ dataset: ['mnist', 'cats'], labels: [2, 100, 801] }))
  await expect(core.client.studies.start({ id: study.id })).rejects.toMatchObject({
    code: 'BAD_INPUT',
    data: {
      errors: [
        { name: 'labels', message: 'labels must be at least 3, one for each class of mnist, not 2.' },
        { name: 'labels', message: expect.stringContaining('at most 800, the number of training images of mnist') },
        { name: 'dataset', message: expect.stringContaining('no data set "cats"') },
      ],
    },
  })
  const loading = await core.client.studies.save({
    name: 'loading',
    entries: [{ kind: 'm2', preset: null, params: { mode: 'load', model: 'nobody' }, axes: { labels: [100, 200] } }],
  })
  await expect(core.client.studies.start({ id: loading.id })).rejects.toMatchObject({ code: 'BAD_INPUT' })
  expect(core.library.runs()).toEqual([])
})

it('a launch is held to what its data set has, where that is known', async () => {
  const place = makePlace()
  pretend(place, 'mnist', 800, ['0', '1', '2'])
  const core = await openCore(place)
  const launch = (params: Record<string, unknown>) => core.client.runs.launch({ kind: 'm2', params })
  for (const [params, message] of [
    [{ labels: 2 }, /at least 3/],
    [{ labels: 900 }, /at most 800/],
    [{ labels: 300, limit: 200 }, /at most .*200/],
    [{ labels: 9, dataset: 'fashion-mnist' }, /at least 10/],
  ] as const)
    await expect(launch(params)).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringMatching(message) })
  pretend(place, 'mnist', 800, [])
  await expect(launch({ labels: 100 })).rejects.toMatchObject({ data: { errors: [{ name: 'dataset' }] } })
  expect(core.library.runs()).toEqual([])
  const { id } = await launch({ labels: 60_000, dataset: 'fashion-mnist', epochs: 1 })
  await until('it to be taken', () => core.library.run(id)!.status !== 'queued')
})

it('is forgotten without its runs, and missing by a clear message', async () => {
  const core = await openCore(makePlace())
  const study = await core.client.studies.save(sweep({ labels: [100] }))
  const { queued } = await core.client.studies.start({ id: study.id })
  expect(await core.client.studies.remove({ id: study.id })).toEqual([])
  for (const call of [core.client.studies.start, core.client.studies.remove])
    await expect(call({ id: study.id })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await untilStatus(core, queued[0]!.id, 'done')
})
