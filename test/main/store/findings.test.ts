import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { followLog } from '../../../src/main/store/index.ts'
import type { LibraryEvent } from '../../../src/main/store/index.ts'
import type { Library } from '../../../src/main/store/index.ts'
import type { WorkerEvent } from '../../../src/shared/events.ts'
import type { Classification } from '../../../src/shared/results.ts'
import { closeLibrary, hello, newRun, openTemporary, recording, temporaryFolder, writeLog } from './fixtures.ts'

const sha = (content: Uint8Array) => createHash('sha256').update(content).digest('hex')

function artifact(folder: string, step: number, content: Uint8Array, name = 'model'): WorkerEvent {
  const file = `artifacts/${name}-${step}`
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  writeFileSync(join(folder, file), content)
  const about = { mediaType: 'application/octet-stream', description: 'A “model”', bytes: content.length }
  return { type: 'artifact', name, step, time: 6, ...about, file, sha256: sha(content) }
}

const classification = (accuracy: number): Classification => ({
  type: 'classification',
  dataset: 'mnist',
  split: 'test',
  count: 4,
  classes: ['0', '1'],
  accuracy,
  precision: 0.5,
  recall: 0.5,
  fScore: 0.5,
  perClass: [
    { precision: 0.5, recall: 0.5, fScore: 0.5, support: 2 },
    { precision: 0.5, recall: 0.5, fScore: 0.5, support: 2 },
  ],
  confusion: [
    [1, 1],
    [1, 1],
  ],
})
const result = (step: number, accuracy: number, name = 'test'): WorkerEvent => ({
  type: 'result',
  name,
  step,
  time: 7,
  value: classification(accuracy),
})
const bytes = (...n: number[]) => new Uint8Array(n)
const databaseOf = (library: Library) => (library as unknown as { db: Database.Database }).db
const blobs = (library: Library) => databaseOf(library).prepare('SELECT count(*) FROM blobs').pluck().get()

describe('results and artifacts', () => {
  it('are taken in with their batch, the later one of a name in place of the earlier', () => {
    const folder = temporaryFolder()
    const library = openTemporary(folder)
    const events: LibraryEvent[] = []
    const run = recording(library)
    library.subscribe((event) => events.push(event))
    const first = run.ingest(hello(), result(10, 0.5), artifact(run.folder, 10, bytes(1)))
    expect(first.results).toEqual([{ name: 'test', step: 10, time: 7, value: classification(0.5) }])
    expect(first.artifacts).toMatchObject([{ name: 'model', step: 10, hash: sha(bytes(1)), bytes: 1 }])
    expect(events.at(-1)).toEqual({ type: 'ingested', result: first })
    run.ingest(result(20, 0.75), result(20, 0.25, 'other'), artifact(run.folder, 20, bytes(2, 2)))
    expect(existsSync(join(run.folder, 'artifacts/model-20'))).toBe(false)
    closeLibrary(library)

    const again = openTemporary(folder)
    expect(again.results(run.id)).toEqual([
      { name: 'other', step: 20, time: 7, value: classification(0.25) },
      { name: 'test', step: 20, time: 7, value: classification(0.75) },
    ])
    expect(again.artifacts(run.id)).toEqual([
      {
        name: 'model',
        step: 20,
        time: 6,
        mediaType: 'application/octet-stream',
        description: 'A “model”',
        hash: sha(bytes(2, 2)),
        bytes: 2,
      },
    ])
    expect(again.blob(sha(bytes(2, 2)))).toEqual(Buffer.from([2, 2]))
    expect(again.blob(sha(bytes(1)))).toBeNull()
    expect(() => again.results('nobody')).toThrow('There is no run "nobody"')
  })

  it('keep nothing of a batch that fails', () => {
    const library = openTemporary()
    const run = recording(library)
    run.ingest(hello(), result(1, 0.5), artifact(run.folder, 1, bytes(1)))
    const from = library.attempts(run.id)[0]!.logOffset
    const events = [result(2, 1), artifact(run.folder, 2, bytes(9)), { type: 'progress' } as WorkerEvent, null!]
    expect(() => library.ingest({ runId: run.id, attempt: 1, events, from, to: from + 9 })).toThrow()
    expect(library.attempts(run.id)[0]!.logOffset).toBe(from)
    expect(library.results(run.id)[0]!.step).toBe(1)
    expect(library.artifacts(run.id)[0]!.hash).toBe(sha(bytes(1)))
    expect(existsSync(join(run.folder, 'artifacts/model-2'))).toBe(true)
  })

  it('after the checkpoint that a resumed run goes on from are taken back, with their contents', () => {
    const library = openTemporary()
    const first = recording(library)
    first.ingest(hello(), result(10, 0.1, 'early'), artifact(first.folder, 10, bytes(1), 'early'))
    first.ingest(result(30, 0.3, 'late'), artifact(first.folder, 30, bytes(3), 'late'))
    library.endAttempt(first.id, 1, { status: 'interrupted' })
    const second = recording(library, library.run(first.id)!)
    expect(second.ingest(hello(2, 20)).superseded).toBe(20)
    expect(library.results(first.id).map(({ name }) => name)).toEqual(['early'])
    expect(library.artifacts(first.id).map(({ name }) => name)).toEqual(['early'])
    expect(library.blob(sha(bytes(3)))).toBeNull()
    library.endAttempt(first.id, 2, { status: 'interrupted' })
    expect(recording(library, library.run(first.id)!).ingest(hello(3, 20)).superseded).toBeNull()
  })

  it('whose files are not what was announced are said in the log of the run, and nothing else is touched', () => {
    const library = openTemporary()
    const run = recording(library)
    const secret = join(library.directory, 'secret')
    writeFileSync(secret, 'mine')
    const { log } = run.ingest(
      hello(),
      { ...artifact(run.folder, 1, bytes(1)), sha256: '0'.repeat(64) } as WorkerEvent,
      { ...artifact(run.folder, 2, bytes(1)), file: '../../../secret' } as WorkerEvent,
      { ...artifact(run.folder, 3, bytes(1)), file: secret } as WorkerEvent,
      { ...artifact(run.folder, 4, bytes(1)), file: 'none' } as WorkerEvent,
      artifact(run.folder, 0.5, bytes(1)),
      result(-1, 1),
    )
    expect(log.map(({ message }) => message)).toEqual([
      expect.stringContaining('SHA-256'),
      expect.stringContaining('outside'),
      expect.stringContaining('outside'),
      expect.stringContaining('ENOENT'),
      expect.stringContaining('the artifact model of step 0.5'),
      expect.stringContaining('the result test of step -1'),
    ])
    expect([library.results(run.id), library.artifacts(run.id)]).toEqual([[], []])
    expect(existsSync(secret)).toBe(true)
  })

  it('come in through the log that is followed, files in parts, and none from outside the folder', async () => {
    const library = openTemporary()
    const run = recording(library)
    const content = new Uint8Array(2_500_000).map((_, i) => i * 7)
    const outside = join(library.directory, 'outside')
    writeFileSync(outside, bytes(5))
    const escaping = { ...artifact(run.folder, 2, bytes(5), 'x'), file: '../../../outside' } as WorkerEvent
    writeLog(run.folder, hello(), artifact(run.folder, 1, content), escaping, result(1, 0.5))
    const follower = followLog(library, run.id, run.attempt)
    await follower.drain()
    await follower.stop()
    expect(library.artifacts(run.id)).toMatchObject([{ name: 'model', bytes: content.length, hash: sha(content) }])
    expect(library.results(run.id)).toHaveLength(1)
    expect(blobs(library)).toBe(1)
  })

  it('keep a content as long as one of them, a checkpoint or a gift refers to it', async () => {
    const library = openTemporary()
    const content = bytes(1, 2, 3)
    const [a, b] = [recording(library), recording(library)]
    for (const run of [a, b]) run.ingest(hello(), artifact(run.folder, 1, content), result(1, 1))
    const file = 'checkpoint'
    writeFileSync(join(b.folder, file), content)
    b.ingest({ type: 'checkpoint', time: 1, step: 1, epoch: 1, file, bytes: 3, sha256: sha(content) })
    const heir = library.createRun({ ...newRun, given: { model: sha(content) } })
    for (const run of [a, b]) {
      library.endAttempt(run.id, 1, { status: 'done' })
      library.removeRuns([run.id])
      await library.emptyBin()
      expect(library.blob(sha(content))).not.toBeNull()
    }
    expect(library.given(heir.id)).toEqual({ model: sha(content) })
    await library.sweep()
    expect(library.blob(sha(content))).not.toBeNull()
    library.removeRuns([heir.id])
    expect(library.blob(sha(content))).not.toBeNull()
    await library.emptyBin()
    expect(library.blob(sha(content))).toBeNull()
    expect(databaseOf(library).prepare('SELECT count(*) FROM results').pluck().get()).toBe(0)
  })
})

describe('what a run builds on', () => {
  it('is kept with it, and has to be there', () => {
    const library = openTemporary()
    const inputs = [{ role: 'vae', runId: 'other' }]
    const run = library.createRun({ ...newRun, inputs })
    expect(library.run(run.id)!.inputs).toEqual(inputs)
    expect(library.updateRun(run.id, { inputs: [] }).inputs).toEqual([])
    expect(() => library.createRun({ ...newRun, given: { model: '0'.repeat(64) } })).toThrow('no content 000')
    expect(library.runs()).toHaveLength(1)
  })
})

describe('several changes as one', () => {
  it('are all made, or none, and told once', () => {
    const library = openTemporary()
    const events: LibraryEvent[] = []
    library.subscribe((event) => events.push(event))
    library.batch(() => {
      const { id } = library.createRun(newRun)
      library.createRun(newRun)
      library.note(id, 'info', 'two at once')
    })
    expect(events).toMatchObject([
      { type: 'runs' },
      { type: 'ingested', result: { log: [{ message: 'two at once' }] } },
    ])
    expect(() =>
      library.batch(() => {
        library.runs()
        library.note(library.createRun(newRun).id, 'info', 'never')
        library.runs()
        throw new Error('no more')
      }),
    ).toThrow('no more')
    expect(library.runs()).toHaveLength(2)
    expect(events).toHaveLength(2)
  })
})

describe("the core's own lines", () => {
  it('stand in the log of a run between those of its worker', () => {
    const library = openTemporary()
    const run = recording(library)
    const line = (message: string): WorkerEvent => ({ type: 'log', time: 1, level: 'info', message })
    run.ingest(hello(), line('one'))
    library.note(run.id, 'warning', 'two')
    run.ingest(line('three'))
    expect(library.log(run.id).map(({ seq, level, message }) => [seq, level, message])).toEqual([
      [0, 'info', 'one'],
      [1, 'warning', 'two'],
      [2, 'info', 'three'],
    ])
  })
})

describe('studies', () => {
  const entries = [{ kind: 'vae', preset: 'quick', params: {}, axes: { seed: [0, 1] } }]

  it('are kept by name, and get a new definition without becoming another', () => {
    const folder = temporaryFolder()
    const library = openTemporary(folder)
    const name = "'); DROP TABLE studies; -- 👩‍🔬"
    const first = library.saveStudy({ name, entries })
    library.saveStudy({ name: 'a', entries })
    const second = library.saveStudy({ name, entries: [{ ...entries[0]!, axes: { seed: [2] } }] })
    expect(second).toMatchObject({ id: first.id, createdAt: first.createdAt, name })
    closeLibrary(library)
    const again = openTemporary(folder)
    expect(again.studies().map((study) => study.name)).toEqual([name, 'a'])
    expect(again.study(first.id)!.entries[0]!.axes).toEqual({ seed: [2] })
    again.removeStudy(first.id)
    expect(again.study(first.id)).toBeNull()
    expect(() => again.removeStudy(first.id)).toThrow('There is no study')
  })
})
