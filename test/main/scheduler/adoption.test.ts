import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { cpSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, it, onTestFinished } from 'vitest'
import { decodeEvents } from '../../../src/shared/event-log.ts'
import type { Core } from '../../../src/main/core.ts'
import { kill, launch, makePlace, openCore, points, root, sums, until, untilGone, untilStatus } from '../support.ts'
import type { Place } from '../support.ts'
import { processStart } from '../../../src/main/scheduler/process-identity.ts'
import { openLibrary } from '../../../src/main/store/index.ts'

/** A core in another process that has queued runs. */
async function coreProcess(place: Place, runs: number, epochs = 40): Promise<{ child: ChildProcess; ids: string[] }> {
  const args = [path.join(root, 'test/fixtures/core-process.ts'), String(runs), String(epochs)]
  const child = spawn(process.execPath, args, { env: place.env, stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string]
  return { child, ids: JSON.parse(line) as string[] }
}

async function killCore(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** The steps that a worker itself wrote down, over all attempts. */
function ownRecord(core: Core, id: string): number[] {
  return core.library.attempts(id).flatMap(({ attempt }) => {
    const log = readFileSync(path.join(core.library.attemptDirectory(id, attempt), 'events.log'))
    return decodeEvents(log).events.flatMap((event) => (event.type === 'metrics' ? [event.step] : []))
  })
}

it('a killed core leaves its workers training; the next one adopts them, and not a point is missing or doubled', async () => {
  const place = makePlace()
  place.behave({ stepMs: 20 })
  const { child, ids } = await coreProcess(place, 2)
  const logs = ids.map((id) => path.join(place.library, 'runs', id, 'attempt-1', 'events.log'))
  const size = (file: string) => {
    try {
      return readFileSync(file).length
    } catch {
      return 0
    }
  }
  await until('both workers to log', () => logs.every((log) => size(log) > 3000))
  await killCore(child)
  const before = logs.map(size)
  await until('training to go on', () => logs.every((log, i) => size(log) > before[i]! + 1000))

  const core = await openCore(place)
  for (const id of ids) expect(core.library.run(id)!.status).toBe('running')
  place.behave({ stepMs: 0 })
  for (const id of ids) {
    await untilStatus(core, id, 'done')
    expect(core.library.attempts(id)).toHaveLength(1)
    expect(points(core, id, 'sum')).toEqual(sums(400))
    expect(ownRecord(core, id)).toEqual(sums(400).map(([step]) => step))
    expect(core.library.samples(id)).toHaveLength(41)
  }
})

it('a worker that ended while no core ran is found done, with all that it recorded', async () => {
  const place = makePlace()
  const { child, ids } = await coreProcess(place, 1, 10)
  await until('the worker to begin', () => {
    try {
      return readFileSync(path.join(place.library, 'runs', ids[0]!, 'attempt-1', 'events.log')).length > 500
    } catch {
      return false
    }
  })
  await killCore(child)
  const file = path.join(place.library, 'runs', ids[0]!, 'attempt-1', 'events.log')
  await until('the worker to end', () => decodeEvents(readFileSync(file)).events.at(-1)?.type === 'ended')
  const core = await openCore(place)
  expect(core.library.run(ids[0]!)!.status).toBe('done')
  expect(points(core, ids[0]!, 'sum')).toEqual(sums(100))
})

it('a worker that was killed while no core ran is found interrupted, and resumes', async () => {
  const place = makePlace()
  place.behave({ stepMs: 20 })
  const first = await openCore(place)
  const { id } = await launch(first, { epochs: 30, checkpointEvery: 1 })
  await until('a checkpoint', () => first.library.checkpoints(id).length > 1)
  const { pid } = first.library.attempts(id)[0]!
  await first.close()
  kill(pid!)
  await untilGone(pid!)

  const core = await openCore(place)
  const run = core.library.run(id)!
  expect(run).toMatchObject({ status: 'interrupted', attemptStartedAt: null })
  expect(run.problem!.message).toContain('is gone')
  place.behave({ stepMs: 0 })
  core.scheduler.resume([id])
  await untilStatus(core, id, 'done')
  expect(points(core, id, 'sum')).toEqual(sums(300))
})

it('an adopted worker can be paused, and its death is noticed', async () => {
  const place = makePlace()
  const first = await openCore(place)
  first.scheduler.setSlots(2)
  const [a, b] = [await launch(first, { epochs: 500 }), await launch(first, { epochs: 500 })]
  await untilStatus(first, a.id, 'running')
  await untilStatus(first, b.id, 'running')
  const { pid } = first.library.attempts(b.id)[0]!
  await first.close()

  const core = await openCore(place)
  expect(core.library.run(a.id)!.status).toBe('running')
  await core.scheduler.pause([a.id])
  await untilStatus(core, a.id, 'paused')
  kill(pid!)
  expect((await untilStatus(core, b.id, 'interrupted')).problem!.message).toContain('is gone')
})

it('a pause that was asked for just before the core died is carried out by the next', async () => {
  const place = makePlace()
  place.behave({ stepMs: 300 })
  const first = await openCore(place)
  const { id } = await launch(first, { epochs: 500 })
  await untilStatus(first, id, 'running')
  await first.scheduler.pause([id])
  await first.close()

  const core = await openCore(place)
  await untilStatus(core, id, 'paused')
})

it('a machine that was restarted is named as the reason', async () => {
  const place = makePlace()
  const first = await openCore(place)
  const { id } = await launch(first, { epochs: 500 })
  await untilStatus(first, id, 'running')
  const { pid, processStart } = first.library.attempts(id)[0]!
  await first.close()
  kill(pid!)
  const library = openLibrary(place.library)
  library.setAttemptProcess(id, 1, { pid: pid!, processStart: processStart!.replace(/^[^:]+/, '00000000') })
  library.close()

  const core = await openCore(place)
  expect(core.library.run(id)).toMatchObject({
    status: 'interrupted',
    problem: { message: 'The machine was restarted while the run trained.' },
  })
})

it('a process that got the number of a dead worker is not taken for it, let alone killed', async () => {
  const place = makePlace()
  const first = await openCore(place)
  const { id } = await launch(first, { epochs: 500 })
  await untilStatus(first, id, 'running')
  const { pid, processStart } = first.library.attempts(id)[0]!
  expect(processStart).not.toBeNull()
  kill(pid!)
  await untilStatus(first, id, 'interrupted')
  first.library.startAttempt(id)
  const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  onTestFinished(() => void bystander.kill('SIGKILL'))
  first.library.setAttemptProcess(id, 2, { pid: bystander.pid!, processStart })
  await first.close()

  const core = await openCore(place)
  expect(core.library.run(id)!.status).toBe('interrupted')
  expect(bystander.exitCode).toBeNull()
})

it('a worker that was started but not yet written down is found by its command line', async () => {
  const place = makePlace()
  const first = await openCore(place)
  const { id } = await launch(first, { epochs: 500 })
  await untilStatus(first, id, 'running')
  const { pid } = first.library.attempts(id)[0]!
  first.library.setAttemptProcess(id, 1, { pid: 1, processStart: null })
  await first.close()

  const core = await openCore(place)
  expect(core.library.run(id)!.status).toBe('running')
  expect(core.library.attempts(id)[0]!.pid).toBe(pid)
})

it('a run whose core died before it could start the worker goes back to the queue', async () => {
  const place = makePlace()
  const first = await openCore(place, { startQueued: false })
  const { id } = await launch(first)
  first.library.startAttempt(id)
  await first.close()

  const second = await openCore(place, { startQueued: false })
  expect(second.library.run(id)).toMatchObject({ status: 'queued', queuePosition: 1 })
  await second.close()
  const core = await openCore(place)
  await untilStatus(core, id, 'done')
})

it('the worker of a library is not taken for that of its copy, let alone killed', async () => {
  const place = makePlace()
  place.behave({ stepMs: 20 })
  const first = await openCore(place)
  const { id } = await launch(first, { epochs: 400 })
  await until('its worker to train', () => first.library.run(id)!.progress)
  const { pid } = first.library.attempts(id)[0]!
  onTestFinished(() => kill(pid!))
  await first.close()
  const copy = { ...place, library: path.join(place.directory, 'copy') }
  cpSync(place.library, copy.library, { recursive: true })

  const other = await openCore(copy)
  expect(other.library.run(id)).toMatchObject({ status: 'interrupted' })
  await other.scheduler.remove([id])
  expect(await processStart(pid!)).not.toBeNull()

  const core = await openCore(place)
  expect(core.library.run(id)).toMatchObject({ status: 'running', attempts: 1 })
  await core.scheduler.stop([id])
  await untilStatus(core, id, 'stopped')
})
