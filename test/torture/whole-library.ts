import { createHash, randomBytes } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { openLibrary } from '../../src/main/store/index.ts'
import type { Library } from '../../src/main/store/index.ts'
import type { WorkerEvent } from '../../src/shared/events.ts'
import type { Classification } from '../../src/shared/results.ts'
import { hello, metrics, newRun, recording, sample, series } from '../main/store/fixtures.ts'

const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex')

const result: Classification = {
  type: 'classification',
  dataset: 'mnist',
  split: 'test',
  count: 4,
  classes: ['0', '1'],
  accuracy: 0.5,
  precision: 0.5,
  recall: 0.5,
  fScore: 0.5,
  perClass: [],
  confusion: [[4]],
}

/** A run with all that a run can have; its files are taken in. */
export async function recordRun(library: Library, name: string, bytes: number): Promise<void> {
  const run = recording(
    library,
    library.createRun({ ...newRun, name, tags: ['a', '😀'], notes: '<b>notes</b> '.repeat(20) }),
  )
  run.ingest(hello(), series('loss', 'accuracy'))
  const values = (step: number) => [Math.sin(step), step % 97 === 0 ? NaN : 1 / step] as const
  run.ingest(...Array.from({ length: 1200 }, (_, i) => metrics(i + 1, ...values(i + 1))))
  const content = randomBytes(bytes)
  writeFileSync(path.join(run.folder, 'state'), content)
  const expected = { sha256: sha256(content), bytes }
  await library.stageBlob(path.join(run.folder, 'state'), expected)
  const file = { time: 7, step: 1200, file: 'state', ...expected }
  const events: WorkerEvent[] = [
    { type: 'log', time: 5, level: 'info', message: `${name} begins` },
    { type: 'frame', step: 100, time: 6, bytes: randomBytes(300) },
    { type: 'change', step: 200, time: 6, params: { pace: 3 } },
    { type: 'result', name: 'test', step: 1200, time: 7, value: result },
    { type: 'checkpoint', epoch: 12, ...file },
    { type: 'artifact', name: 'model', mediaType: 'text/plain', description: 'A model', ...file },
    sample(600, randomBytes(4000)),
    { type: 'ended', time: 9, status: 'done', step: 1200, problem: null },
  ]
  run.ingest(...events)
}

/** A library with runs, a study, a set and settings, closed. @param bytes of each run's checkpoint */
export async function makeWholeLibrary(folder: string, bytes: number): Promise<void> {
  const library = openLibrary(folder)
  for (const name of ['first', 'second']) await recordRun(library, name, bytes)
  library.saveStudy({ name: 'Study', entries: [{ kind: 'dcgan', preset: null, params: {}, axes: { seed: [1, 2] } }] })
  const set = { version: 1, centre: [0, 0], scale: 1, points: [0.5, -0.5] } as const
  library.planeSets.save('Set', { type: 'points', set: { ...set, centre: [0, 0], points: [...set.points] } })
  library.setSetting('slots', 2)
  // Leaves free pages, in which a flipped bit harms nothing.
  await recordRun(library, 'gone', bytes)
  library.removeRuns([library.runs()[0]!.id])
  await library.emptyBin()
  library.close()
}

/** Copies a library's files as they lie there now, as a crash would leave them. */
export function copyFiles(from: string, to: string): void {
  mkdirSync(to, { recursive: true })
  for (const suffix of ['', '-wal', '-shm']) {
    const name = `library.db${suffix}`
    if (existsSync(path.join(from, name))) cpSync(path.join(from, name), path.join(to, name), { recursive: true })
  }
}
