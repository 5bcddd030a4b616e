import { expect, it } from 'vitest'
import { workerCommand } from '../../src/main/scheduler/index.ts'
import { localExecutor } from '../../src/main/scheduler/local-executor.ts'
import type { Core } from '../../src/main/core.ts'
import type { RunStatus } from '../../src/shared/run.ts'
import { kill, makePlace, openCore, until } from './support.ts'

const params = { limit: 256, width: 4, latent: 8, batch: 32, epochs: 16, checkpointEvery: 1, seed: 11 }

const untilStatus = (core: Core, id: string, ...statuses: RunStatus[]) =>
  until(
    `run ${id} to be ${statuses.join(' or ')}`,
    () => {
      const run = core.library.run(id)!
      return statuses.includes(run.status) && run
    },
    90_000,
  )

/** Every point of the losses; how fast it went is not part of what a resume has to repeat. */
const losses = (core: Core, id: string) =>
  Object.fromEntries(
    core.library
      .metricNames(id)
      .filter((name) => name !== 'imagesPerSecond')
      .map((name) => [name, [...core.library.metricRows(id, name)].map(({ step, value }) => [step, value])]),
  )

it('trains on real images with the real engine; paused, or killed, and resumed it ends bit for bit as if it had not been', async () => {
  const core = await openCore(makePlace(), { executor: localExecutor({ command: workerCommand }) })
  core.scheduler.setSlots(1)
  const launch = async () => (await core.client.runs.launch({ kind: 'dcgan', params })).id
  const [whole, paused, killed] = [await launch(), await launch(), await launch()]

  const done = await untilStatus(core, whole, 'done', 'failed', 'interrupted')
  expect(done).toMatchObject({ status: 'done', problem: null })
  expect(done.engine!.name).toBeTruthy()
  expect(core.library.samples(whole).map(({ epoch }) => epoch)).toEqual(Array.from({ length: 17 }, (_, i) => i))
  const expected = losses(core, whole)
  expect(expected.discriminatorLoss).toHaveLength(128)

  const reached = (id: string, step: number) =>
    until(`step ${step} of run ${id}`, () => (core.library.run(id)!.progress?.step ?? 0) >= step, 60_000)
  await reached(paused, 5)
  await core.scheduler.pause([paused])
  await untilStatus(core, paused, 'paused')
  core.scheduler.resume([paused])

  await reached(killed, 12)
  kill(core.library.attempts(killed)[0]!.pid!)
  await untilStatus(core, killed, 'interrupted')
  core.scheduler.resume([killed])

  for (const id of [paused, killed]) {
    expect((await untilStatus(core, id, 'done', 'failed')).attempts).toBe(2)
    expect(losses(core, id)).toEqual(expected)
    const last = (run: string) => core.library.samples(run).at(-1)!.hash
    expect(last(id)).toBe(last(whole))
  }
}, 180_000)

it('trains an auto-encoder once for two classifiers, and loads the saved one with the identical measures', async () => {
  const core = await openCore(makePlace(), { executor: localExecutor({ command: workerCommand }) })
  core.scheduler.setSlots(1)
  const network = { limit: 1000, hidden: 50, layers: 1, latent: 10, vaeEpochs: 3 }
  const launch = (more: Record<string, unknown>) =>
    core.client.runs.launch({ kind: 'vae-svm', params: { ...network, labels: 100, ...more } })
  const [first, second] = [await launch({}), await launch({ labelSeed: 1 })]
  expect(second.inputs).toEqual(first.inputs)
  for (const { id } of [first, second])
    expect(await untilStatus(core, id, 'done', 'failed', 'interrupted')).toMatchObject({
      status: 'done',
      problem: null,
    })
  const found = (id: string) => core.library.results(id).map(({ name, value }) => ({ name, value }))
  expect(found(first.id)).toMatchObject([{ value: { type: 'classification', split: 'test', count: 10_000 } }])
  expect(found(second.id)).not.toEqual(found(first.id))

  const loaded = await launch({ mode: 'load', model: first.id })
  expect(await untilStatus(core, loaded.id, 'done', 'failed')).toMatchObject({ status: 'done', problem: null })
  expect(found(loaded.id)).toEqual(found(first.id))
  expect(core.library.runs().filter(({ kind }) => kind === 'vae')).toHaveLength(1)
}, 180_000)
