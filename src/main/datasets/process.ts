import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { workerCommand } from '../scheduler/index.ts'

export interface DatasetProcess {
  /** Resolves with the exit status when it has ended and all its lines are in. */
  ended: Promise<{ code: number | null; stderr: string }>
  /** Asks it to end; it leaves the cache as it was. */
  cancel(): void
}

/** Runs one command of the data-set process; `onLine` gets each JSON object that it prints. */
export function runDatasetProcess(
  args: string[],
  cacheDirectory: string,
  onLine: (value: unknown) => void,
): DatasetProcess {
  const { file, args: before } = workerCommand()
  const child = spawn(file, [...before, 'dataset', ...args, '--cache', cacheDirectory], {
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-4000)))
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => {
    try {
      onLine(JSON.parse(line))
    } catch {
      // Libraries print to standard output too; what isn't ours is kept for the report of a failure.
      stderr = `${stderr}${line}\n`.slice(-4000)
    }
  })
  const read = new Promise<void>((resolve) => lines.once('close', resolve))
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => void read.then(() => resolve({ code, stderr: stderr.trim() })))
  })
  return { ended, cancel: () => child.kill('SIGTERM') }
}
