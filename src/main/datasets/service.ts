import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { Dataset, DatasetManifest, DatasetMessage, knownDatasets } from '../../shared/datasets.ts'
import type { FolderImport } from '../../shared/datasets.ts'
import { datasetGrid } from './images.ts'
import type { DatasetGrid, GridQuery } from './images.ts'
import { runDatasetProcess } from './process.ts'
import type { DatasetProcess } from './process.ts'

/** What was asked of the data sets can't be done as asked; `message` says why and what to do. */
export class DatasetRequestError extends Error {
  readonly field: string
  constructor(field: string, message: string) {
    super(message)
    this.name = 'DatasetRequestError'
    this.field = field
  }
}
export class DatasetNotFoundError extends Error {
  constructor(id: string, ids: string[]) {
    super(`There is no data set "${id}". There are: ${ids.join(', ')}.`)
    this.name = 'DatasetNotFoundError'
  }
}

/** What can be said of a set without its images. */
export interface DatasetShape {
  classes: string[]
  /** Null as long as it isn't prepared. */
  trainCount: number | null
}

const isKnown = (id: string) => knownDatasets.some((set) => set.id === id)
/** The list is read from the cache folder by a process, and worth as much as this. */
const FRESH_MS = 3000

interface Preparation {
  process: DatasetProcess
  progress: NonNullable<Dataset['progress']>
  /** How it is shown before there is anything of it in the cache. */
  row: Dataset
  done: Promise<void>
}

/**
 * The data sets of the cache, as windows and commands see them. All real work happens in processes of the training
 * side; this keeps what they say, and tells it on.
 */
export class DatasetService {
  private readonly cacheDirectory: string
  private sets: Dataset[] = []
  private readAt = 0
  private reading: Promise<void> | null = null
  private readonly preparations = new Map<string, Preparation>()
  /** Why the last preparation of a set failed, until the next one. */
  private readonly failures = new Map<string, string>()
  private readonly listeners = new Set<() => void>()
  private closed = false

  constructor(cacheDirectory: string) {
    this.cacheDirectory = cacheDirectory
  }

  /** Hears of every change. Returns a function that ends it. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** All sets: the known ones first, then the imported ones by name. */
  async list(): Promise<Dataset[]> {
    if (Date.now() - this.readAt > FRESH_MS) await this.refresh()
    return this.current()
  }

  /** The sets as they were last read, with what has been heard of preparations since. */
  current(): Dataset[] {
    const rows = this.sets.map((set) => this.decorate(set))
    for (const [id, { row, progress }] of this.preparations)
      if (!rows.some((set) => set.id === id)) rows.push({ ...row, state: 'preparing', progress })
    return rows
  }

  private decorate(set: Dataset): Dataset {
    const preparation = this.preparations.get(set.id)
    if (preparation) return { ...set, state: 'preparing', progress: preparation.progress, problem: null }
    const problem = this.failures.get(set.id)
    return problem && set.state === 'missing' ? { ...set, state: 'failed', problem } : set
  }

  /** Reads the cache again. */
  refresh(): Promise<void> {
    this.reading ??= this.read().finally(() => (this.reading = null))
    return this.reading
  }

  private async read(): Promise<void> {
    const rows: Dataset[] = []
    let failure: string | null = null
    const { ended } = runDatasetProcess(['list'], this.cacheDirectory, (value) => {
      const message = DatasetMessage.safeParse(value)
      if (message.success && message.data.type === 'failed') failure = message.data.message
      else rows.push(Dataset.parse(value))
    })
    const { code, stderr } = await ended
    if (code !== 0) throw new Error(`The data sets can't be listed: ${failure ?? (stderr || `exit status ${code}`)}`)
    this.sets = rows
    this.readAt = Date.now()
    this.tell()
  }

  /** A set by its id. @throws DatasetNotFoundError naming those there are. */
  async need(id: string): Promise<Dataset> {
    let found = this.current().find((set) => set.id === id)
    if (!found) {
      await this.refresh()
      found = this.current().find((set) => set.id === id)
    }
    if (!found)
      throw new DatasetNotFoundError(
        id,
        this.current().map((set) => set.id),
      )
    return found
  }

  /** Whether a run may name it: known ones are got by the worker itself when they are missing. */
  async exists(id: string): Promise<boolean> {
    if (isKnown(id)) return true
    await this.refresh()
    return this.sets.some((set) => set.id === id && set.state === 'ready')
  }

  /** The shape of a set that `exists`, or null when it can't be told. */
  async shape(id: string): Promise<DatasetShape | null> {
    try {
      const file = path.join(this.cacheDirectory, 'datasets', id, 'manifest.json')
      const { classes, train } = DatasetManifest.parse(JSON.parse(await readFile(file, 'utf8')))
      return { classes: train.labels ? classes : [], trainCount: train.count }
    } catch {
      // Missing or damaged: the worker gets it anew.
      const known = knownDatasets.find((set) => set.id === id)
      return known ? { classes: [...known.classes], trainCount: null } : null
    }
  }

  /** Starts getting a set, from a directory of the user's if one is given; a ready one is checked byte by byte. */
  async get(id: string, directory?: string): Promise<Dataset> {
    const row = await this.need(id)
    this.prepare(row, ['get', id, ...(directory ? ['--directory', directory] : [])])
    return this.need(id)
  }

  /** Starts bringing in a folder of images. @throws DatasetRequestError when the name is taken. */
  async importFolder({ folder, name, size, colour }: FolderImport): Promise<Dataset> {
    await this.refresh()
    const taken = isKnown(name) ? 'belongs to a data set that Atelier knows' : 'is taken'
    if (isKnown(name) || this.current().some((set) => set.id === name && set.state !== 'failed'))
      throw new DatasetRequestError('name', `The name "${name}" ${taken}; choose another, or remove that set first.`)
    const row: Dataset = {
      id: name,
      title: name,
      description: '',
      source: folder,
      state: 'preparing',
      progress: null,
      problem: null,
      height: size,
      width: size,
      channels: colour === 'rgb' ? 3 : 1,
      classes: [],
      trainCount: 0,
      testCount: 0,
      bytes: null,
      skipped: [],
      imported: true,
    }
    this.prepare(row, ['import', '--folder', folder, '--name', name, '--size', String(size), '--colour', colour])
    return this.need(name)
  }

  private prepare(row: Dataset, args: string[]): void {
    if (this.preparations.has(row.id)) return
    this.failures.delete(row.id)
    let failure: string | null = null
    const process = runDatasetProcess(args, this.cacheDirectory, (value) => {
      const message = DatasetMessage.parse(value)
      if (message.type === 'failed') failure = [message.message, message.hint].filter(Boolean).join(' ')
      if (message.type !== 'progress') return
      preparation.progress = { fraction: message.fraction, message: message.message }
      this.tell()
    })
    const finish = async () => {
      try {
        const { code, stderr } = await process.ended
        if (code !== 0) this.failures.set(row.id, failure ?? (stderr || `It ended with exit status ${code}.`))
      } catch (error) {
        this.failures.set(row.id, (error as Error).message)
      }
      // What failed to come in has no place in the cache, so it stays in the list by its failure.
      const failed = this.failures.get(row.id)
      if (!this.closed) await this.refresh().catch(() => {})
      this.preparations.delete(row.id)
      if (failed && !this.sets.some((set) => set.id === row.id))
        this.sets.push({ ...row, state: 'failed', problem: failed, progress: null })
      this.tell()
    }
    const preparation: Preparation = {
      process,
      progress: { fraction: null, message: 'Starting' },
      row,
      done: Promise.resolve(),
    }
    this.preparations.set(row.id, preparation)
    preparation.done = finish()
    this.tell()
  }

  /** Resolves when a preparation that is under way has ended, well or not. */
  async settled(id: string): Promise<Dataset> {
    await this.preparations.get(id)?.done
    return this.need(id)
  }

  /** Takes a set out of the cache. @throws DatasetNotFoundError, DatasetRequestError. */
  async remove(id: string): Promise<Dataset[]> {
    const { state } = await this.need(id)
    this.failures.delete(id)
    if (state === 'preparing')
      throw new DatasetRequestError('id', `${id} is being prepared right now; remove it when that has ended.`)
    let failure: string | null = null
    const { ended } = runDatasetProcess(['remove', id], this.cacheDirectory, (value) => {
      const message = DatasetMessage.parse(value)
      if (message.type === 'failed') failure = [message.message, message.hint].filter(Boolean).join(' ')
    })
    const { code, stderr } = await ended
    await this.refresh()
    // A failed import is only in the list, not in the cache.
    if (code !== 0 && state !== 'failed') throw new DatasetRequestError('id', failure ?? stderr)
    return this.current()
  }

  /** Images of a prepared set. @throws DatasetNotFoundError, DatasetRequestError. */
  async images(id: string, query: GridQuery): Promise<DatasetGrid> {
    await this.need(id)
    try {
      return await datasetGrid(this.cacheDirectory, id, query)
    } catch (error) {
      if (error instanceof RangeError) throw new DatasetRequestError(query.indices ? 'indices' : 'split', error.message)
      if ((error as NodeJS.ErrnoException).code === 'ENOENT')
        throw new DatasetRequestError('id', `${id} has not been prepared yet; get it first.`)
      throw error
    }
  }

  /** Ends the preparations under way; the cache is left as it was before them. */
  async close(): Promise<void> {
    this.closed = true
    const under = [...this.preparations.values()]
    for (const { process } of under) process.cancel()
    this.listeners.clear()
    await Promise.all(under.map(({ done }) => done))
  }

  private tell(): void {
    for (const listener of this.listeners) listener()
  }
}
