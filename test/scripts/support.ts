import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'

/** A folder of its own for one test, gone afterwards. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'atelier-scripts-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A progress that shows nothing and keeps what it was told. */
export function silentProgress() {
  const notes: string[] = []
  const steps: string[] = []
  return {
    notes,
    steps,
    note: (text: string) => void notes.push(text),
    step: <T>(title: string, work: (update: () => void) => T): T => {
      steps.push(title)
      return work(() => {})
    },
  }
}

export const python = (() => {
  try {
    execFileSync('python3', ['-m', 'pip', '--version'], { stdio: 'ignore' })
    return 'python3'
  } catch {
    return null
  }
})()
