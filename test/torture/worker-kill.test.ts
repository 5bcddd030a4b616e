import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { Core } from '../../src/main/core.ts'
import { localExecutor } from '../../src/main/scheduler/local-executor.ts'
import { workerCommand } from '../../src/main/scheduler/index.ts'
import { decodeEvents } from '../../src/shared/event-log.ts'
import type { Params } from '../../src/shared/experiments/index.ts'
import { kill, makePlace, openCore, until } from '../main/support.ts'
import { differences, recordOf } from './run-record.ts'
import type { RunRecord } from './run-record.ts'
import { isLong, randomFor, record, rounds, timeLimit } from './support.ts'

const ROUNDS = rounds(5, 100)
const PATIENCE_MS = 240_000

const plane = { pace: 1500, framesPerSecond: 0, measureEvery: 100, checkpointEvery: 130 }
const images = { limit: 256, batch: 32, checkpointEvery: 1 }
const gan = { ...images, width: 4, latent: 8 }
const vae = { hidden: 48, layers: 1, latent: 6 }

/** Every kind that trains in steps, by turns; a run takes a second or two besides the start of its engine. */
const cases: { kind: string; params: Params }[] = [
  { kind: 'gan2d', params: { ...plane, steps: 2000, loss: 'wgan-gp', batch: 60, distribution: 'eight-gaussians' } },
  { kind: 'wgan-gp', params: { ...gan, epochs: 14, criticSteps: 2 } },
  { kind: 'divergences', params: { thetaSteps: 9, samples: 512, steps: 150, seeds: 2, descentSteps: 12 } },
  { kind: 'vae', params: { ...images, ...vae, epochs: 10 } },
  { kind: 'gan2d', params: { ...plane, steps: 2000, layers: 3, noise: 'normal', optimiser: 'sgd', seed: 5 } },
  { kind: 'dcgan', params: { ...gan, epochs: 12 } },
  { kind: 'm2', params: { ...images, limit: 400, units: 40, classLatent: 6, labels: 50, epochs: 8 } },
  { kind: 'm1-m2', params: { ...images, ...vae, limit: 400, vaeEpochs: 4, units: 40, classLatent: 6, epochs: 8 } },
]

/** The last step that a worker has logged, also where the library is a moment behind. */
function loggedStep(core: Core, id: string, attempt: number): number {
  const file = path.join(core.library.attemptDirectory(id, attempt), 'events.log')
  if (!existsSync(file)) return -1
  const last = decodeEvents(readFileSync(file)).events.findLast(
    (event) => event.type === 'metrics' || event.type === 'progress',
  )
  return last?.step ?? -1
}

const launch = async (core: Core, { kind, params }: (typeof cases)[number]) =>
  (await core.client.runs.launch({ kind, params })).id

const untilDone = (core: Core, id: string) =>
  until(
    `run ${id} to be done`,
    () => {
      const run = core.library.run(id)!
      if (run.status === 'failed' || run.status === 'interrupted')
        throw new Error(`Run ${id} of kind ${run.kind} is ${run.status}: ${run.problem?.message}`)
      return run.status === 'done' && run
    },
    PATIENCE_MS,
  )

/**
 * Kills the worker of a run's newest attempt as soon as it has logged a step: a share of those that it has before it.
 * Returns the step it was killed after, or null when it was done first.
 */
async function killAt(core: Core, id: string, share: number, total: number): Promise<number | null> {
  const { attempt, pid, resumedFrom } = await until(
    `a worker of run ${id}`,
    () => {
      const found = core.library.attempts(id).at(-1)
      return core.library.run(id)!.status === 'running' && found?.pid ? found : null
    },
    PATIENCE_MS,
  )
  const from = resumedFrom ?? 0
  const step = Math.floor(from + share * (total - from))
  for (const end = Date.now() + PATIENCE_MS; loggedStep(core, id, attempt) < step;) {
    if (core.library.run(id)!.status === 'done') return null
    if (Date.now() > end) throw new Error(`Run ${id} has not come to step ${step} in ${PATIENCE_MS} ms.`)
    await sleep(3)
  }
  kill(pid!)
  const { status } = await until(
    `run ${id} to be interrupted`,
    () => {
      const run = core.library.run(id)!
      return (run.status === 'interrupted' || run.status === 'done') && run
    },
    PATIENCE_MS,
  )
  return status === 'interrupted' ? loggedStep(core, id, attempt) : null
}

it(
  `a run whose worker is killed at a random step and resumed ends bit for bit as the uninterrupted one: ${ROUNDS} runs`,
  async () => {
    const random = randomFor('worker-kill')
    const core = await openCore(makePlace(), { executor: localExecutor({ command: workerCommand }) })
    core.scheduler.setSlots(2)

    const wholes = new Map<number, Promise<{ record: RunRecord; total: number }>>()
    async function train(which: number) {
      const id = await launch(core, cases[which]!)
      const { progress } = await untilDone(core, id)
      return { record: recordOf(core.library, id), total: progress!.totalSteps }
    }
    const wholeOf = (which: number) => {
      if (!wholes.has(which)) wholes.set(which, train(which))
      return wholes.get(which)!
    }

    const tally = { kills: 0, tooLate: 0, fromTheBeginning: 0, different: 0 }
    const kinds: Record<string, number> = {}
    async function round(which: number, shares: number[]): Promise<void> {
      const { kind } = cases[which]!
      const { record: expected, total } = await wholeOf(which)
      let killed = 0
      let id = ''
      // A run that was done before it could be killed has proved nothing: once more, a little earlier.
      for (let scale = 1; killed === 0; scale *= 0.7) {
        id = await launch(core, cases[which]!)
        for (const share of shares) {
          const step = await killAt(core, id, share * scale, total)
          if (step === null) {
            tally.tooLate++
            break
          }
          killed++
          core.scheduler.resume([id])
          if (core.library.checkpoints(id).length === 0) tally.fromTheBeginning++
        }
        await untilDone(core, id)
      }
      tally.kills += killed
      kinds[kind] = (kinds[kind] ?? 0) + 1
      const found = differences(expected, recordOf(core.library, id))
      if (found.length > 0) tally.different++
      expect(found.slice(0, 10), `${kind}, killed at ${shares.join(', ')} of what was before it`).toEqual([])
      expect(core.library.run(id)!.attempts).toBe(killed + 1)
    }

    const plan = Array.from({ length: ROUNDS }, (_, i) => ({
      which: i % cases.length,
      shares: Array.from({ length: isLong ? random.int(1, 4) : 1 }, () => random.next() * 0.97),
    }))
    // Two at a time, as the core has slots.
    const lane = async () => {
      for (let next = plan.shift(); next; next = plan.shift()) await round(next.which, next.shares)
    }
    await Promise.all([lane(), lane()])
    record('worker killed at a random step and resumed', { rounds: ROUNDS, seed: random.seed, ...tally, kinds })
  },
  timeLimit(600_000),
)
