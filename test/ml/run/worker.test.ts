import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, copyFileSync, writeFileSync, existsSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { decodeSafetensors, encodeSafetensors } from '../../../src/shared/safetensors.ts'
import { decodeEvents } from '../../../src/shared/event-log.ts'
import type { WorkerEvent, WorkerSpec } from '../../../src/shared/events.ts'
import { presetParams } from '../../../src/shared/experiments/index.ts'
import type { Params } from '../../../src/shared/experiments/index.ts'

const root = mkdtempSync(path.join(os.tmpdir(), 'atelier-worker-'))
const worker = path.resolve('src/ml/worker.ts')
afterAll(() => rmSync(root, { recursive: true, force: true }))

const small: Params = { limit: 256, batch: 16, width: 4, epochs: 3, checkpointEvery: 1 }

function attempt(
  name: string,
  kind: string,
  params: Params,
  resume: WorkerSpec['resume'] = null,
  onNonFinite: WorkerSpec['onNonFinite'] = 'continue',
): string {
  const folder = path.join(root, name)
  mkdirSync(folder, { recursive: true })
  const spec: WorkerSpec = {
    kind,
    preset: null,
    params: { ...presetParams(kind), ...params },
    runId: name,
    attempt: resume ? 2 : 1,
    cacheDirectory: path.join(root, 'cache'),
    engine: 'auto',
    threads: null,
    resume,
    inputs: {},
    sets: {},
    onNonFinite,
    changes: [],
  }
  writeFileSync(path.join(folder, 'spec.json'), JSON.stringify(spec))
  return folder
}

function start(folder: string, env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [worker, 'run', folder], { stdio: 'ignore', env: { ...process.env, ...env } })
  return { child, ended: new Promise<number | null>((resolve) => child.on('exit', resolve)) }
}

const eventsOf = (folder: string): WorkerEvent[] => {
  const file = path.join(folder, 'events.log')
  return existsSync(file) ? decodeEvents(readFileSync(file)).events : []
}
const stepsOf = (events: WorkerEvent[]) =>
  events.flatMap((e) => (e.type === 'metrics' && e.values.length > 1 ? [{ step: e.step, values: [...e.values] }] : []))
const endOf = (events: WorkerEvent[]) => events.find((e) => e.type === 'ended')
const weightsOf = (folder: string, step: number) =>
  decodeSafetensors(readFileSync(path.join(folder, `checkpoints/step-${step}.safetensors`))).state

async function until(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 20))
}

describe.each([
  ['wgan-gp', { ...small, criticSteps: 2 }, 24],
  ['dcgan', small, 48],
] as const)('a worker that trains %s on MNIST', (kind, params, total) => {
  const whole = attempt(`${kind}-whole`, kind, params)

  it('records every step, samples of every epoch and checkpoints, and ends', async () => {
    expect(await start(whole).ended).toBe(0)
    const events = eventsOf(whole)
    expect(events[0]).toMatchObject({ type: 'hello', attempt: 1, resumedFrom: null })
    expect(endOf(events)).toMatchObject({ status: 'done', step: total, problem: null })
    expect(stepsOf(events).map((s) => s.step)).toEqual(Array.from({ length: total }, (_, i) => i + 1))
    for (const { values } of stepsOf(events)) expect(values.every(Number.isFinite)).toBe(true)
    const of = (type: string) => events.filter((e) => e.type === type) as { epoch: number; step: number }[]
    expect(of('sample').map((s) => s.epoch)).toEqual([0, 1, 2, 3])
    expect(of('checkpoint').map((c) => c.step)).toEqual([total / 3, (2 * total) / 3, total])
  })

  it('goes on after a pause bit for bit as if there had been none', async () => {
    const first = attempt(`${kind}-first`, kind, params)
    const running = start(first)
    await until(() => stepsOf(eventsOf(first)).length > 2)
    writeFileSync(path.join(first, 'control.json'), JSON.stringify({ command: 'pause' }))
    expect(await running.ended).toBe(0)
    const paused = endOf(eventsOf(first))
    expect(paused).toMatchObject({ status: 'paused' })
    const { step } = paused as { step: number }
    expect(step).toBeLessThan(total)

    const second = attempt(`${kind}-second`, kind, params, { file: 'resume.safetensors', step })
    copyFileSync(path.join(first, `checkpoints/step-${step}.safetensors`), path.join(second, 'resume.safetensors'))
    expect(await start(second).ended).toBe(0)
    expect(eventsOf(second)[0]).toMatchObject({ type: 'hello', attempt: 2, resumedFrom: step })
    expect([...stepsOf(eventsOf(first)), ...stepsOf(eventsOf(second))]).toEqual(stepsOf(eventsOf(whole)))
    expect(weightsOf(second, total)).toEqual(weightsOf(whole, total))
  })
})

describe('a worker', () => {
  it('is interrupted with a checkpoint when the system terminates it', async () => {
    const folder = attempt('terminated', 'dcgan', { ...small, epochs: 1000 })
    const { child, ended } = start(folder)
    await until(() => stepsOf(eventsOf(folder)).length > 2)
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    const end = endOf(eventsOf(folder)) as { status: string; step: number; problem: { message: string; hint: string } }
    expect(end.status).toBe('interrupted')
    expect(end.problem.message).toContain('SIGTERM')
    expect(end.problem.hint).toContain(`step ${end.step}`)
    expect(Object.keys(weightsOf(folder, end.step)).length).toBeGreaterThan(0)
  })

  it.each([
    ['pause', 'paused', 17],
    ['stop', 'stopped', 17],
    ['continue', 'done', 48],
  ] as const)(
    'under %s ends %s when a loss is not finite; unless it is to go on, saves nothing of what has diverged',
    async (policy, status, step) => {
      const from = { file: 'resume.safetensors', step: 16 }
      const folder = attempt(`diverged-${policy}`, 'dcgan', small, from, policy)
      const whole = path.join(root, 'dcgan-whole/checkpoints/step-16.safetensors')
      const { state, metadata } = decodeSafetensors(readFileSync(whole))
      // Weights so large that the next step's losses overflow.
      for (const { data } of Object.values(state)) for (let i = 0; i < data.length; i++) data[i]! *= 1e25
      writeFileSync(path.join(folder, from.file), encodeSafetensors(state, metadata))
      expect(await start(folder).ended).toBe(0)
      const events = eventsOf(folder)
      expect(endOf(events)).toMatchObject({ status, step })
      const problem = (endOf(events) as { problem: unknown }).problem
      if (policy === 'continue') expect(problem).toBeNull()
      else {
        expect(problem).toMatchObject({
          message: expect.stringMatching(/ became (NaN|-?Infinity) at step 17: the run has diverged/) as string,
          hint: expect.stringContaining('the checkpoint of step 16') as string,
        })
        expect(events.some((e) => e.type === 'checkpoint')).toBe(false)
      }
      expect(events.some((e) => e.type === 'log' && e.level === 'warning' && e.message.includes('diverged'))).toBe(true)
    },
  )

  it('says why it failed: a batch larger than the set, a data set that is not there, a foreign checkpoint', async () => {
    const folder = attempt('too-large', 'dcgan', { ...small, dataset: 'no-such-set' })
    await start(folder).ended
    expect(endOf(eventsOf(folder))).toMatchObject({
      status: 'failed',
      problem: { message: expect.stringContaining('no-such-set') as string },
    })

    const foreign = attempt('foreign', 'wgan-gp', small, { file: 'resume.safetensors', step: 16 })
    copyFileSync(
      path.join(root, 'dcgan-whole/checkpoints/step-16.safetensors'),
      path.join(foreign, 'resume.safetensors'),
    )
    await start(foreign).ended
    expect(endOf(eventsOf(foreign))).toMatchObject({
      status: 'failed',
      problem: { message: 'The checkpoint belongs to an experiment of kind dcgan, not wgan-gp.' },
    })
  })

  it('trains on wasm where there is no native engine, and says so', async () => {
    const folder = attempt('wasm', 'wgan-gp', { ...small, epochs: 1, criticSteps: 2 })
    expect(await start(folder, { ATELIER_ENGINE: 'wasm' }).ended).toBe(0)
    const events = eventsOf(folder)
    expect(events[0]).toMatchObject({ type: 'hello', engine: { backend: 'wasm' } })
    expect(endOf(events)).toMatchObject({ status: 'done', step: 8 })
    expect(events.some((e) => e.type === 'log' && e.level === 'warning' && e.message.includes('ATELIER_ENGINE'))).toBe(
      true,
    )
  })
})
