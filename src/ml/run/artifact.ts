import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import path from 'node:path'

export interface SavedFile {
  /** Relative to the attempt's folder. */
  file: string
  bytes: number
  sha256: string
}

/** Writes a file of a run so that it is there whole or not at all: temporary name, fsync, rename. */
export function saveFile(folder: string, file: string, content: Uint8Array): SavedFile {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
  const temporary = path.join(folder, `${file}.tmp`)
  const fd = openSync(temporary, 'w')
  try {
    for (let done = 0; done < content.length;) done += writeSync(fd, content, done)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(temporary, path.join(folder, file))
  return { file, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') }
}
