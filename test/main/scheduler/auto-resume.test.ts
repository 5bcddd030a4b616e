import { describe, expect, it } from 'vitest'
import type { Core } from '../../../src/main/core.ts'
import { kill, launch, makePlace, openCore, points, sums, until, untilGone, untilStatus } from '../support.ts'

const said = (core: Core, id: string) => core.library.log(id).map(({ message }) => message)
const attempts = (core: Core, id: string) => core.library.run(id)!.attempts

describe('an interrupted run, where the library wants it to go on by itself', () => {
  it('does so from its newest checkpoint, without a hole or a doubled point', async () => {
    const place = makePlace()
    place.behave({ exitAt: 25 })
    const core = await openCore(place)
    await core.client.app.changeSettings({ autoResume: true })
    const { id } = await launch(core, { epochs: 8, checkpointEvery: 1 })
    await until('a second attempt', () => attempts(core, id) >= 2)
    place.behave({})
    const done = await untilStatus(core, id, 'done')
    expect(done.problem).toBeNull()
    expect(points(core, id, 'sum')).toEqual(sums(80))
    expect(said(core, id)).toContain('Interrupted, and resumed by itself from its checkpoint of step 20.')
  })

  it('does so before what was queued behind it', async () => {
    const place = makePlace()
    place.behave({ exitAt: 25 })
    const core = await openCore(place)
    await core.client.app.changeSettings({ autoResume: true })
    const [first, second] = [await launch(core, { epochs: 8, checkpointEvery: 1 }), await launch(core, { epochs: 1 })]
    await until('a second attempt', () => attempts(core, first.id) >= 2)
    expect(core.library.run(second.id)).toMatchObject({ status: 'queued', attempts: 0 })
    place.behave({})
    await untilStatus(core, first.id, 'done')
    await untilStatus(core, second.id, 'done')
  })

  it('does so when it was interrupted while no core ran', async () => {
    const place = makePlace()
    place.behave({ stepMs: 20 })
    const first = await openCore(place)
    await first.client.app.changeSettings({ autoResume: true })
    const { id } = await launch(first, { epochs: 20, checkpointEvery: 1 })
    await until('a checkpoint', () => first.library.checkpoints(id).length > 0)
    const { pid } = first.library.attempts(id)[0]!
    await first.close()
    kill(pid!)
    await untilGone(pid!)
    place.behave({ stepMs: 0 })
    const core = await openCore(place)
    await untilStatus(core, id, 'done')
    expect(attempts(core, id)).toBe(2)
    expect(points(core, id, 'sum')).toEqual(sums(200))
  })

  it('gives up after three attempts in vain, says so, and begins no new count with a new core', async () => {
    const place = makePlace()
    place.behave({ exitAt: 25 })
    const first = await openCore(place)
    await first.client.app.changeSettings({ autoResume: true })
    const { id } = await launch(first, { epochs: 8, checkpointEvery: 1 })
    const isGivenUp = (core: Core) => core.library.run(id)!.problem?.hint?.includes('Not resumed by itself any more')
    await until('it to give up', () => isGivenUp(first))
    // The first, which saved a checkpoint, and three from there.
    expect(first.library.run(id)).toMatchObject({ status: 'interrupted', attempts: 4 })
    expect(said(first, id).filter((text) => text.includes('resumed by itself from'))).toHaveLength(3)
    await first.close()

    const core = await openCore(place)
    expect(core.library.run(id)).toMatchObject({ status: 'interrupted', attempts: 4 })
    place.behave({})
    core.scheduler.resume([id])
    await untilStatus(core, id, 'done')
    expect(points(core, id, 'sum')).toEqual(sums(80))
  })

  it('does not when its worker dies while its user pauses or stops it, whichever core sees that', async () => {
    const place = makePlace()
    place.behave({ stepMs: 20 })
    const first = await openCore(place)
    first.scheduler.setSlots(2)
    await first.client.app.changeSettings({ autoResume: true })
    const runs = [await launch(first, { epochs: 500 }), await launch(first, { epochs: 500 })]
    for (const { id } of runs) await untilStatus(first, id, 'running')
    const [a, b] = runs.map(({ id }) => ({ id, pid: first.library.attempts(id)[0]!.pid! }))
    for (const { pid } of [a!, b!]) process.kill(pid, 'SIGSTOP')
    await first.scheduler.pause([a!.id])
    await first.scheduler.stop([b!.id])
    kill(a!.pid)
    expect((await untilStatus(first, a!.id, 'interrupted', 'queued')).status).toBe('interrupted')
    await first.close()
    kill(b!.pid)
    await untilGone(b!.pid)
    const core = await openCore(place)
    for (const { id } of runs) expect(core.library.run(id)).toMatchObject({ status: 'interrupted', attempts: 1 })
  })

  it('does not when its user stops it, also by force', async () => {
    const place = makePlace()
    place.behave({ stepMs: 20 })
    const core = await openCore(place)
    await core.client.app.changeSettings({ autoResume: true })
    const { id } = await launch(core, { epochs: 50 })
    await untilStatus(core, id, 'running')
    await core.client.runs.stop({ ids: [id], force: true })
    await untilStatus(core, id, 'stopped')
    expect(attempts(core, id)).toBe(1)
  })
})

it('goes on by itself only where that is wanted', async () => {
  const place = makePlace()
  place.behave({ exitAt: 25 })
  const core = await openCore(place)
  const { id } = await launch(core, { epochs: 8 })
  await untilStatus(core, id, 'interrupted')
  const next = await launch(core, { epochs: 1 })
  await untilStatus(core, next.id, 'done')
  expect(core.library.run(id)).toMatchObject({ status: 'interrupted', attempts: 1 })
})
