import { createHash, randomUUID } from 'node:crypto'
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { readJson } from './paths.mjs'

/**
 * A folder of the cache that is either whole or not there. It is filled under another name (`….partial-…`), gets a
 * manifest of its files when all are written and flushed, and then its own name by one rename. So a folder with its own
 * name was whole when it got it; its manifest tells whether it still is.
 */
const manifestName = 'manifest.json'
const format = 1

function flush(file) {
  const handle = openSync(file, 'r')
  try {
    fsyncSync(handle)
  } catch (error) {
    // Windows and some network disks can't flush a folder.
    if (!['EPERM', 'EISDIR', 'EINVAL', 'EBADF', 'ENOTSUP'].includes(error.code)) throw error
  } finally {
    closeSync(handle)
  }
}

/** Starts filling: an empty folder beside `folder`. */
export function beginFolder(folder) {
  const partial = `${folder}.partial-${process.pid}-${randomUUID().slice(0, 8)}`
  mkdirSync(partial, { recursive: true })
  return partial
}

/**
 * Ends filling: writes the manifest, and gives the folder its name in place of one that was found broken.
 *
 * @param {string} partial
 * @param {string} folder
 * @param {Record<string, { size: number, sha256: string }>} files by path relative to the folder, '/' between parts
 * @param {object} about more to keep in the manifest
 */
export function finishFolder(partial, folder, files, about = {}) {
  const manifest = path.join(partial, manifestName)
  writeFileSync(manifest, `${JSON.stringify({ format, ...about, files }, null, 1)}\n`)
  flush(manifest)
  flush(partial)
  if (existsSync(folder)) {
    const broken = `${folder}.partial-${process.pid}-broken`
    renameSync(folder, broken)
    rmSync(broken, { recursive: true, force: true })
  }
  renameSync(partial, folder)
  flush(path.dirname(folder))
}

/** Takes away what interrupted set-ups left behind. Only under the lock: a running one's folder looks the same. */
export function removePartials(parent) {
  if (!existsSync(parent)) return
  for (const name of readdirSync(parent))
    if (name.includes('.partial-')) rmSync(path.join(parent, name), { recursive: true, force: true })
}

/** The manifest, or null if there is none of this format. */
export function readManifest(folder) {
  const manifest = readJson(path.join(folder, manifestName))
  return manifest?.format === format && manifest.files ? manifest : null
}

/**
 * What is wrong with the folder by a look at its files' sizes (milliseconds), or null if it looks whole.
 *
 * @returns {string | null}
 */
export function quickFault(folder) {
  if (!existsSync(folder)) return 'it is not there'
  const manifest = readManifest(folder)
  if (!manifest) return 'it has no valid manifest'
  for (const [name, { size }] of Object.entries(manifest.files)) {
    const found = statSync(path.join(folder, name), { throwIfNoEntry: false })
    if (!found) return `${name} is missing`
    if (found.size !== size) return `${name} has ${found.size} bytes instead of ${size}`
  }
  return null
}

/** The SHA-256 of a file, in hex. */
export async function fileHash(file) {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash)
  return hash.digest('hex')
}

/** What is wrong with the folder by its files' checksums (seconds), or null if it is whole. */
export async function deepFault(folder) {
  const fault = quickFault(folder)
  if (fault) return fault
  for (const [name, { sha256 }] of Object.entries(readManifest(folder).files))
    if ((await fileHash(path.join(folder, name))) !== sha256) return `${name} does not have its checksum`
  return null
}
