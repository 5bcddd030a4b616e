import { readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { expect, it, onTestFinished } from 'vitest'
import { checkLibrary, openLibrary } from '../../src/main/store/index.ts'
import { decodeEvents } from '../../src/shared/event-log.ts'
import type { WorkerEvent } from '../../src/shared/events.ts'
import { decodeSafetensors } from '../../src/shared/safetensors.ts'
import { kill, makePlace, until } from '../main/support.ts'
import { serveCore, withClient } from './served-core.ts'
import { randomFor, record, rounds, timeLimit } from './support.ts'

const KILLS = rounds(20, 500)
/** Small networks, so that the workers leave the processor to the cores; a checkpoint and pictures a second. */
const params = {
  layers: 1,
  width: 4,
  batch: 8,
  steps: 100_000_000,
  pace: 400,
  framesPerSecond: 5,
  measureEvery: 1000,
  checkpointEvery: 400,
}

/** What the worker itself wrote down, in the one attempt that it had. */
function ownRecord(library: string, id: string): WorkerEvent[] {
  return decodeEvents(readFileSync(path.join(library, 'runs', id, 'attempt-1', 'events.log'))).events
}

/** Every series as a worker logged it: value by step, the last one where a step has two. */
function seriesOf(events: WorkerEvent[]): Map<string, Map<number, number>> {
  const sets = new Map<number, string[]>()
  const series = new Map<string, Map<number, number>>()
  for (const event of events)
    if (event.type === 'series') {
      sets.set(event.set, event.names)
      for (const name of event.names) if (!series.has(name)) series.set(name, new Map())
    } else if (event.type === 'metrics')
      sets.get(event.set)!.forEach((name, i) => series.get(name)!.set(event.step, event.values[i]!))
  return series
}

/** Points that one side has and the other has not, or has with another value. */
function compare(logged: Map<number, number>, stored: Iterable<{ step: number; value: number }>) {
  const seen = new Set<number>()
  let [doubled, wrong] = [0, 0]
  for (const { step, value } of stored) {
    if (seen.has(step)) doubled++
    seen.add(step)
    if (!Object.is(logged.get(step), value)) wrong++
  }
  const lost = [...logged.keys()].filter((step) => !seen.has(step)).length
  return { lost, doubled, wrong }
}

it(
  `a core killed ${KILLS} times at random moments while two workers log loses nothing and doubles nothing`,
  async () => {
    const random = randomFor('core-kill')
    const place = makePlace()
    const { ATELIER_WORKER: _, ...env } = place.env
    let core = serveCore(place.library, env)
    const ids = await withClient((await core.ready)!, async (client) => {
      await client.app.setSlots({ slots: 2 })
      for (const seed of [1, 2]) await client.runs.launch({ kind: 'gan2d', params: { ...params, seed } })
      const running = await until('both workers to train', async () => {
        const runs = await client.runs.list()
        return runs.every(({ status, progress }) => status === 'running' && progress) && runs
      })
      return running.map(({ id }) => id)
    })
    const pids = ids.map((id) => ownRecord(place.library, id).find((event) => event.type === 'hello')!.pid)
    onTestFinished(() => pids.forEach(kill))

    let starting = 0
    for (let round = 0; round < KILLS; round++) {
      // One in four may die while it starts: as it takes the lock, opens the library, adopts the workers.
      if (random.next() < 0.25) await sleep(random.next() * 400)
      else {
        expect(await core.ready, core.said()).not.toBeNull()
        await sleep(random.next() * 500)
      }
      expect(core.child.exitCode, core.said()).toBeNull()
      if (!core.isReady()) starting++
      await core.kill()
      core = serveCore(place.library, env)
    }
    await withClient((await core.ready)!, async (client) => {
      await client.runs.stop({ ids })
      const ended = await until('both workers to stop', async () => {
        const runs = await client.runs.list()
        return runs.every(({ status }) => status !== 'running' && status !== 'stopping') && runs
      })
      for (const run of ended) expect(run).toMatchObject({ status: 'stopped', attempts: 1, problem: null })
    })
    await core.end()

    const library = openLibrary(place.library, { readOnly: true })
    onTestFinished(() => library.close())
    let points = 0
    const sum = { lost: 0, doubled: 0, wrong: 0 }
    for (const id of ids) {
      const events = ownRecord(place.library, id)
      const of = <T extends WorkerEvent['type']>(type: T) =>
        events.filter((event): event is Extract<WorkerEvent, { type: T }> => event.type === type)
      const series = seriesOf(events)
      expect(library.metricNames(id).toSorted()).toEqual([...series.keys()].toSorted())
      for (const [name, logged] of series) {
        const found = compare(logged, library.metricRows(id, name))
        for (const key of ['lost', 'doubled', 'wrong'] as const) sum[key] += found[key]
        points += logged.size
        expect(library.chart(id, { names: [name] }).series[0]!.count, `roll-ups of ${name}`).toBe(logged.size)
      }
      expect(library.frameSteps(id)).toEqual([...new Set(of('frame').map(({ step }) => step))])
      expect(library.log(id, -1, 10_000).map(({ message }) => message)).toEqual(of('log').map(({ message }) => message))
      const newest = of('checkpoint').at(-1)!
      expect(library.checkpoints(id).at(-1)).toMatchObject({ step: newest.step, hash: newest.sha256 })
      expect(decodeSafetensors(library.blob(newest.sha256)!).metadata['step']).toBe(String(newest.step))
    }
    expect(sum).toEqual({ lost: 0, doubled: 0, wrong: 0 })
    const db = new Database(path.join(place.library, 'library.db'), { readonly: true })
    onTestFinished(() => void db.close())
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
    expect((await checkLibrary(place.library)).findings.filter(({ level }) => level === 'problem')).toEqual([])
    record('core killed while two workers log', { rounds: KILLS, seed: random.seed, starting, points, ...sum })
  },
  timeLimit(600_000),
)
