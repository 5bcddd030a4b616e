import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** Deletes half-written files that a killed worker left in its attempt's folder; src/ml/run/artifact.ts names them so. */
export function dropHalfWritten(folder: string): void {
  for (const part of ['checkpoints', 'artifacts'])
    for (const name of namesIn(join(folder, part)))
      if (name.endsWith('.tmp')) rmSync(join(folder, part, name), { force: true })
}

/** Of a folder that isn't there, or can't be read, nothing needs to be cleared away. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
