import { createHash } from 'node:crypto'
import { access, mkdir, readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { DatasetError, errorCode, formatBytes, messageOf } from './errors.ts'
import { download } from './download.ts'
import type { DownloadOptions } from './download.ts'
import { parseIdx } from './idx.ts'
import type { IdxFile } from './idx.ts'
import { known } from './known.ts'
import type { KnownDataset, KnownFile } from './known.ts'

const unpack = promisify(gunzip)
const filesOf = (set: KnownDataset): KnownFile[] => Object.values(set.files)

/** A folder that holds a set's files, and how to call it in messages. */
export interface Source {
  directory: string
  name: string
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  )

async function pathOf(directory: string, file: KnownFile): Promise<string | null> {
  for (const name of [file.name, `${file.name}.gz`]) {
    const candidate = path.join(directory, name)
    if (await exists(candidate)) return candidate
  }
  return null
}

const missingFrom = async (directory: string, set: KnownDataset): Promise<string[]> => {
  const found = await Promise.all(
    filesOf(set).map(async (file) => ((await pathOf(directory, file)) ? null : file.name)),
  )
  return found.filter((name) => name !== null)
}

/**
 * The folder that the user names, checked.
 *
 * @throws DatasetError if it is no folder or lacks one of the four files.
 */
export async function sourceFromDirectory(set: KnownDataset, directory: string): Promise<Source> {
  const hint = `Name a folder that holds ${filesOf(set)
    .map((file) => file.name)
    .join(', ')}, each unpacked or as .gz.`
  const found = await stat(directory).catch(() => null)
  if (!found) throw new DatasetError(`There is no folder ${directory}.`, { hint, badInput: true })
  if (!found.isDirectory()) throw new DatasetError(`${directory} is not a folder.`, { hint, badInput: true })
  const missing = await missingFrom(directory, set)
  if (missing.length > 0) {
    throw new DatasetError(`${directory} does not hold ${set.title}: ${missing.join(', ')} missing.`, {
      hint,
      badInput: true,
    })
  }
  return { directory: path.resolve(directory), name: path.resolve(directory) }
}

/** Folders on this machine that hold the set's files, best first. */
export async function localSources(set: KnownDataset): Promise<Source[]> {
  const sources = set.directories.map((directory) => ({ directory, name: directory }))
  if (set.npmPackage) {
    try {
      const main = createRequire(import.meta.url).resolve(`${set.npmPackage}/package.json`)
      sources.push({ directory: path.join(path.dirname(main), 'data'), name: `npm package ${set.npmPackage}` })
    } catch {
      // Not installed: the other sources may do.
    }
  }
  const usable = await Promise.all(
    sources.map(async (s) => ((await missingFrom(s.directory, set)).length === 0 ? s : null)),
  )
  return usable.filter((source) => source !== null)
}

export type DownloadLimits = Pick<DownloadOptions, 'stallMs' | 'attempts' | 'pauseMs'>

/** Downloads the set's four files into `directory`, where those already there are kept. */
export async function downloadSource(
  set: KnownDataset,
  directory: string,
  options: DownloadLimits & {
    mirror?: string
    signal?: AbortSignal
    onProgress: (fraction: number, message: string) => void
  },
): Promise<Source> {
  const { mirror, signal, onProgress, ...limits } = options
  const bases = mirror ? [mirror.endsWith('/') ? mirror : `${mirror}/`] : set.urls
  if (mirror && !/^https?:$/.test(URL.parse(mirror)?.protocol ?? '')) {
    throw new DatasetError(`${mirror} is not an address on the web.`, {
      hint: 'Name a folder there that holds the four files, like https://example.org/fashion-mnist/.',
      badInput: true,
    })
  }
  const wanted = filesOf(set).flatMap((file) => (file.packed ? [{ file, packed: file.packed }] : []))
  if (bases.length === 0 || wanted.length === 0) {
    throw new DatasetError(`The files of ${set.title} are not on this computer.`, { hint: set.otherWays })
  }
  await mkdir(directory, { recursive: true })
  const total = wanted.reduce((sum, { packed }) => sum + packed.bytes, 0)
  let before = 0
  for (const { file, packed } of wanted) {
    const target = path.join(directory, `${file.name}.gz`)
    const told = (bytes: number) =>
      onProgress(
        (before + bytes) / total,
        `Downloading ${set.title}: ${formatBytes(before + bytes)} of ${formatBytes(total)}`,
      )
    told(0)
    try {
      if (!(await exists(target))) {
        const urls = bases.map((base) => new URL(`${file.name}.gz`, base).href)
        await download({ ...limits, ...packed, urls, target, signal, onBytes: told })
      }
    } catch (error) {
      if (!(error instanceof DatasetError)) throw error
      throw new DatasetError(`${set.title} could not be downloaded. ${error.message}`, {
        hint: set.otherWays,
        cause: error,
      })
    }
    before += packed.bytes
  }
  return { directory, name: mirror ? new URL(mirror).host : 'downloaded from Zalando Research' }
}

/**
 * Reads one file of a set and makes sure that it is the published one.
 *
 * @throws DatasetError if it can't be read or unpacked, or its size or checksum is not that of the original.
 */
export async function readKnownFile(set: KnownDataset, source: Source, file: KnownFile): Promise<IdxFile> {
  const hint = `Get the original files of ${set.title} and try again.`
  const found = await pathOf(source.directory, file)
  if (!found) throw new DatasetError(`${file.name} is missing from ${source.directory}.`, { hint, badInput: true })
  let bytes: Buffer
  try {
    const { size } = await stat(found)
    // Packed, the files are smaller; whatever is larger than the original need not be read to be refused.
    if (size > file.bytes + 1024) {
      throw new DatasetError(
        `${found} is not the original file of ${set.title}: it has ${formatBytes(size)} instead of ${formatBytes(file.bytes)}.`,
        { hint, badInput: true },
      )
    }
    bytes = await readFile(found)
  } catch (error) {
    if (error instanceof DatasetError) throw error
    const reason = errorCode(error) === 'EACCES' ? 'you have no right to' : messageOf(error)
    throw new DatasetError(`${found} can't be read: ${reason}.`, { hint, badInput: true, cause: error })
  }
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    try {
      bytes = await unpack(bytes, { maxOutputLength: file.bytes })
    } catch (error) {
      const reason = errorCode(error) === 'ERR_BUFFER_TOO_LARGE' ? 'it holds too much' : messageOf(error)
      throw new DatasetError(`${found} can't be unpacked: ${reason}.`, { hint, badInput: true, cause: error })
    }
  }
  const idx = parseIdx(bytes, file.name.includes('idx3') ? 3 : 1, found)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (sha256 === file.sha256) return idx
  const other = known.find((candidate) => filesOf(candidate).some((theirs) => theirs.sha256 === sha256))
  throw new DatasetError(
    `${found} is not the original file of ${set.title}: ` +
      (other
        ? `it is ${other === set ? 'another one of its files' : `that of ${other.title}`}.`
        : 'its checksum differs.'),
    { hint, badInput: true },
  )
}
