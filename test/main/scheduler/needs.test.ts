import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Core } from '../../../src/main/core.ts'
import type { WorkerSpec } from '../../../src/shared/events.ts'
import type { Run } from '../../../src/shared/run.ts'
import { makePlace, openCore, until, untilStatus } from '../support.ts'

/** A run that needs an auto-encoder of this many epochs, of ten steps each. */
const svm = (core: Core, params: Record<string, unknown> = {}, more: { tags?: string[] } = {}): Promise<Run> =>
  core.client.runs.launch({ kind: 'vae-svm', params: { vaeEpochs: 2, ...params }, ...more })
const vaes = (core: Core) => core.library.runs().filter(({ kind }) => kind === 'vae')
const inputOf = (core: Core, id: string) => core.library.run(id)!.inputs[0]!.runId
const logOf = (core: Core, id: string) => core.library.log(id).map(({ message }) => message)
/** Holds workers until the test has seen what it wants to see. */
const slow = { stepMs: 500 }
const held = () => {
  const place = makePlace()
  place.behave(slow)
  return place
}

describe('a run that builds on the model of another', () => {
  it('has it trained first, is given it, and leaves what it found', async () => {
    const core = await openCore(makePlace())
    core.scheduler.setSlots(1)
    const run = await svm(core, { labels: 600, seed: 4 }, { tags: ['study'] })
    const [vae] = vaes(core)
    expect(vae).toMatchObject({
      params: { dataset: 'mnist', epochs: 2, seed: 4, mode: 'train' },
      tags: ['study'],
      name: expect.stringMatching(/^vae \d+$/),
    })
    expect(run).toMatchObject({ status: 'queued', inputs: [{ role: 'vae', runId: vae!.id }] })
    expect(logOf(core, run.id)).toEqual([
      `Waits for the model of run ${vae!.id} ("${vae!.name}"), which is trained for it.`,
    ])
    expect(logOf(core, vae!.id)[0]).toContain(`Queued for run ${run.id}`)
    const done = await untilStatus(core, run.id, 'done')
    expect(done.startedAt).toBeGreaterThanOrEqual(core.library.run(vae!.id)!.endedAt!)
    expect(logOf(core, run.id)).toContain(`Given vae vae of ${vae!.id}: 210`)
    expect(core.library.results(run.id)).toMatchObject([{ name: 'test', value: { accuracy: 0.5 } }])
    expect(core.library.artifacts(run.id).map(({ name }) => name)).toEqual(['model'])

    const next = await svm(core, { labels: 100, labelSeed: 3, seed: 4 })
    expect(next.inputs).toEqual([{ role: 'vae', runId: vae!.id }])
    await untilStatus(core, next.id, 'done')
    expect(vaes(core)).toHaveLength(1)
  })

  it('shares one with all that need the same, launched together, with several slots, past those that wait', async () => {
    const place = held()
    const core = await openCore(place)
    core.scheduler.setSlots(3)
    const shared = [100, 600, 1000].flatMap((labels) => [0, 1].map((labelSeed) => ({ labels, labelSeed })))
    const [runs, m2, other] = await Promise.all([
      Promise.all(shared.map((params) => svm(core, params))),
      core.client.runs.launch({ kind: 'm1-m2', params: { vaeEpochs: 2, epochs: 1, checkpointEvery: 1 } }),
      svm(core, { seed: 1 }),
    ])
    expect(new Set([...runs, m2].map(({ id }) => inputOf(core, id))).size).toBe(1)
    expect(inputOf(core, other.id)).not.toBe(inputOf(core, m2.id))
    expect(vaes(core)).toHaveLength(2)
    // Two auto-encoders are all that can be done, so a run that needs nothing takes the third slot.
    const free = await core.client.runs.launch({ kind: 'm2', params: { epochs: 1 } })
    for (const { id } of [...vaes(core), free]) await untilStatus(core, id, 'running')
    expect(runs.map(({ id }) => core.library.run(id)!.status)).toEqual(runs.map(() => 'queued'))
    place.behave({ stepMs: 0 })
    for (const { id } of [...runs, m2, other]) await untilStatus(core, id, 'done')
    expect(vaes(core)).toHaveLength(2)
  })

  it('takes one that is recorded otherwise, but none that is trained otherwise or left no model', async () => {
    const place = makePlace()
    const core = await openCore(place)
    const vae = (params: Record<string, unknown>) => core.client.runs.launch({ kind: 'vae', params })
    const recorded = await vae({ epochs: 2, sampleEvery: 2 })
    const different = await vae({ epochs: 2, learningRate: 0.01 })
    for (const { id } of [recorded, different]) await untilStatus(core, id, 'done')
    expect(inputOf(core, (await svm(core)).id)).toBe(recorded.id)

    place.behave({ noModel: true })
    const bare = await vae({ epochs: 2, seed: 7 })
    await untilStatus(core, bare.id, 'done')
    place.behave({})
    const run = await svm(core, { seed: 7 })
    expect(inputOf(core, run.id)).not.toBe(bare.id)
    await untilStatus(core, run.id, 'done')
    expect(vaes(core)).toHaveLength(4)
  })

  it('waits for one that is under way, and resumes one that was halted, before itself', async () => {
    const place = held()
    const core = await openCore(place)
    core.scheduler.setSlots(1)
    const vae = await core.client.runs.launch({ kind: 'vae', params: { epochs: 2 } })
    await untilStatus(core, vae.id, 'running')
    const first = await svm(core)
    expect(inputOf(core, first.id)).toBe(vae.id)
    await core.scheduler.pause([vae.id])
    await untilStatus(core, vae.id, 'paused')
    // Whoever paused it may resume it; nothing has failed.
    expect(core.library.run(first.id)!.status).toBe('queued')
    const between = await core.client.runs.launch({ kind: 'm2', params: { epochs: 100 } })
    const second = await svm(core, { labels: 600 })
    expect(inputOf(core, second.id)).toBe(vae.id)
    expect(core.library.run(vae.id)!.status).toBe('queued')
    expect(logOf(core, vae.id).at(-1)).toBe(`Resumed for run ${second.id} ("${second.name}"), which needs its model.`)
    expect(logOf(core, second.id)[0]).toContain('which was paused and is resumed for it')
    await core.scheduler.stop([between.id])
    place.behave({ stepMs: 0 })
    for (const { id } of [first, second]) await untilStatus(core, id, 'done')
    expect(core.library.attempts(vae.id)).toHaveLength(2)
    expect(vaes(core)).toHaveLength(1)
  })

  it('fails with one that fails, saying which, and looks again when it is resumed', async () => {
    const place = makePlace()
    place.behave({ kind: 'vae', failAt: 5 })
    const core = await openCore(place)
    const run = await svm(core)
    const [vae] = vaes(core)
    const failed = await untilStatus(core, run.id, 'failed')
    expect(failed.queuePosition).toBeNull()
    expect(failed.attempts).toBe(0)
    expect(failed.problem).toEqual({
      message: `Run ${vae!.id} ("${vae!.name}"), whose model this run needs, failed.`,
      hint: expect.stringContaining('resume or restart it; then resume this one'),
      detail: 'The count became nonsense.',
    })
    place.behave({})
    core.scheduler.resume([run.id])
    expect(inputOf(core, run.id)).not.toBe(vae!.id)
    expect((await untilStatus(core, run.id, 'done')).problem).toBeNull()
    expect(vaes(core)).toHaveLength(2)
  })

  it('fails with one that is stopped, killed, deleted or leaves nothing', async () => {
    const place = held()
    const core = await openCore(place)
    core.scheduler.setSlots(2)
    const [stopped, killed] = [await svm(core), await svm(core, { seed: 1 })]
    await untilStatus(core, inputOf(core, stopped.id), 'running')
    await untilStatus(core, inputOf(core, killed.id), 'running')
    const deleted = await svm(core, { seed: 2 })
    const halted = await svm(core, { seed: 3 })
    await core.scheduler.remove([inputOf(core, deleted.id)])
    await core.scheduler.stop([inputOf(core, halted.id)])
    expect(core.library.run(deleted.id)).toMatchObject({
      status: 'failed',
      problem: { message: expect.stringContaining('was deleted') },
    })
    expect(core.library.run(halted.id)).toMatchObject({
      status: 'failed',
      problem: { message: expect.stringContaining('was stopped'), hint: expect.stringContaining('resumed first') },
    })
    await core.scheduler.stop([inputOf(core, stopped.id)])
    process.kill(core.library.attempts(inputOf(core, killed.id))[0]!.pid!, 'SIGKILL')
    expect((await untilStatus(core, stopped.id, 'failed')).problem!.message).toContain('was stopped')
    expect((await untilStatus(core, killed.id, 'failed')).problem!.message).toContain('was interrupted')

    place.behave({ kind: 'vae', noModel: true, stepMs: 0 })
    const bare = await svm(core, { seed: 4 })
    expect((await untilStatus(core, bare.id, 'failed')).problem!.message).toContain('ended without leaving one')
    place.behave({ stepMs: 0 })
    core.scheduler.resume([stopped.id, killed.id, deleted.id])
    for (const { id } of [stopped, killed, deleted]) await untilStatus(core, id, 'done')
    expect(core.library.attempts(inputOf(core, stopped.id))).toHaveLength(2)
  })

  it('is paused, stopped and deleted like any other that is queued', async () => {
    const core = await openCore(held())
    core.scheduler.setSlots(1)
    const [a, b, c] = [await svm(core), await svm(core, { labels: 600 }), await svm(core, { labels: 1000 })]
    await core.scheduler.pause([a.id])
    await core.scheduler.stop([b.id])
    await core.scheduler.remove([c.id])
    expect([a, b].map(({ id }) => core.library.run(id)!.status)).toEqual(['paused', 'stopped'])
    expect(core.library.run(c.id)).toBeNull()
    core.scheduler.resume([a.id])
    expect(core.library.run(a.id)).toMatchObject({ status: 'queued', inputs: a.inputs })
    expect(vaes(core)).toHaveLength(1)
  })

  it('waits on after a restart of the core, and takes what was trained meanwhile', async () => {
    const place = held()
    const first = await openCore(place)
    const run = await svm(first)
    const vae = inputOf(first, run.id)
    await untilStatus(first, vae, 'running')
    await first.close()
    const second = await openCore(place)
    expect(second.library.run(run.id)).toMatchObject({ status: 'queued', inputs: [{ role: 'vae', runId: vae }] })
    place.behave({ stepMs: 0 })
    await untilStatus(second, run.id, 'done')
    expect(vaes(second)).toHaveLength(1)
  })

  it('finds what it needs at the start of the core, when it was queued without', async () => {
    const place = makePlace()
    const first = await openCore(place, { startQueued: false })
    const run = await svm(first)
    first.library.updateRun(run.id, { inputs: [] })
    await first.scheduler.remove(vaes(first).map(({ id }) => id))
    await first.close()
    const core = await openCore(place)
    await untilStatus(core, run.id, 'done')
    expect(vaes(core)).toHaveLength(1)
  })

  it('goes on with the input that it began with', async () => {
    const place = makePlace()
    const core = await openCore(place)
    const m2 = () => core.client.runs.launch({ kind: 'm1-m2', params: { vaeEpochs: 1, epochs: 20 } })
    const run = await m2()
    const begun = inputOf(core, run.id)
    await untilStatus(core, begun, 'done')
    place.behave(slow)
    await until('some steps', () => (core.library.run(run.id)!.progress?.step ?? 0) > 2)
    await core.scheduler.pause([run.id])
    await untilStatus(core, run.id, 'paused')
    place.behave({ stepMs: 0 })
    const [newer] = core.scheduler.restart([begun])
    await untilStatus(core, newer!.id, 'done')
    core.scheduler.resume([run.id])
    await untilStatus(core, run.id, 'done')
    expect(inputOf(core, run.id)).toBe(begun)
    const folder = core.library.attemptDirectory(run.id, 2)
    const spec = JSON.parse(readFileSync(path.join(folder, 'spec.json'), 'utf8')) as WorkerSpec
    expect(spec).toMatchObject({ resume: { file: 'resume.safetensors' }, inputs: { vae: { runId: begun } } })
    // What it was given are copies, which take space.
    await until('its copies to be gone', () => !existsSync(path.join(folder, spec.inputs.vae!.file)))
    await until('its copies to be gone', () => !existsSync(path.join(folder, spec.resume!.file)))
    expect(inputOf(core, (await m2()).id)).toBe(newer!.id)
  })
})
