import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { localExecutor } from '../../../src/main/scheduler/index.ts'
import { countingCommand, kill, launch, makePlace, openCore, points, sums, until, untilStatus } from '../support.ts'

const step = (at: number) => (run: { progress: { step: number } | null } | null) => (run?.progress?.step ?? 0) >= at

describe('the queue', () => {
  it('runs one after the other, in its order, with one slot', async () => {
    const core = await openCore(makePlace())
    core.scheduler.setSlots(1)
    const [a, b, c] = [await launch(core), await launch(core), await launch(core)]
    expect(core.library.queue()).toEqual([b.id, c.id])
    expect(core.library.run(c.id)).toMatchObject({ status: 'queued', queuePosition: 2 })
    core.scheduler.move(c.id, 1)
    await untilStatus(core, b.id, 'done')
    const [first, second, third] = [a, c, b].map(({ id }) => core.library.run(id)!)
    expect([first, second, third].map((run) => run!.status)).toEqual(['done', 'done', 'done'])
    expect(second!.startedAt).toBeGreaterThanOrEqual(first!.endedAt!)
    expect(third!.startedAt).toBeGreaterThanOrEqual(second!.endedAt!)
    expect(points(core, a.id, 'sum')).toEqual(sums(30))
  })

  it('fills further slots at once, and remembers their number', async () => {
    const place = makePlace()
    place.behave({ stepMs: 20 })
    const core = await openCore(place)
    core.scheduler.setSlots(1)
    const [a, b] = [await launch(core, { epochs: 50 }), await launch(core, { epochs: 50 })]
    await untilStatus(core, a.id, 'running')
    expect(core.library.run(b.id)!.status).toBe('queued')
    core.scheduler.setSlots(2)
    await untilStatus(core, b.id, 'running')
    expect(core.library.run(a.id)!.status).toBe('running')
    await core.close()
    const next = await openCore(place)
    expect(next.scheduler.slots).toBe(2)
    place.behave({ stepMs: 0 })
    await untilStatus(next, b.id, 'done')
  })

  it('takes a paused or stopped run out of the queue and puts it back by resume', async () => {
    const place = makePlace()
    place.behave({ stepMs: 30 })
    const core = await openCore(place)
    core.scheduler.setSlots(1)
    const [, b, c] = [await launch(core), await launch(core), await launch(core)]
    await core.scheduler.pause([b.id])
    await core.scheduler.stop([c.id])
    expect(core.library.queue()).toEqual([])
    expect(core.library.run(b.id)!.status).toBe('paused')
    expect(core.library.run(c.id)!.status).toBe('stopped')
    core.scheduler.resume([c.id, b.id])
    expect(core.library.queue()).toEqual([c.id, b.id])
  })
})

describe('a run under way', () => {
  it('pauses with a checkpoint and goes on from it, without a hole or a doubled point', async () => {
    const place = makePlace()
    place.behave({ stepMs: 30 })
    const core = await openCore(place)
    const { id } = await launch(core, { epochs: 6 })
    await until('some steps', () => step(15)(core.library.run(id)))
    await core.scheduler.pause([id])
    await core.scheduler.pause([id])
    const paused = await untilStatus(core, id, 'paused')
    expect(paused).toMatchObject({ attempts: 1, attemptStartedAt: null, problem: null })
    const at = paused.progress!.step
    expect(core.library.checkpoints(id).at(-1)!.step).toBe(at)

    place.behave({ stepMs: 0 })
    core.scheduler.resume([id])
    await untilStatus(core, id, 'done')
    expect(core.library.attempts(id)).toMatchObject([{ resumedFrom: null }, { resumedFrom: at }])
    const second = core.library.attemptDirectory(id, 2)
    expect(JSON.parse(readFileSync(path.join(second, 'spec.json'), 'utf8'))).toMatchObject({
      runId: id,
      attempt: 2,
      resume: { file: 'resume.safetensors', step: at },
    })
    expect(points(core, id, 'sum')).toEqual(sums(60))
  })

  it('stops with a checkpoint', async () => {
    const core = await openCore(makePlace())
    const { id } = await launch(core, { epochs: 100 })
    await until('some steps', () => step(5)(core.library.run(id)))
    await core.scheduler.stop([id])
    expect(core.library.run(id)!.status).toBe('stopping')
    const run = await untilStatus(core, id, 'stopped')
    expect(run.endedAt).not.toBeNull()
    expect(core.library.checkpoints(id).at(-1)!.step).toBe(run.progress!.step)
  })

  it('can be stopped while it pauses, and before its worker has begun', async () => {
    const core = await openCore(makePlace())
    const { id } = await launch(core, { epochs: 100 })
    await core.scheduler.pause([id])
    await core.scheduler.stop([id])
    await untilStatus(core, id, 'stopped')
  })

  it('is not deleted', async () => {
    const core = await openCore(makePlace())
    const { id } = await launch(core, { epochs: 100 })
    await expect(core.scheduler.remove([id])).rejects.toThrow(/is (starting|running), so it can't be deleted/)
    expect(core.library.run(id)).not.toBeNull()
  })
})

describe('a run that has ended', () => {
  it('says what can be done when something else is asked, and does nothing of it', async () => {
    const core = await openCore(makePlace())
    const [a, b] = [await launch(core, { epochs: 1, sampleEvery: 1 }), await launch(core, { epochs: 1000 })]
    await untilStatus(core, a.id, 'done')
    await expect(core.scheduler.pause([b.id, a.id])).rejects.toThrow(
      `Run ${a.id} ("${a.name}") is done, so it can't be paused. What can be done: restart, remove.`,
    )
    expect(core.library.run(b.id)!.status).not.toBe('pausing')
    await expect(core.scheduler.stop(['nobody'])).rejects.toThrow('There is no run "nobody"')
  })

  it('restarts as a new run of the same spec', async () => {
    const core = await openCore(makePlace())
    const first = await launch(core, { seed: 7 })
    await untilStatus(core, first.id, 'done')
    const [second] = core.scheduler.restart([first.id])
    expect(second).toMatchObject({ restartOf: first.id, params: first.params, preset: 'quick' })
    expect(second!.id).not.toBe(first.id)
    await untilStatus(core, second!.id, 'done')
    expect(points(core, second!.id, 'sum')).toEqual(points(core, first.id, 'sum'))
  })

  it('is deleted with its folder', async () => {
    const core = await openCore(makePlace())
    const { id } = await launch(core)
    await untilStatus(core, id, 'done')
    const folder = path.dirname(core.library.attemptDirectory(id, 1))
    expect(existsSync(folder)).toBe(true)
    expect(await core.scheduler.remove([id])).toEqual([id])
    expect(core.library.run(id)).toBeNull()
    expect(existsSync(folder)).toBe(true)
    await core.library.emptyBin()
    expect(existsSync(folder)).toBe(false)
  })

  it('is deleted even while its worker is still leaving', async () => {
    const place = makePlace()
    place.behave({ lingers: true })
    const core = await openCore(place)
    const { id } = await launch(core, { epochs: 1 })
    await untilStatus(core, id, 'done')
    expect(await core.scheduler.remove([id])).toEqual([id])
    place.behave({})
    const next = await launch(core, { epochs: 1 })
    await untilStatus(core, next.id, 'done')
  })
})

describe('a worker that dies', () => {
  it('leaves its run interrupted after a SIGKILL, with the reason, and resumable', async () => {
    const place = makePlace()
    place.behave({ stepMs: 30 })
    const core = await openCore(place)
    const { id } = await launch(core, { epochs: 8, checkpointEvery: 1 })
    await until('a checkpoint', () => step(25)(core.library.run(id)))
    const { pid } = core.library.attempts(id)[0]!
    kill(pid!)
    const run = await untilStatus(core, id, 'interrupted')
    expect(run.problem!.message).toContain('SIGKILL')
    expect(run.problem!.hint).toContain('Resume')

    place.behave({ stepMs: 0 })
    core.scheduler.resume([id])
    const done = await untilStatus(core, id, 'done')
    expect(done.problem).toBeNull()
    expect(points(core, id, 'sum')).toEqual(sums(80))
    expect(core.library.samples(id).map((sample) => sample.epoch)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
  })

  it('is reported by its signal and its last words when the engine aborts', async () => {
    const place = makePlace()
    place.behave({ abortAt: 5 })
    const core = await openCore(place)
    const { id } = await launch(core)
    const { problem } = await untilStatus(core, id, 'interrupted')
    expect(problem!.message).toContain('SIGABRT')
    expect(problem!.detail).toContain('counting: F fatal error in step')
    expect(points(core, id, 'count')).toHaveLength(4)
  })

  it('is reported by its exit status when it leaves without a word', async () => {
    const place = makePlace()
    place.behave({ exitAt: 5 })
    const core = await openCore(place)
    const { id } = await launch(core)
    const { problem } = await untilStatus(core, id, 'interrupted')
    expect(problem).toMatchObject({
      message: expect.stringContaining('exit status 7'),
      detail: 'counting: cannot go on',
    })
  })

  it('is told apart when it could not even begin', async () => {
    const args = ['-e', 'console.error("Cannot find the engine"); process.exit(3)']
    const core = await openCore(makePlace(), {
      executor: localExecutor({ command: () => ({ file: process.execPath, args }) }),
    })
    const { id } = await launch(core)
    const { problem } = await untilStatus(core, id, 'interrupted')
    expect(problem).toMatchObject({
      message: 'The training process ended before it could begin, with exit status 3.',
      detail: 'Cannot find the engine',
    })
  })

  it('is told apart when its JavaScript ran out of memory', async () => {
    const place = makePlace()
    place.behave({ exhaustAt: 5 })
    const { file, args } = countingCommand
    const little = { file, args: ['--max-old-space-size=40', ...args] }
    const core = await openCore(place, { executor: localExecutor({ command: () => little }) })
    const { id } = await launch(core)
    const { problem } = await untilStatus(core, id, 'interrupted')
    expect(problem!.message).toBe('The training process ran out of memory for JavaScript.')
    expect(problem!.hint).toContain('max-old-space-size')
  })

  it('frees its slot for the next', async () => {
    const place = makePlace()
    place.behave({ exitAt: 3 })
    const core = await openCore(place)
    core.scheduler.setSlots(1)
    const [a, b] = [await launch(core), await launch(core)]
    await untilStatus(core, a.id, 'interrupted')
    place.behave({})
    await untilStatus(core, b.id, 'done', 'interrupted')
  })

  it('that says it failed is believed', async () => {
    const place = makePlace()
    place.behave({ failAt: 5 })
    const core = await openCore(place)
    const { id } = await launch(core)
    expect((await untilStatus(core, id, 'failed')).problem!.message).toBe('The count became nonsense.')
  })

  it('that writes nonsense is ended, and what came before is kept', async () => {
    const place = makePlace()
    place.behave({ damageAt: 20, stepMs: 10 })
    const core = await openCore(place)
    const { id } = await launch(core, { epochs: 100 })
    const { problem } = await untilStatus(core, id, 'interrupted')
    expect(problem!.message).toContain('damaged')
    expect(points(core, id, 'count')).toHaveLength(19)
  })

  it('that could not be started leaves its run failed, with the reason', async () => {
    const core = await openCore(makePlace(), {
      executor: localExecutor({ command: () => ({ file: '/nonexistent/node', args: [] }) }),
    })
    const { id } = await launch(core)
    const { problem } = await untilStatus(core, id, 'failed')
    expect(problem!.message).toContain('could not be started')
    expect(problem!.message).toContain('ENOENT')
    expect(problem!.hint).toMatch(/missing.*Then resume the run/)
  })
})
