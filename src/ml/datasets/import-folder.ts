import { mkdir, realpath, stat, statfs } from 'node:fs/promises'
import type { DatasetManifest } from '../../shared/datasets.ts'
import { FolderImport } from '../../shared/datasets.ts'
import { datasetDirectory, datasetsDirectory, prepareAlone, SplitWriter } from './cache.ts'
import { decodeImage, decodersAtOnce, UnreadableImage } from './decode-image.ts'
import { cacheError, DatasetError, formatBytes, formatCount } from './errors.ts'
import { inClassOrder } from './folder-classes.ts'
import { knownById } from './known.ts'
import { mapInOrder } from './limiter.ts'
import type { PreparationOptions } from './options.ts'
import { printable, scanFolder } from './scan-folder.ts'
import type { FoundImage, Skipped } from './scan-folder.ts'

/** Skipped files that the manifest names; of more, it tells only the number. */
const maxNamed = 1000

/**
 * Imports a folder of images, with all below it, as a data set without test images. Classes are the sub-folders, where
 * every image lies in one (folder-classes.ts, which also fixes the order). What can't be read is skipped and reported
 * in the manifest, sorted by name.
 *
 * @throws DatasetError if the request is wrong, the name taken, the folder unreadable or without a readable image, or
 *   the disk too small; the signal's reason when aborted. The cache is then as it was.
 */
export async function importFolder(
  cacheDirectory: string,
  request: FolderImport,
  options: PreparationOptions = {},
): Promise<DatasetManifest> {
  const parsed = FolderImport.safeParse(request)
  if (!parsed.success) {
    const told = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')
    throw new DatasetError(`The folder can't be imported like this. ${told}`, { badInput: true })
  }
  const { folder, name, size, colour } = parsed.data
  const { onProgress, signal } = options
  const target = datasetDirectory(cacheDirectory, name)
  const refuseTaken = async () => {
    if (knownById(name)) {
      throw new DatasetError(`${name} is the name of a set that Atelier knows.`, {
        hint: 'Choose another name.',
        badInput: true,
      })
    }
    if (await stat(target).catch(() => null)) {
      throw new DatasetError(`There is already a data set ${name}.`, {
        hint: 'Remove it first, or choose another name.',
        badInput: true,
      })
    }
  }
  await refuseTaken()
  onProgress?.({ fraction: null, message: 'Looking for images' })
  const scan = await scanFolder(folder, signal)
  if (scan.images.length === 0) throw withoutImages(folder, scan.skipped)
  const onWait = () => {
    throw new DatasetError(`${name} is being imported right now.`, {
      hint: 'Wait until that has ended, or choose another name.',
      badInput: true,
    })
  }
  const root = await realpath(folder)
  return await prepareAlone(cacheDirectory, name, { signal, onWait }, async ({ publish }) => {
    await refuseTaken()
    await expectSpace(cacheDirectory, scan.images.length * size * size * (colour === 'rgb' ? 3 : 1))
    return await publish(target, async (into) => {
      const { train, classes, skipped } = await decodeAll(scan.images, into, { size, colour }, options)
      if (train.count === 0) throw withoutImages(folder, skipped)
      return {
        format: 1,
        id: name,
        title: name,
        height: size,
        width: size,
        channels: colour === 'rgb' ? 3 : 1,
        classes,
        source: `Folder ${printable([Buffer.from(root)])}`,
        train,
        test: null,
        skipped: shorten([...scan.skipped, ...skipped]),
        preparedAt: Date.now(),
      }
    })
  })
}

async function decodeAll(
  images: FoundImage[],
  into: string,
  how: Pick<FolderImport, 'size' | 'colour'>,
  { onProgress, signal }: PreparationOptions,
) {
  const { order, names } = inClassOrder(images)
  const writer = new SplitWriter(into, 'train')
  const skipped: Skipped[] = []
  const labels: number[] = []
  let seen = 0
  let told = 0
  const report = () => {
    if (Date.now() - told < 100 && seen < order.length) return
    told = Date.now()
    const without = skipped.length > 0 ? `, ${formatCount(skipped.length)} skipped` : ''
    const message = `Reading images: ${formatCount(seen)} of ${formatCount(order.length)}${without}`
    onProgress?.({ fraction: seen / order.length, message })
  }
  const results = mapInOrder(order, 2 * decodersAtOnce, async ({ image, label }) => {
    if (signal?.aborted) return { image, label, pixels: null, reason: '' }
    try {
      return { image, label, pixels: await decodeImage(image, how), reason: '' }
    } catch (error) {
      if (!(error instanceof UnreadableImage)) throw error
      return { image, label, pixels: null, reason: error.message }
    }
  })
  try {
    report()
    for await (const { image, label, pixels, reason } of results) {
      signal?.throwIfAborted()
      seen++
      if (pixels) {
        await writer.append(pixels)
        labels.push(label)
      } else skipped.push({ file: printable(image.parts), reason })
      report()
    }
    // A class of which no image could be read is none.
    const used = names.map((_, c) => c).filter((c) => labels.includes(c))
    const place = new Map(used.map((c, i) => [c, i]))
    const bytes = names.length > 0 ? Uint8Array.from(labels, (c) => place.get(c)!) : null
    return { train: await writer.finish(labels.length, bytes), classes: used.map((c) => names[c]!), skipped }
  } finally {
    await writer.close()
  }
}

function withoutImages(folder: string, skipped: Skipped[]): DatasetError {
  const first = skipped[0]
  if (!first) {
    return new DatasetError(`There are no images in ${folder} or below it.`, {
      hint: 'PNG, JPEG, WebP, GIF, TIFF and AVIF are read.',
      badInput: true,
    })
  }
  return new DatasetError(
    `None of the images in ${folder} can be read. ${first.file}: ${first.reason}` +
      (skipped.length > 1 ? `; ${formatCount(skipped.length - 1)} more.` : '.'),
    { hint: 'PNG, JPEG, WebP, GIF, TIFF and AVIF are read.', badInput: true },
  )
}

function shorten(skipped: Skipped[]): Skipped[] {
  const sorted = skipped.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0))
  if (sorted.length <= maxNamed) return sorted
  const more = sorted.length - maxNamed
  return [...sorted.slice(0, maxNamed), { file: '…', reason: `${formatCount(more)} more files were skipped` }]
}

/** Tells before hours of decoding, not after them, that the disk is too small. */
async function expectSpace(cacheDirectory: string, bytes: number): Promise<void> {
  const root = datasetsDirectory(cacheDirectory)
  try {
    await mkdir(root, { recursive: true })
    const { bavail, bsize } = await statfs(root)
    if (bavail * bsize >= bytes) return
    throw new DatasetError(
      `The images need ${formatBytes(bytes)}, but only ${formatBytes(bavail * bsize)} are free where the data sets are kept.`,
      { hint: `Free some space there (${root}), or import in a smaller size.` },
    )
  } catch (error) {
    throw cacheError(error, root)
  }
}
