import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Control } from '../../shared/events.ts'

const LOOK_EVERY_MS = 100

/** Reads `control.json` at most ten times a second; a termination signal counts as `stop`. */
export function openControl(folder: string): { command(): Control['command']; live(): Control['params'] } {
  const file = path.join(folder, 'control.json')
  let control: Control = { command: 'run', params: {} }
  let terminated = false
  let lookedAt = -Infinity
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => (terminated = true))
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
      if (terminated) return 'stop'
      look()
      return control.command
    },
    live() {
      look()
      return control.params
    },
  }
}
