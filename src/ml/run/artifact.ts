import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import path from 'node:path'

export interface SavedFile {
  /** Relative to the attempt's folder. */
  file: string
  bytes: number
  sha256: string
}

/** What a file is called until it is whole; a killed worker leaves it, and the core clears it away. */
const TEMPORARY = '.tmp'

/**
 * Writes a file of a run so that it is there whole or not at all, also after a power cut: temporary name, fsync, rename,
 * fsync of the folder. What this returned from may be announced.
 * @throws Error of the file system (ENOSPC, EACCES …), having taken away what it had written
 */
export function saveFile(folder: string, file: string, content: Uint8Array): SavedFile {
  const target = path.join(folder, file)
  const temporary = `${target}${TEMPORARY}`
  const made = mkdirSync(path.dirname(target), { recursive: true })
  try {
    const fd = openSync(temporary, 'w')
    try {
      for (let done = 0; done < content.length;) done += writeSync(fd, content, done)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(temporary, target)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
  syncFolder(path.dirname(target))
  if (made) syncFolder(folder)
  return { file, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') }
}

/** Makes names durable; where a folder can't be opened (Windows) the system does so by itself. */
function syncFolder(folder: string): void {
  let fd: number
  try {
    fd = openSync(folder, 'r')
  } catch {
    return
  }
  try {
    fsyncSync(fd)
  } catch {
    // Some file systems refuse it for folders; the file's content is safe all the same.
  } finally {
    closeSync(fd)
  }
}
