import { constants } from 'node:fs'
import { lstat, open, readdir, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { DatasetError, errorCode, messageOf } from './errors.ts'

/** Names stay bytes: a name that is not UTF-8 can be opened only so. */
export interface FoundImage {
  path: Buffer
  /** Folders from the imported one down to the file, then the file's name. */
  parts: Buffer[]
  bytes: number
}
export interface Skipped {
  file: string
  reason: string
}
export interface FolderScan {
  /** Sorted by their paths, byte by byte. */
  images: FoundImage[]
  skipped: Skipped[]
}

const maxDepth = 32
const imageNames = /\.(png|apng|jpe?g|jpe|jfif|webp|gif|tiff?|avif|bmp|heic|heif|jp2|jxl|psd|tga|ico|svg)$/i
const separator = Buffer.from(path.sep)

/** A name as text that does no harm where it is shown: no control characters, nothing that turns the writing round. */
export const printable = (parts: Buffer[]): string =>
  parts
    .map((name) => name.toString('utf8'))
    .join('/')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')

const join = (directory: Buffer, name: Buffer): Buffer => Buffer.concat([directory, separator, name])

export const systemReason = (error: unknown): string =>
  ({
    EACCES: 'you have no right to read it',
    EPERM: 'you have no right to read it',
    ENOENT: 'it is not there any more, or a link that leads nowhere',
    ELOOP: 'its links go round in a circle',
    EIO: 'the disk can not read it',
  })[errorCode(error) ?? ''] ?? messageOf(error)

const signatures: [number, Buffer][] = [
  [0, Buffer.from('\x89PNG', 'latin1')],
  [0, Buffer.from('\xff\xd8\xff', 'latin1')],
  [0, Buffer.from('GIF8')],
  [8, Buffer.from('WEBP')],
  [0, Buffer.from('II*\0', 'latin1')],
  [0, Buffer.from('MM\0*', 'latin1')],
  [4, Buffer.from('ftypavif')],
]

/** Whether a file without an ending begins like an image. */
async function beginsLikeImage(file: Buffer): Promise<boolean> {
  try {
    const handle = await open(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(16), 0, 16, 0)
      return signatures.some(([at, bytes]) => buffer.subarray(at, bytesRead).subarray(0, bytes.length).equals(bytes))
    } finally {
      await handle.close()
    }
  } catch {
    return false
  }
}

/**
 * Finds the images in a folder and the folders below it. Files whose names begin with a dot, and files that are
 * neither called nor look like images, are left out. A link is followed only to a file inside the folder; links that
 * lead out of it, links to folders, and whatever is no regular file, are skipped with the reason.
 *
 * @throws DatasetError if the folder can't be read.
 */
export async function scanFolder(folder: string, signal?: AbortSignal): Promise<FolderScan> {
  const root = await openFolder(folder)
  const images: FoundImage[] = []
  const skipped: Skipped[] = []
  const skip = (parts: Buffer[], reason: string) => skipped.push({ file: printable(parts), reason })

  const visitFile = async (file: Buffer, parts: Buffer[], bytes: number) => {
    const name = parts.at(-1)!.toString('latin1')
    if (imageNames.test(name) || (!name.includes('.') && (await beginsLikeImage(file))))
      images.push({ path: file, parts, bytes })
  }

  const visitLink = async (link: Buffer, parts: Buffer[]) => {
    const target = Buffer.from(await realpath(link, { encoding: 'buffer' }))
    const inside = target.equals(root) || target.subarray(0, root.length + 1).equals(Buffer.concat([root, separator]))
    const found = await stat(target)
    if (!inside) {
      if (found.isDirectory() || imageNames.test(parts.at(-1)!.toString('latin1')) || (await beginsLikeImage(target))) {
        skip(parts, 'it is a link that leads out of the folder')
      }
    } else if (found.isDirectory()) skip(parts, 'it is a link to a folder')
    else if (found.isFile()) await visitFile(target, parts, found.size)
  }

  const visitFolder = async (directory: Buffer, above: Buffer[]): Promise<void> => {
    signal?.throwIfAborted()
    let names: Buffer[]
    try {
      names = await readdir(directory, { encoding: 'buffer' })
    } catch (error) {
      skip(above, systemReason(error))
      return
    }
    for (const name of names.sort(Buffer.compare)) {
      if (name[0] === 0x2e) continue
      const parts = [...above, name]
      const entry = join(directory, name)
      try {
        const found = await lstat(entry)
        if (found.isSymbolicLink()) await visitLink(entry, parts)
        else if (found.isFile()) await visitFile(entry, parts, found.size)
        else if (!found.isDirectory()) {
          if (imageNames.test(name.toString('latin1'))) skip(parts, 'it is not a regular file')
        } else if (parts.length > maxDepth) skip(parts, `it lies more than ${maxDepth} folders deep`)
        else await visitFolder(entry, parts)
      } catch (error) {
        signal?.throwIfAborted()
        skip(parts, systemReason(error))
      }
    }
  }

  await visitFolder(root, [])
  const key = ({ parts }: FoundImage) => Buffer.concat(parts.flatMap((p, i) => (i === 0 ? [p] : [Buffer.from('/'), p])))
  const sorted = images.map((image) => ({ image, key: key(image) })).sort((a, b) => Buffer.compare(a.key, b.key))
  return { images: sorted.map(({ image }) => image), skipped }
}

async function openFolder(folder: string): Promise<Buffer> {
  const refuse = (what: string, cause?: unknown) =>
    new DatasetError(what, { hint: 'Choose a folder with images on this computer.', badInput: true, cause })
  if (folder.includes('\0')) throw refuse('A folder can not have a NUL character in its name.')
  try {
    if (!(await stat(folder)).isDirectory()) throw refuse(`${folder} is not a folder.`)
    await readdir(folder)
    return Buffer.from(await realpath(folder, { encoding: 'buffer' }))
  } catch (error) {
    if (error instanceof DatasetError) throw error
    if (errorCode(error) === 'ENOENT') throw refuse(`There is no folder ${folder}.`, error)
    throw refuse(`The folder ${folder} can't be read: ${systemReason(error)}.`, error)
  }
}
