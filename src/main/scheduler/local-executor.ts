import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import path from 'node:path'
import type { Executor, WorkerExit, WorkerHandle } from './executor.ts'
import { outOfMemoryCounts, ranOut } from './out-of-memory.ts'
import {
  cpuTime,
  findProcessWithArgument,
  isOfEarlierBoot,
  isSameProcess,
  processStart,
  worksIn,
} from './process-identity.ts'
import type { ProcessIdentity } from './process-identity.ts'
import { workerCommand } from './worker-command.ts'
import type { WorkerCommand } from './worker-command.ts'

const ADOPTED_POLL_MS = 250
/** What the worker and its libraries say on their standard outputs, in the attempt's folder. */
export const WORKER_OUTPUT = 'worker.log'

export interface LocalExecutorOptions {
  command?: () => WorkerCommand
  environment?: () => NodeJS.ProcessEnv
}

/** Workers as processes of this machine, each in a session of its own, so that no signal meant for the core ends them. */
export function localExecutor(options: LocalExecutorOptions = {}): Executor {
  const { command = workerCommand, environment = () => process.env } = options

  async function start(attemptDirectory: string): Promise<WorkerHandle> {
    const { file, args } = command()
    const output = openSync(path.join(attemptDirectory, WORKER_OUTPUT), 'a')
    try {
      const outOfMemory = await memoryWatch()
      const child = spawn(file, [...args, 'run', attemptDirectory], {
        cwd: attemptDirectory,
        detached: true,
        env: environment(),
        stdio: ['ignore', output, output],
        windowsHide: true,
      })
      const exited = new Promise<WorkerExit>((resolve) =>
        child.once('exit', (code, signal) => resolve({ code, signal })),
      )
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve)
        child.once('error', reject)
      })
      const pid = child.pid!
      const identity = { pid, startTime: await processStart(pid) }
      return {
        ...identity,
        exited,
        isAlive: () => Promise.resolve(child.exitCode === null && child.signalCode === null),
        cpuTime: () => cpuTime(pid),
        outOfMemory,
        kill: async () => {
          child.kill('SIGKILL')
          await exited
        },
        release: () => child.unref(),
      }
    } finally {
      closeSync(output)
    }
  }

  async function adopt(attemptDirectory: string, known: ProcessIdentity | null): Promise<WorkerHandle | null> {
    const identity = known ?? (await findUnrecorded(attemptDirectory))
    if (!identity || !(await isSameProcess(identity))) return null
    // In a copy of a library, the worker is the original's.
    if ((await worksIn(identity.pid, attemptDirectory)) === false) return null
    return watch(identity, await memoryWatch())
  }

  return { start, adopt, restartedSince: isOfEarlierBoot }
}

/** From now on, whether memory has run out. */
async function memoryWatch(): Promise<WorkerHandle['outOfMemory']> {
  const before = await outOfMemoryCounts()
  return async () => ranOut(before, await outOfMemoryCounts())
}

async function findUnrecorded(attemptDirectory: string): Promise<ProcessIdentity | null> {
  const pid = await findProcessWithArgument(attemptDirectory)
  return pid === null ? null : { pid, startTime: await processStart(pid) }
}

/** A process that isn't our child tells nobody of its end: it has to be looked at. */
function watch(identity: ProcessIdentity, outOfMemory: WorkerHandle['outOfMemory']): WorkerHandle {
  let resolveExited: (exit: WorkerExit) => void
  const exited = new Promise<WorkerExit>((resolve) => (resolveExited = resolve))
  const isAlive = () => isSameProcess(identity)
  let looking = false
  const timer = setInterval(() => {
    if (looking) return
    looking = true
    void isAlive().then((alive) => {
      looking = false
      if (alive) return
      clearInterval(timer)
      resolveExited({ code: null, signal: null })
    })
  }, ADOPTED_POLL_MS)
  return {
    ...identity,
    exited,
    isAlive,
    cpuTime: () => cpuTime(identity.pid),
    outOfMemory,
    kill: async () => {
      try {
        if (await isAlive()) process.kill(identity.pid, 'SIGKILL')
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
      }
      await exited
    },
    release: () => clearInterval(timer),
  }
}
