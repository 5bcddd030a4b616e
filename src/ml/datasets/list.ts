import { readdir } from 'node:fs/promises'
import type { Dataset } from '../../shared/datasets.ts'
import { knownDatasets } from '../../shared/datasets.ts'
import { bytesOf, datasetDirectory, datasetsDirectory, isDatasetId, readManifest } from './cache.ts'
import { cacheError, DatasetError, errorCode, formatCount, messageOf } from './errors.ts'
import { known, knownById } from './known.ts'
import { isLocked, lockPrefix } from './lock.ts'

async function entries(cacheDirectory: string): Promise<string[]> {
  const root = datasetsDirectory(cacheDirectory)
  try {
    return await readdir(root)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw cacheError(error, root)
  }
}

const knownFirst = (names: string[]): string[] => [
  ...known.map((set) => set.id),
  ...[...new Set(names)].filter((name) => isDatasetId(name) && !knownById(name)).sort(),
]

/** Ids of the sets that Atelier knows and of those that were imported into this cache, in that order. */
export const datasetIds = async (cacheDirectory: string): Promise<string[]> => knownFirst(await entries(cacheDirectory))

/**
 * Every set with its state, as the window and the CLI list it: a damaged one is `failed`, with its problem; one that a
 * process is at right now is `preparing`.
 */
export async function listDatasets(cacheDirectory: string): Promise<Dataset[]> {
  const names = await entries(cacheDirectory)
  const locked: string[] = []
  for (const name of names.filter((each) => each.startsWith(lockPrefix)).map((each) => each.slice(lockPrefix.length))) {
    if (isDatasetId(name) && (await isLocked(datasetsDirectory(cacheDirectory), name))) locked.push(name)
  }
  const ids = knownFirst([...names, ...locked])
  return await Promise.all(ids.map((id) => describe(cacheDirectory, id, locked.includes(id))))
}

async function describe(cacheDirectory: string, id: string, isPreparing: boolean): Promise<Dataset> {
  const set = knownById(id)
  const row: Dataset = {
    id,
    title: set?.title ?? id,
    description: knownDatasets.find((each) => each.id === id)?.description ?? '',
    source: set?.source ?? '',
    state: 'missing',
    progress: null,
    problem: null,
    height: set?.height ?? 0,
    width: set?.width ?? 0,
    channels: 1,
    classes: [...(set?.classes ?? [])],
    trainCount: set?.trainCount ?? 0,
    testCount: set?.testCount ?? 0,
    bytes: null,
    skipped: [],
    imported: !set,
  }
  try {
    const manifest = await readManifest(datasetDirectory(cacheDirectory, id), id)
    if (manifest) {
      const { title, source, height, width, channels, classes, skipped } = manifest
      Object.assign(row, { title, source, height, width, channels, classes, skipped, state: 'ready' })
      row.trainCount = manifest.train.count
      row.testCount = manifest.test?.count ?? 0
      row.bytes = bytesOf(manifest)
      const colours = channels === 1 ? 'grey' : 'RGB'
      if (!set) row.description = `${formatCount(row.trainCount)} images of ${width}×${height} ${colours} pixels.`
    } else if (isPreparing) {
      row.state = 'preparing'
      row.progress = { fraction: null, message: 'Another process is preparing it.' }
    }
  } catch (error) {
    row.state = 'failed'
    row.problem = error instanceof DatasetError && error.hint ? `${error.message} ${error.hint}` : messageOf(error)
  }
  return row
}
