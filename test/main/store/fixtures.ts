import { appendFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { openLibrary } from '../../../src/main/store/index.ts'
import type { Library, OpenOptions } from '../../../src/main/store/index.ts'
import { encodeEvent } from '../../../src/shared/event-log.ts'
import type { WorkerEvent } from '../../../src/shared/events.ts'
import type { EngineInfo } from '../../../src/shared/engine.ts'

const folders: string[] = []
const open = new Set<Library>()

afterEach(() => {
  for (const library of open) library.close()
  open.clear()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'atelier-store-'))
  folders.push(folder)
  return folder
}

export function openTemporary(folder = temporaryFolder(), options?: OpenOptions): Library {
  const library = openLibrary(folder, options)
  open.add(library)
  return library
}

export function closeLibrary(library: Library): void {
  open.delete(library)
  library.close()
}

export const engine: EngineInfo = {
  backend: 'native',
  name: 'TensorFlow (CPU)',
  version: '2',
  device: 'cpu',
  deviceName: 'CPU',
  threads: 2,
  reason: null,
  howTo: null,
}

export const newRun = { kind: 'wgan-gp', preset: null, params: { seed: 1, dataset: 'mnist', flag: true } }

export const hello = (attempt = 1, resumedFrom: number | null = null): WorkerEvent => ({
  type: 'hello',
  time: 1000 * attempt,
  attempt,
  pid: 4242,
  engine,
  resumedFrom,
})
export const series = (...names: string[]): WorkerEvent => ({ type: 'series', set: 0, names })
export const metrics = (step: number, ...values: number[]): WorkerEvent => ({
  type: 'metrics',
  set: 0,
  step,
  epoch: step / 100,
  time: 1e12 + step * 50,
  values: Float64Array.from(values),
})
export const sample = (step: number, png: Uint8Array, name = 'fixed noise'): WorkerEvent => ({
  type: 'sample',
  time: 5,
  name,
  step,
  epoch: step / 100,
  columns: 8,
  rows: 8,
  tileWidth: 28,
  tileHeight: 28,
  png,
})

/** A run with an attempt under way, and a way to feed it events without a file. */
export function recording(library: Library, run = library.createRun(newRun)) {
  const { attempt } = library.startAttempt(run.id)
  let offset = library.attempts(run.id).at(-1)!.logOffset
  return {
    id: run.id,
    attempt,
    folder: library.attemptDirectory(run.id, attempt),
    ingest(...events: WorkerEvent[]) {
      const from = offset
      const to = from + events.reduce((bytes, e) => bytes + encodeEvent(e).length, 0)
      const result = library.ingest({ runId: run.id, attempt, events, from, to })
      offset = to
      return result
    },
  }
}

export function writeLog(folder: string, ...events: WorkerEvent[]): void {
  for (const event of events) appendFileSync(join(folder, 'events.log'), encodeEvent(event))
}

/** Every file under a folder with its content, to show that nothing of it changed. */
export function contentOf(folder: string): Map<string, string> {
  const files = new Map<string, string>()
  for (const name of readdirSync(folder, { recursive: true }) as string[]) {
    const path = join(folder, name)
    files.set(name, statSync(path).isFile() ? readFileSync(path).toString('base64') : 'folder')
  }
  return files
}

/** A repeatable source of numbers in [0, 1): mulberry32. */
export function randomNumbers(seed: number): () => number {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
