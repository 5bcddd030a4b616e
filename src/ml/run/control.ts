import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Control } from '../../shared/events.ts'

const LOOK_EVERY_MS = 100

/** Reads `control.json` at most ten times a second; a termination signal counts as `stop`. */
export function openControl(folder: string): () => Control['command'] {
  const file = path.join(folder, 'control.json')
  let command: Control['command'] = 'run'
  let terminated = false
  let lookedAt = -Infinity
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => (terminated = true))
  return () => {
    if (terminated) return 'stop'
    const now = performance.now()
    if (now - lookedAt < LOOK_EVERY_MS) return command
    lookedAt = now
    try {
      command = Control.parse(JSON.parse(readFileSync(file, 'utf8'))).command
    } catch {
      // Not there yet, or from a newer version: what was said last still holds.
    }
    return command
  }
}
