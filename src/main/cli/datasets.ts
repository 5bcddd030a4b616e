import type { Dataset } from '../../shared/datasets.ts'
import { FolderImport } from '../../shared/datasets.ts'
import { DatasetService } from '../datasets/index.ts'
import { EngineProbe } from '../engine-info.ts'
import { cacheDirectory } from '../paths.ts'
import type { CommonOptions } from './connect.ts'
import { FailedError, UsageError } from './errors.ts'
import { formatBytes, note, plain, print, printJson, table } from './output.ts'

/** The data sets lie in the user's cache, whatever the library, and need no core. */
async function withDatasets<T>(work: (datasets: DatasetService) => Promise<T>): Promise<T> {
  const datasets = new DatasetService(cacheDirectory())
  const interrupt = () => void datasets.close()
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  try {
    return await work(datasets)
  } finally {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
    await datasets.close()
  }
}

const count = (n: number) => n.toLocaleString('en')

/** `datasets`: those there are, with their states. */
export async function listDatasets({ json }: CommonOptions): Promise<void> {
  await withDatasets(async (datasets) => {
    const sets = await datasets.list()
    if (json) return printJson(sets)
    const rows = sets.map((set) => [
      set.id,
      set.state,
      count(set.trainCount),
      count(set.testCount),
      set.height ? `${set.height}×${set.width}×${set.channels}` : '',
      set.bytes === null ? '' : formatBytes(set.bytes),
      set.problem ?? set.description,
    ])
    print(table(['ID', 'STATE', 'TRAIN', 'TEST', 'IMAGE', 'SIZE', 'ABOUT'], rows, [2, 3, 5]))
  })
}

/** Shows a preparation until it has ended. @throws FailedError when it did not end well. */
async function waitFor(datasets: DatasetService, id: string, { json }: CommonOptions): Promise<void> {
  let last = ''
  const show = () => {
    const progress = datasets.current().find((set) => set.id === id)?.progress
    if (!progress) return
    const percent = progress.fraction === null ? '' : ` ${Math.floor(progress.fraction * 100)}%`
    const isTerminal = process.stderr.isTTY === true
    const line = plain(`${id}: ${progress.message}${isTerminal ? percent : ''}`)
    if (line === last) return
    last = line
    if (isTerminal) process.stderr.write(`\r\u001b[2K${line}`)
    else if (!json) note(line)
  }
  const unsubscribe = datasets.subscribe(show)
  let set: Dataset
  try {
    set = await datasets.settled(id)
  } finally {
    unsubscribe()
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[2K')
  }
  if (set.state !== 'ready') throw new FailedError(set.problem ?? `The data set ${id} is ${set.state}.`)
  if (json) return printJson(set)
  for (const { file, reason } of set.skipped) note(`Skipped ${plain(file)}: ${plain(reason)}`)
  print(`${id} is ready: ${count(set.trainCount)} training and ${count(set.testCount)} test images.`)
}

/** `datasets get NAME`. */
export async function getDataset(id: string, options: CommonOptions & { directory?: string }): Promise<void> {
  await withDatasets(async (datasets) => {
    await datasets.get(id, options.directory)
    await waitFor(datasets, id, options)
  })
}

/** `datasets import FOLDER --name NAME`. */
export async function importDataset(
  folder: string,
  options: CommonOptions & { name?: string; size: string; colour: string },
): Promise<void> {
  const request = { folder, name: options.name, size: Number(options.size), colour: options.colour }
  const parsed = FolderImport.safeParse(request)
  if (!parsed.success)
    throw new UsageError(parsed.error.issues.map((issue) => importMessage(issue, request)).join('\n'))
  await withDatasets(async (datasets) => {
    const { id } = await datasets.importFolder(parsed.data)
    await waitFor(datasets, id, options)
  })
}

function importMessage(issue: { path: PropertyKey[]; message: string }, request: Record<string, unknown>): string {
  const field = String(issue.path[0])
  const given = request[field]
  if (field === 'size') return `--size must be one of 28, 32, 64, not ${given}.`
  if (field === 'colour') return `--colour must be grey or rgb, not "${given}".`
  if (field === 'name' && given === undefined) return 'Give the set a name: --name NAME.'
  return `${field === 'name' ? '--name: ' : ''}${issue.message}`
}

/** `datasets remove NAME`. */
export async function removeDataset(id: string, { json }: CommonOptions): Promise<void> {
  await withDatasets(async (datasets) => {
    const sets = await datasets.remove(id)
    if (json) printJson(sets)
    else print(`${id} is no longer in the cache.`)
  })
}

/** `engine`: what trains on this machine. */
export async function showEngine({ json }: CommonOptions): Promise<void> {
  const engine = await new EngineProbe(cacheDirectory()).info()
  if (json) return printJson(engine)
  print(`${engine.name} on ${engine.deviceName || engine.device}, ${engine.threads} threads`)
  if (engine.reason) print(engine.reason)
  if (engine.howTo) print(engine.howTo)
}
