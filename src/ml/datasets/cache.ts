import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { DatasetManifest } from '../../shared/datasets.ts'
import { cacheError, DatasetError, errorCode, formatCount } from './errors.ts'
import { withLock } from './lock.ts'
import type { LockOptions } from './lock.ts'

/** Where the prepared sets lie; `<cache>/datasets/<id>` is one of them, names with a dot in front are work in progress. */
export const datasetsDirectory = (cacheDirectory: string): string => path.join(cacheDirectory, 'datasets')
export const datasetDirectory = (cacheDirectory: string, id: string): string =>
  path.join(datasetsDirectory(cacheDirectory), id)
/** A version of a set in another image size lies inside the set, so that both go together. */
export const sizedDirectory = (directory: string, size: number): string => path.join(directory, `size-${size}`)

const idPattern = /^[a-z0-9][a-z0-9-]{0,62}$/
/** Whether a text can be the id of a set; what is not never becomes a path. */
export const isDatasetId = (id: string): boolean => idPattern.test(id)

const fileNames = { train: ['train-images.u8', 'train-labels.u8'], test: ['test-images.u8', 'test-labels.u8'] } as const
export type SplitName = keyof typeof fileNames

const damaged = (id: string, what: string, cause?: unknown) =>
  new DatasetError(`The prepared data set ${id} is damaged: ${what}`, {
    hint: 'Remove it, then get or import it again.',
    cause,
  })

export const imageLength = (manifest: Pick<DatasetManifest, 'height' | 'width' | 'channels'>): number =>
  manifest.height * manifest.width * manifest.channels

export const splitsOf = (manifest: DatasetManifest): [SplitName, NonNullable<DatasetManifest['test']>][] =>
  manifest.test
    ? [
        ['train', manifest.train],
        ['test', manifest.test],
      ]
    : [['train', manifest.train]]

export const bytesOf = (manifest: DatasetManifest): number =>
  splitsOf(manifest).reduce((sum, [, s]) => sum + s.count * (imageLength(manifest) + (s.labels ? 1 : 0)), 0)

/**
 * Reads the manifest of a prepared set and checks, cheaply, that its files are there and as long as they should be.
 *
 * @returns null if there is no such set.
 * @throws DatasetError if the manifest can't be understood, or a file is missing or of the wrong length.
 */
export async function readManifest(directory: string, id: string): Promise<DatasetManifest | null> {
  let text: string
  try {
    text = await readFile(path.join(directory, 'manifest.json'), 'utf8')
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'ENOTDIR') throw cacheError(error, directory)
    if (await stat(directory).catch(() => null)) throw damaged(id, 'it has no manifest.')
    return null
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw damaged(id, 'its manifest is not JSON.', error)
  }
  const parsed = DatasetManifest.safeParse(json)
  if (!parsed.success) throw damaged(id, 'its manifest is not one that this version understands.', parsed.error)
  const manifest = parsed.data
  if (manifest.id !== id) throw damaged(id, `its manifest is that of ${manifest.id}.`)
  for (const [name, split] of splitsOf(manifest)) {
    // The names are fixed, so that a manifest from elsewhere can't name a file outside its folder.
    const [images, labels] = fileNames[name]
    if (split.images !== images || (split.labels !== null && split.labels !== labels)) {
      throw damaged(id, 'its manifest names other files than a data set has.')
    }
    await checkLength(directory, id, images, split.count * imageLength(manifest))
    if (split.labels) await checkLength(directory, id, labels, split.count)
  }
  return manifest
}

async function checkLength(directory: string, id: string, file: string, length: number): Promise<void> {
  const found = await stat(path.join(directory, file)).catch(() => null)
  if (!found) throw damaged(id, `${file} is missing.`)
  if (found.size !== length) {
    throw damaged(id, `${file} has ${formatCount(found.size)} bytes instead of ${formatCount(length)}.`)
  }
}

/**
 * Compares every byte of a prepared set with the checksums in its manifest.
 *
 * @throws DatasetError naming the split that differs.
 */
export async function verifyChecksums(
  directory: string,
  manifest: DatasetManifest,
  signal?: AbortSignal,
): Promise<void> {
  for (const [name, split] of splitsOf(manifest)) {
    const hash = createHash('sha256')
    for (const file of split.labels ? [split.images, split.labels] : [split.images]) {
      for await (const chunk of createReadStream(path.join(directory, file), { highWaterMark: 1 << 20, signal })) {
        hash.update(chunk as Buffer)
      }
    }
    if (hash.digest('hex') !== split.sha256) {
      throw damaged(manifest.id, `the ${name === 'train' ? 'training' : 'test'} images have changed.`)
    }
  }
}

/** Writes the files of a split as its images come, and tells their count and checksum at the end. */
export class SplitWriter {
  readonly #directory: string
  readonly #name: SplitName
  readonly #hash = createHash('sha256')
  #file: Awaited<ReturnType<typeof open>> | null = null

  constructor(directory: string, name: SplitName) {
    this.#directory = directory
    this.#name = name
  }

  /** Appends images, or any piece of them. */
  async append(images: Uint8Array): Promise<void> {
    this.#file ??= await open(path.join(this.#directory, fileNames[this.#name][0]), 'wx')
    this.#hash.update(images)
    for (let done = 0; done < images.length;) {
      done += (await this.#file.write(images, done, Math.min(images.length - done, 1 << 28))).bytesWritten
    }
  }

  /** Writes the labels, [count], and makes sure that all of the split is on the disk. */
  async finish(count: number, labels: Uint8Array | null): Promise<DatasetManifest['train']> {
    const [images, labelsFile] = fileNames[this.#name]
    await this.#file?.sync()
    await this.close()
    if (labels) {
      this.#hash.update(labels)
      await writeSynced(path.join(this.#directory, labelsFile), labels)
    }
    return { count, images, labels: labels ? labelsFile : null, sha256: this.#hash.digest('hex') }
  }

  async close(): Promise<void> {
    await this.#file?.close()
    this.#file = null
  }
}

async function writeSynced(file: string, bytes: Uint8Array | string): Promise<void> {
  const handle = await open(file, 'wx')
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes a folder's entries durable; on Windows, where folders can't be opened, the file system sees to it. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Removes what preparations of this set that were killed have left; only while holding the set's lock. */
async function sweep(root: string, id: string): Promise<void> {
  const left = new RegExp(`^\\.(preparing|removed)-${id}~`)
  for (const name of await readdir(root)) {
    if (left.test(name)) await rm(path.join(root, name), { recursive: true, force: true })
  }
}

/** Takes a folder out of sight in one step, then deletes it. */
async function discard(root: string, id: string, directory: string): Promise<void> {
  const aside = path.join(root, `.removed-${id}~${randomBytes(6).toString('hex')}`)
  try {
    await rename(directory, aside)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return
    throw error
  }
  await rm(aside, { recursive: true, force: true })
}

/** What a holder of a set's lock may do. */
export interface Preparation {
  /**
   * Lets `write` fill an empty folder and return its manifest, then puts it, whole and flushed to the disk, in the
   * place of `target`. If anything fails before that, or the process dies, `target` is as it was.
   */
  publish(target: string, write: (directory: string) => Promise<DatasetManifest>): Promise<DatasetManifest>
  discard(target: string): Promise<void>
}

/** Does `work` as the only process that prepares the set `id`; errors of the file system come out as DatasetErrors. */
export async function prepareAlone<T>(
  cacheDirectory: string,
  id: string,
  options: LockOptions,
  work: (preparation: Preparation) => Promise<T>,
): Promise<T> {
  const root = datasetsDirectory(cacheDirectory)
  const preparation: Preparation = {
    discard: (target) => discard(root, id, target),
    async publish(target, write) {
      const directory = await mkdtemp(path.join(root, `.preparing-${id}~`))
      try {
        const manifest = DatasetManifest.parse(await write(directory))
        await writeSynced(path.join(directory, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`)
        await syncDirectory(directory)
        options.signal?.throwIfAborted()
        await discard(root, id, target)
        await rename(directory, target)
        await syncDirectory(path.dirname(target))
        return manifest
      } catch (error) {
        await rm(directory, { recursive: true, force: true })
        throw error
      }
    },
  }
  try {
    await mkdir(root, { recursive: true })
    return await withLock(root, id, options, async () => {
      await sweep(root, id)
      return await work(preparation)
    })
  } catch (error) {
    options.signal?.throwIfAborted()
    throw cacheError(error, root)
  }
}
