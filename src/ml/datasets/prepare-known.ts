import { rm } from 'node:fs/promises'
import path from 'node:path'
import type { DatasetManifest } from '../../shared/datasets.ts'
import {
  datasetDirectory,
  datasetsDirectory,
  prepareAlone,
  readManifest,
  SplitWriter,
  verifyChecksums,
} from './cache.ts'
import { DatasetError, messageOf } from './errors.ts'
import type { KnownDataset } from './known.ts'
import { part } from './options.ts'
import type { PreparationOptions } from './options.ts'
import { downloadSource, localSources, readKnownFile, sourceFromDirectory } from './sources.ts'
import type { DownloadLimits, Source } from './sources.ts'

export interface KnownOptions extends PreparationOptions {
  /** A folder that holds the four original files, instead of all other sources. */
  directory?: string
  /** An address to download from, instead of the publisher's. */
  mirror?: string
  /** Compare the checksums of a set that is already there. Default false: only sizes. */
  verify?: boolean
  limits?: DownloadLimits
}

/** The prepared set if it is there and whole; a damaged one counts as missing, since it can be had again. */
async function existing(directory: string, set: KnownDataset, options: KnownOptions): Promise<DatasetManifest | null> {
  try {
    const manifest = await readManifest(directory, set.id)
    if (manifest && options.verify) await verifyChecksums(directory, manifest, options.signal)
    return manifest
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error
    options.onProgress?.({ fraction: null, message: `${error.message} Preparing it anew.` })
    return null
  }
}

/**
 * Makes a known set ready in the cache: takes its four files from where they are (a folder named by the user, or an
 * installed package, or the publisher's download), compares them with the published checksums, and stores them as raw
 * bytes. Does nothing if it is ready; waits if another process is at it.
 *
 * @throws DatasetError if the files can't be had or are not the original ones; the signal's reason when aborted.
 */
export async function prepareKnown(
  cacheDirectory: string,
  set: KnownDataset,
  options: KnownOptions = {},
): Promise<DatasetManifest> {
  const { signal, onProgress } = options
  const target = datasetDirectory(cacheDirectory, set.id)
  // A folder that is not there is told even if nothing is needed from it.
  const named = options.directory === undefined ? null : await sourceFromDirectory(set, options.directory)
  const ready = await existing(target, set, options)
  if (ready) return ready
  const waiting = () => onProgress?.({ fraction: null, message: `Another process is preparing ${set.title}; waiting.` })
  return await prepareAlone(cacheDirectory, set.id, { signal, onWait: waiting }, async ({ publish }) => {
    const meanwhile = await existing(target, set, options)
    if (meanwhile) return meanwhile
    const write = (source: Source, from: number) => publish(target, (into) => convert(set, source, into, from, options))
    if (named) return await write(named, 0)
    for (const source of options.mirror === undefined ? await localSources(set) : []) {
      try {
        return await write(source, 0)
      } catch (error) {
        // Only what is wrong with this source sends us to the next one.
        if (!(error instanceof DatasetError) || !error.badInput) throw error
        onProgress?.({ fraction: null, message: messageOf(error) })
      }
    }
    const downloads = path.join(datasetsDirectory(cacheDirectory), `.download-${set.id}`)
    const downloaded = await downloadSource(set, downloads, {
      ...options.limits,
      mirror: options.mirror,
      signal,
      onProgress: part(onProgress, 0, 0.8),
    })
    try {
      return await write(downloaded, 0.8)
    } finally {
      // Used up, or not what it should be: either way not to be kept.
      await rm(downloads, { recursive: true, force: true })
    }
  })
}

async function convert(
  set: KnownDataset,
  source: Source,
  into: string,
  from: number,
  { onProgress, signal }: KnownOptions,
): Promise<DatasetManifest> {
  const report = part(onProgress, from, 1)
  const splits = []
  for (const [name, imagesFile, labelsFile] of [
    ['train', set.files.trainImages, set.files.trainLabels],
    ['test', set.files.testImages, set.files.testLabels],
  ] as const) {
    report(name === 'train' ? 0 : 0.8, `Preparing ${set.title}: ${name === 'train' ? 'training' : 'test'} images`)
    const images = await readKnownFile(set, source, imagesFile)
    const labels = await readKnownFile(set, source, labelsFile)
    signal?.throwIfAborted()
    const writer = new SplitWriter(into, name)
    try {
      await writer.append(images.data)
      splits.push(await writer.finish(images.shape[0]!, labels.data))
    } finally {
      await writer.close()
    }
  }
  report(1, `Prepared ${set.title}`)
  return {
    format: 1,
    id: set.id,
    title: set.title,
    height: set.height,
    width: set.width,
    channels: 1,
    classes: [...set.classes],
    source: `${set.source} (${source.name})`,
    train: splits[0]!,
    test: splits[1]!,
    skipped: [],
    preparedAt: Date.now(),
  }
}
