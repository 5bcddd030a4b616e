import { open, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Control, WorkerSpec } from '../../shared/events.ts'
import { WORKER_OUTPUT } from './local-executor.ts'

export const RESUME_FILE = 'resume.safetensors'
export const INPUTS_FOLDER = 'inputs'

let serial = 0

/** Writes a file so that a reader sees the old one or the new one, whole, whatever happens. */
async function writeWhole(file: string, content: string): Promise<void> {
  const temporary = `${file}.${process.pid}-${serial++}.tmp`
  try {
    const handle = await open(temporary, 'w')
    try {
      await handle.writeFile(content)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

export const writeSpec = (directory: string, spec: WorkerSpec): Promise<void> =>
  writeWhole(path.join(directory, 'spec.json'), `${JSON.stringify(spec, null, 2)}\n`)

/** What the worker shall do; it looks between steps. */
export const writeControl = (directory: string, control: Control): Promise<void> =>
  writeWhole(path.join(directory, 'control.json'), `${JSON.stringify(control)}\n`)

/** The last lines that the worker and its libraries wrote to their standard outputs, or null if they wrote none. */
export async function outputTail(directory: string, maxBytes = 4000): Promise<string | null> {
  const handle = await open(path.join(directory, WORKER_OUTPUT), 'r').catch(() => null)
  if (!handle) return null
  try {
    const { size } = await handle.stat()
    const from = Math.max(0, size - maxBytes)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(size, maxBytes)), 0, undefined, from)
    const text = buffer.toString('utf8', 0, bytesRead)
    const whole = from === 0 ? text : text.slice(text.indexOf('\n') + 1)
    return whole.trim() || null
  } finally {
    await handle.close()
  }
}

/** Whether a worker has ever written to the attempt's log. */
export async function attemptHasBegun(directory: string): Promise<boolean> {
  const log = await stat(path.join(directory, 'events.log')).catch(() => null)
  return log !== null && log.size > 0
}

/** Deletes the copies of checkpoint and models that a worker was given, which is gone: the library has them. */
export async function removeGiven(directory: string): Promise<void> {
  for (const name of [RESUME_FILE, INPUTS_FOLDER])
    await rm(path.join(directory, name), { recursive: true, force: true }).catch(() => {})
}
