import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished, vi } from 'vitest'
import { createCore } from '../../src/main/core.ts'
import type { Core, CoreOptions } from '../../src/main/core.ts'
import { localExecutor } from '../../src/main/scheduler/index.ts'
import { processStart } from '../../src/main/scheduler/process-identity.ts'
import type { Run } from '../../src/shared/run.ts'
import type { Behaviour } from '../fixtures/counting-worker.ts'

// Processes start slowly on a busy machine.
vi.setConfig({ testTimeout: 90_000 })

export const root = fileURLToPath(new URL('../..', import.meta.url))
export const countingWorker = path.join(root, 'test/fixtures/counting-worker.ts')
export const countingCommand = { file: process.execPath, args: [countingWorker] }

export interface Place {
  directory: string
  library: string
  cache: string
  /** What processes of Atelier need to work here, with the counting worker. */
  env: NodeJS.ProcessEnv
  behave(behaviour: Behaviour): void
}

/** A folder for a library and a cache of its own; taken away when the test is over, with the workers that still count. */
export function makePlace(): Place {
  const directory = mkdtempSync(path.join(tmpdir(), 'atelier-test-'))
  const cache = path.join(directory, 'cache')
  mkdirSync(cache)
  const library = path.join(directory, 'library')
  const behave = (behaviour: Behaviour) => writeFileSync(path.join(cache, 'behaviour.json'), JSON.stringify(behaviour))
  behave({})
  onTestFinished(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }))
  const env = { ...process.env, ATELIER_LIBRARY: library, ATELIER_CACHE: cache, ATELIER_WORKER: countingWorker }
  return { directory, library, cache, env, behave }
}

/** A core on a place, with counting workers; closed when the test is over, its workers ended. */
export async function openCore(place: Place, options: Partial<CoreOptions> = {}): Promise<Core> {
  const core = await createCore({
    libraryDirectory: place.library,
    cacheDirectory: place.cache,
    platform: 'browser',
    executor: localExecutor({ command: () => countingCommand }),
    ...options,
  })
  onTestFinished(() => core.close())
  onTestFinished(() => endWorkers(core))
  await core.settled
  return core
}

/** Kills the workers whose runs are still under way, so that no test leaves a process behind. */
function endWorkers(core: Core): void {
  try {
    for (const { pid } of core.library.openAttempts()) if (pid) kill(pid)
  } catch {
    // The library is closed already: that test looks after its workers itself.
  }
}

export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** A kill is a request: the kernel ends the process a moment later. */
export async function untilGone(pid: number): Promise<void> {
  await until(`process ${pid} to be gone`, async () => (await processStart(pid)) === null)
}

/** Queues a counting run: ten steps an epoch. */
export function launch(core: Core, params: Record<string, unknown> = {}, more: { name?: string } = {}): Promise<Run> {
  return core.client.runs.launch({ kind: 'dcgan', preset: 'quick', params: { epochs: 3, ...params }, ...more })
}

/** Waits until something holds, and says what it waited for when it never does. */
export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  timeout = 40_000,
): Promise<NonNullable<Exclude<T, false>>> {
  const end = Date.now() + timeout
  for (;;) {
    const found = await probe()
    if (found) return found as NonNullable<Exclude<T, false>>
    if (Date.now() > end) throw new Error(`Waited ${timeout} ms in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 15))
  }
}

export const untilStatus = (core: Core, id: string, ...statuses: Run['status'][]): Promise<Run> =>
  until(`run ${id} to be ${statuses.join(' or ')}`, () => {
    const run = core.library.run(id)!
    return statuses.includes(run.status) && run
  })

/** All points of a series, step by step. */
export const points = (core: Core, id: string, name: string): [number, number][] =>
  [...core.library.metricRows(id, name)].map(({ step, value }) => [step, value])

/** What `sum` has to be at each of the steps 1 … n. */
export const sums = (n: number): [number, number][] =>
  Array.from({ length: n }, (_, i) => [i + 1, ((i + 1) * (i + 2)) / 2])
