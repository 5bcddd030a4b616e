import { describe, expect, it, onTestFinished } from 'vitest'
import { allowedSilence, problemOfSilence, silenceLimits } from '../../../src/main/scheduler/silence.ts'
import type { Run } from '../../../src/shared/run.ts'
import { launch, makePlace, openCore, points, sums, until, untilStatus } from '../support.ts'
import type { Place } from '../support.ts'

/** Short enough for a test, long enough for a worker that has to share its processor. */
const silence = { training: 2000, preparing: 60_000, look: 100 }

/** A run whose worker has been suspended (SIGSTOP): it lives, but says nothing. */
async function suspended(place: Place) {
  const core = await openCore(place, { silence })
  const { id } = await launch(core, { epochs: 100, checkpointEvery: 1 })
  await until('a checkpoint', () => core.library.checkpoints(id).length > 0)
  const pid = core.library.attempts(id)[0]!.pid!
  process.kill(pid, 'SIGSTOP')
  onTestFinished(() => wake(pid))
  return { core, id, pid }
}

function wake(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT')
  } catch {
    // It is gone.
  }
}

describe('a worker that hangs', () => {
  it('is reported while its run goes on, also to those who watch, and no longer once it gives a sign of life', async () => {
    const place = makePlace()
    place.behave({ stepMs: 20 })
    const { core, id, pid } = await suspended(place)
    const told: (string | undefined)[] = []
    const watching = new AbortController()
    const watched = (async () => {
      for await (const { changed } of await core.client.runs.watch(undefined, { signal: watching.signal }))
        for (const run of changed) told.push(run.problem?.message)
    })().catch(() => {})

    const run = await until(
      'a report',
      async () => (await core.client.runs.get({ id })).problem && core.library.run(id),
    )
    expect(run.status).toBe('running')
    expect(run.problem!.message).toMatch(/no sign of life since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d/)
    expect(run.problem!.hint).toContain('stop the run by force')
    expect(run.problem!.hint).toMatch(/newest checkpoint, of step \d+/)
    expect(core.library.log(id)).toContainEqual(
      expect.objectContaining({ level: 'warning', message: run.problem!.message }),
    )
    await until('the watchers to know', () => told.includes(run.problem!.message))

    wake(pid)
    await until('the report to be taken back', () => core.library.run(id)!.problem === null)
    expect(core.library.log(id).map(({ message }) => message)).toContain(
      'The training process gives signs of life again.',
    )
    watching.abort()
    await watched
    place.behave({ stepMs: 0 })
    await untilStatus(core, id, 'done')
    expect(points(core, id, 'sum')).toEqual(sums(1000))
  })

  it('is ended by force, also when a stop waits for it in vain; its run keeps what it had and can be resumed', async () => {
    const place = makePlace()
    place.behave({ stepMs: 20 })
    const { core, id } = await suspended(place)
    await core.client.runs.stop({ ids: [id] })
    expect(core.library.run(id)!.status).toBe('stopping')
    await core.client.runs.stop({ ids: [id], force: true })
    const run = await untilStatus(core, id, 'stopped')
    const savedAt = core.library.checkpoints(id).at(-1)!.step
    expect(run.problem).toEqual({
      message: 'The training process was ended by force, so it could not save a last checkpoint.',
      hint: `Resume it to go on from its newest checkpoint, of step ${savedAt}.`,
      detail: null,
    })
    place.behave({ stepMs: 0 })
    core.scheduler.resume([id])
    expect((await untilStatus(core, id, 'done')).problem).toBeNull()
    expect(core.library.attempts(id)[1]!.resumedFrom).toBe(savedAt)
    expect(points(core, id, 'sum')).toEqual(sums(1000))
  })

  it('is found out by the next core too, which takes the report back when it goes on', async () => {
    const place = makePlace()
    place.behave({ stepMs: 20 })
    const { core, id, pid } = await suspended(place)
    await until('a report', () => core.library.run(id)!.problem)
    await core.close()
    const next = await openCore(place, { silence })
    expect(next.library.run(id)).toMatchObject({ status: 'running', problem: expect.anything() })
    wake(pid)
    await until('the report to be taken back', () => next.library.run(id)!.problem === null)
  })
})

it('force also ends a worker that is only just being started, and means an ordinary stop for a run without one', async () => {
  const core = await openCore(makePlace())
  core.scheduler.setSlots(1)
  const [a, b] = [await launch(core, { epochs: 500 }), await launch(core)]
  expect(core.library.run(a.id)!.status).toBe('starting')
  await core.scheduler.stop([a.id, b.id], { force: true })
  expect((await untilStatus(core, b.id, 'stopped')).problem).toBeNull()
  expect((await untilStatus(core, a.id, 'stopped')).problem!.message).toContain('by force')
})

describe('the silence that a worker is allowed', () => {
  const run = (status: Run['status'], stepsPerSecond: number | null) =>
    allowedSilence({ status, progress: { stepsPerSecond } } as Run, silenceLimits)

  it('is minutes, longer where its steps are, and longer still before the first one', () => {
    expect(run('running', 50)).toBe(120_000)
    expect(run('running', 1 / 60)).toBeCloseTo(600_000)
    expect(run('running', null)).toBe(600_000)
    // What an earlier attempt did says nothing of one that begins.
    expect(run('starting', 50)).toBe(600_000)
  })

  it('is reported with what is known of its work', () => {
    const hint = (busy: boolean | null) => problemOfSilence(0, busy, null).hint
    expect(hint(true)).toContain('still uses the processor')
    expect(hint(false)).toContain('does not use the processor')
    expect(hint(null)).not.toContain('processor')
    expect(hint(null)).toContain('begins anew')
  })
})
