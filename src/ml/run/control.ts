import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Control } from '../../shared/events.ts'

const LOOK_EVERY_MS = 100

export interface WorkerControl {
  command(): Control['command']
  live(): Control['params']
  /** The signal by which the system told the worker to end while nobody else wanted that, or null. */
  interruptedBy(): NodeJS.Signals | null
}

/** Reads `control.json` at most ten times a second; a termination signal counts as `stop`. */
export function openControl(folder: string): WorkerControl {
  const file = path.join(folder, 'control.json')
  let control: Control = { command: 'run', params: {} }
  let signal: NodeJS.Signals | null = null
  let lookedAt = -Infinity
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, () => (signal ??= name))
  const look = () => {
    const now = performance.now()
    if (now - lookedAt < LOOK_EVERY_MS) return
    lookedAt = now
    try {
      control = Control.parse(JSON.parse(readFileSync(file, 'utf8')))
    } catch {
      // Not there yet, or from a newer version: what was said last still holds.
    }
  }
  return {
    command() {
      if (signal) return 'stop'
      look()
      return control.command
    },
    live() {
      look()
      return control.params
    },
    interruptedBy() {
      look()
      return control.command === 'run' ? signal : null
    },
  }
}
