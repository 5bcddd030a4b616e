import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import path from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { root } from '../support.ts'
import type { Place } from '../support.ts'

export interface Outcome {
  status: number | null
  stdout: string
  stderr: string
}

/** Runs `atelier` as a process of its own, as a terminal does. */
export function start(
  place: Place,
  args: string[],
): { child: ChildProcess; outcome: Promise<Outcome>; err: () => string } {
  const child = spawn(process.execPath, [path.join(root, 'src/main/cli.ts'), ...args], {
    cwd: place.directory,
    env: place.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  onTestFinished(() => void child.kill('SIGKILL'))
  const outcome = new Promise<Outcome>((resolve) =>
    child.once('close', (status) => resolve({ status, stdout, stderr })),
  )
  return { child, outcome, err: () => stderr }
}

export const atelier = (place: Place, ...args: string[]): Promise<Outcome> => start(place, args).outcome

export async function json<T>(place: Place, ...args: string[]): Promise<T> {
  const { status, stdout, stderr } = await atelier(place, ...args, '--json')
  expect({ args, status, stderr: status === 0 ? '' : stderr }).toEqual({ args, status: 0, stderr: '' })
  return JSON.parse(stdout) as T
}
