import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { loadCheckpoint } from '../../src/ml/run/checkpoint.ts'
import { localExecutor } from '../../src/main/scheduler/local-executor.ts'
import { workerCommand } from '../../src/main/scheduler/index.ts'
import { decodeEvents } from '../../src/shared/event-log.ts'
import { decodeSafetensors } from '../../src/shared/safetensors.ts'
import { kill, makePlace, openCore, root, until, untilStatus } from '../main/support.ts'
import { checkpointOwner, stateAt } from './checkpoint-state.ts'
import { randomFor, record, rounds, timeLimit } from './support.ts'
import type { Random } from './support.ts'

const KILLS = rounds(20, 200)
const RUN_KILLS = rounds(3, 40)
const WHOLE = /^step-(\d+)(?:-\d+)?\.safetensors$/

function announced(folder: string) {
  const file = path.join(folder, 'events.log')
  if (!existsSync(file)) return []
  return decodeEvents(readFileSync(file)).events.flatMap((event) => (event.type === 'checkpoint' ? [event] : []))
}

const filesOf = (folder: string) => (existsSync(folder) ? readdirSync(folder) : [])
const hasHalf = (folder: string) => filesOf(folder).some((name) => !WHOLE.test(name))

/** Waits for a moment to kill at: any one, or, by turns, one at which a checkpoint is half there. */
async function moment(round: number, random: Random, checkpoints: string): Promise<void> {
  await sleep(random.next() * 120)
  if (round % 2 === 0) return
  for (const end = Date.now() + 60_000; !hasHalf(checkpoints); await nextTurn())
    if (Date.now() > end) throw new Error(`No checkpoint was begun in ${checkpoints} for a minute.`)
}

it(
  `whatever moment a process is killed at as it writes checkpoints, ${KILLS} times, the newest announced one loads`,
  async () => {
    const random = randomFor('checkpoint-kill')
    const folder = mkdtempSync(path.join(tmpdir(), 'atelier-checkpoints-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const checkpoints = path.join(folder, 'checkpoints')
    let midWrite = 0
    let unannounced = 0
    for (let round = 0; round < KILLS; round++) {
      const before = announced(folder).length
      const from = (announced(folder).at(-1)?.step ?? 0) + 1
      const writer = path.join(root, 'test/torture/checkpoint-writer.ts')
      const child = spawn(process.execPath, [writer, folder, String(from)], { stdio: ['ignore', 'ignore', 'inherit'] })
      onTestFinished(() => void child.kill('SIGKILL'))
      await until('the first checkpoint', () => announced(folder).length > before)
      await moment(round, random, checkpoints)
      expect(child.exitCode).toBeNull()
      child.kill('SIGKILL')
      await once(child, 'exit')

      const all = announced(folder)
      const newest = all.at(-1)!
      expect(all.length).toBeGreaterThan(before)
      const file = path.join(folder, newest.file)
      expect(createHash('sha256').update(readFileSync(file)).digest('hex')).toBe(newest.sha256)
      // Compared by rows of bytes: a difference of some million numbers is no message.
      const state = loadCheckpoint(file, checkpointOwner, newest.step)
      for (const [name, { data }] of Object.entries(stateAt(newest.step)))
        expect(Buffer.from(data.buffer).equals(bytesOf(state[name]!.data)), `${name} of step ${newest.step}`).toBe(true)
      // What has a checkpoint's name is one, announced or not; the rest is what was cut off.
      const files = filesOf(checkpoints)
      for (const name of files) {
        const step = WHOLE.exec(name)?.[1]
        if (step === undefined) continue
        loadCheckpoint(path.join(checkpoints, name), checkpointOwner, Number(step))
        if (Number(step) > newest.step) unannounced++
      }
      if (hasHalf(checkpoints)) midWrite++
      for (const name of files) rmSync(path.join(checkpoints, name))
    }
    // Or the moments were chosen badly, and nothing was tried.
    expect(midWrite).toBeGreaterThan(KILLS / 10)
    record('checkpoint killed mid-write', { rounds: KILLS, seed: random.seed, midWrite, unannounced, unloadable: 0 })
  },
  timeLimit(600_000),
)

const bytesOf = (data: ArrayBufferView) => Buffer.from(data.buffer, data.byteOffset, data.byteLength)

it(
  `a run whose worker is killed ${RUN_KILLS} times while it saves checkpoints goes on from its newest one each time`,
  async () => {
    const random = randomFor('run-checkpoint-kill')
    const core = await openCore(makePlace(), { executor: localExecutor({ command: workerCommand }) })
    // Four steps between checkpoints take less time than a checkpoint.
    const params = { layers: 4, width: 160, batch: 2, steps: 100_000, pace: 0, framesPerSecond: 0, checkpointEvery: 4 }
    const { id } = await core.client.runs.launch({ kind: 'gan2d', params })
    let midWrite = 0
    let reached = 0
    for (let round = 0; round < RUN_KILLS; round++) {
      await until('a new checkpoint', () => (core.library.checkpoints(id).at(-1)?.step ?? 0) > reached)
      const { attempt, pid } = core.library.attempts(id).at(-1)!
      const folder = path.join(core.library.attemptDirectory(id, attempt), 'checkpoints')
      await moment(round, random, folder)
      // As it dies: afterwards the core clears away what is half there.
      if (hasHalf(folder)) midWrite++
      kill(pid!)
      await untilStatus(core, id, 'interrupted')
      const newest = core.library.checkpoints(id).at(-1)!
      expect(newest.step).toBeGreaterThan(reached)
      const stored = core.library.blob(newest.hash)!
      expect(createHash('sha256').update(stored).digest('hex')).toBe(newest.hash)
      expect(decodeSafetensors(stored).metadata).toMatchObject({ kind: 'gan2d', step: String(newest.step) })
      reached = newest.step
      core.scheduler.resume([id])
      const { resumedFrom } = await until('the worker to say hello', () => {
        const found = core.library.attempts(id).at(-1)!
        return found.attempt > attempt && core.library.run(id)!.status === 'running' && found
      })
      expect(resumedFrom).toBe(reached)
    }
    await core.scheduler.stop([id])
    await untilStatus(core, id, 'stopped')
    record('worker killed while it saves checkpoints', {
      rounds: RUN_KILLS,
      seed: random.seed,
      midWrite,
      unloadable: 0,
    })
  },
  timeLimit(600_000),
)
