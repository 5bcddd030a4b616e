import { open } from 'node:fs/promises'
import path from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import type { DatasetManifest, DatasetSplit } from '../../shared/datasets.ts'
import type { z } from 'zod'
import type { Split } from './batches.ts'
import {
  datasetDirectory,
  imageLength,
  isDatasetId,
  prepareAlone,
  readManifest,
  sizedDirectory,
  splitsOf,
  SplitWriter,
} from './cache.ts'
import { cacheError, DatasetError, formatCount } from './errors.ts'
import { knownById } from './known.ts'
import { datasetIds } from './list.ts'
import { part } from './options.ts'
import type { PreparationOptions } from './options.ts'
import { prepareKnown } from './prepare-known.ts'
import { padder, resampler } from './resize.ts'

export interface OpenDatasetOptions extends PreparationOptions {
  /** Height and width that the images shall have, in pixels; default: what the set has. */
  size?: number
  /** Only the first this many training images; 0 or left out: all. The test images are never cut. */
  limit?: number
}

export interface OpenedDataset {
  /** Of the version that was opened: its height and width are those of the images below. */
  manifest: DatasetManifest
  train: Split
  test: Split | null
  classes: string[]
  height: number
  width: number
  channels: 1 | 3
}

const readAtOnce = 1 << 28
const resizeAtOnce = 1024

/**
 * Opens a data set for training: makes it ready first if Atelier knows how to get it, turns it into the wanted size
 * (once; the result stays in the cache), and reads its raw bytes into memory, of the training images only the first
 * `limit`. Opening the same set again gives the same bytes in the same order.
 *
 * Sizes: MNIST and Fashion-MNIST at 32 pixels get a black border of two pixels, as is common for them; everything else
 * is resampled (resize.ts). An image folder loses less when it is imported in the size it shall be used in.
 *
 * @throws DatasetError if there is no such set, it can't be made ready, is damaged, or has fewer than `limit` images;
 *   the signal's reason when aborted.
 */
export async function openDataset(
  cacheDirectory: string,
  id: string,
  options: OpenDatasetOptions = {},
): Promise<OpenedDataset> {
  const { limit = 0 } = options
  if (!Number.isInteger(limit) || limit < 0) {
    throw new DatasetError(`${limit} is no number of images: choose a whole number, or 0 for all.`, { badInput: true })
  }
  const original = await prepared(cacheDirectory, id, options)
  if (limit > original.train.count) {
    throw new DatasetError(
      `${original.title} has ${formatCount(original.train.count)} training images, fewer than the ${formatCount(limit)} asked for.`,
      { hint: `Choose at most ${formatCount(original.train.count)}, or 0 for all.`, badInput: true },
    )
  }
  const size = options.size ?? original.height
  const fits = original.height === size && original.width === size
  const manifest = fits ? original : await inSize(cacheDirectory, original, size, options)
  const directory = datasetDirectory(cacheDirectory, id)
  const from = fits ? directory : sizedDirectory(directory, size)
  try {
    return {
      manifest,
      train: await readSplit(from, manifest, manifest.train, limit || manifest.train.count),
      test: manifest.test && (await readSplit(from, manifest, manifest.test, manifest.test.count)),
      classes: manifest.classes,
      height: manifest.height,
      width: manifest.width,
      channels: manifest.channels,
    }
  } catch (error) {
    throw cacheError(error, from)
  }
}

async function prepared(cacheDirectory: string, id: string, options: OpenDatasetOptions): Promise<DatasetManifest> {
  const known = knownById(id)
  if (known) return await prepareKnown(cacheDirectory, known, options)
  const manifest = isDatasetId(id) ? await readManifest(datasetDirectory(cacheDirectory, id), id) : null
  if (manifest) return manifest
  throw new DatasetError(`There is no data set ${JSON.stringify(id)}.`, {
    hint: `There are: ${(await datasetIds(cacheDirectory)).join(', ')}.`,
    badInput: true,
  })
}

async function readSplit(
  directory: string,
  manifest: DatasetManifest,
  split: z.infer<typeof DatasetSplit>,
  count: number,
): Promise<Split> {
  return {
    count,
    images: await readBytes(path.join(directory, split.images), 0, count * imageLength(manifest)),
    labels: split.labels ? await readBytes(path.join(directory, split.labels), 0, count) : null,
  }
}

async function readBytes(file: string, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  const handle = await open(file, 'r')
  try {
    for (let done = 0; done < length;) {
      const { bytesRead } = await handle.read(bytes, done, Math.min(length - done, readAtOnce), position + done)
      if (bytesRead === 0)
        throw new DatasetError(`${file} ends too early.`, { hint: 'Remove the set and get it again.' })
      done += bytesRead
    }
  } finally {
    await handle.close()
  }
  return bytes
}

/** The set's version of size × size pixels, made if it is not there yet. */
async function inSize(
  cacheDirectory: string,
  original: DatasetManifest,
  size: number,
  { onProgress, signal }: PreparationOptions,
): Promise<DatasetManifest> {
  if (!Number.isInteger(size) || size < 1 || size > 1024) {
    throw new DatasetError(`Images can't have ${size} pixels a side: choose 1 to 1024.`, { badInput: true })
  }
  const { id, title } = original
  const directory = datasetDirectory(cacheDirectory, id)
  const target = sizedDirectory(directory, size)
  const existing = async () => {
    try {
      const manifest = await readManifest(target, id)
      return manifest?.train.count === original.train.count && manifest.height === size ? manifest : null
    } catch (error) {
      if (error instanceof DatasetError) return null
      throw error
    }
  }
  const ready = await existing()
  if (ready) return ready
  const onWait = () => onProgress?.({ fraction: null, message: `Another process is preparing ${title}; waiting.` })
  return await prepareAlone(cacheDirectory, id, { signal, onWait }, async ({ publish }) => {
    const meanwhile = await existing()
    if (meanwhile) return meanwhile
    const pad = knownById(id) !== undefined && size >= original.height && size - original.height <= 4
    const resize = (pad ? padder : resampler)(original, size)
    const report = part(onProgress, 0, 1)
    const total = splitsOf(original).reduce((sum, [, split]) => sum + split.count, 0)
    let finished = 0
    return await publish(target, async (into) => {
      const resized: DatasetManifest = { ...original, height: size, width: size, preparedAt: Date.now() }
      for (const [name, split] of splitsOf(original)) {
        const writer = new SplitWriter(into, name)
        try {
          for (let first = 0; first < split.count; first += resizeAtOnce) {
            signal?.throwIfAborted()
            report(
              finished / total,
              `Resizing ${title} to ${size}×${size}: ${formatCount(finished)} of ${formatCount(total)}`,
            )
            const count = Math.min(resizeAtOnce, split.count - first)
            const length = imageLength(original)
            const images = await readBytes(path.join(directory, split.images), first * length, count * length)
            await writer.append(resize(images, count))
            finished += count
            await breathe()
          }
          const labels = split.labels ? await readBytes(path.join(directory, split.labels), 0, split.count) : null
          resized[name] = await writer.finish(split.count, labels)
        } finally {
          await writer.close()
        }
      }
      return resized
    })
  })
}
