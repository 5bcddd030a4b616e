import { closeSync, fstatSync, openSync, readSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { FRAME_HEADER, MAX_FRAME } from './follow-log.ts'

/** What says how an attempt went, for people, and is small. Everything else is in the library once its log is. */
const KEPT = new Set(['spec.json', 'control.json', 'worker.log'])

export type LogState =
  /** There is no log any more, or the library has all of it (but for an event that was cut off half-written). */
  | 'taken'
  /** Whole events lie there that the library doesn't have. */
  | 'pending'
  /** What follows the part that the library has is no event. */
  | 'damaged'

/** How much of an ended attempt's events.log the library has, by the offset that it has reached. */
export function logState(folder: string, offset: number): LogState {
  let fd: number
  try {
    fd = openSync(join(folder, 'events.log'), 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'taken'
    throw error
  }
  try {
    const rest = fstatSync(fd).size - offset
    if (rest < 0) return 'damaged'
    const header = Buffer.alloc(FRAME_HEADER)
    if (rest < FRAME_HEADER || readSync(fd, header, 0, FRAME_HEADER, offset) < FRAME_HEADER) return 'taken'
    const length = header.readUInt32LE(0)
    if (length === 0 || length > MAX_FRAME) return 'damaged'
    return rest < FRAME_HEADER + length ? 'taken' : 'pending'
  } finally {
    closeSync(fd)
  }
}

/** What of an attempt's folder nobody needs once it has ended and its log is taken in, with its bytes. */
export function leftovers(folder: string): { path: string; bytes: number }[] {
  return list(folder)
    .filter((name) => !KEPT.has(name))
    .map((name) => ({ path: join(folder, name), bytes: sizeOf(join(folder, name)) }))
}

/** Deletes what `leftovers` lists. Returns the bytes. */
export function tidy(folder: string): number {
  let freed = 0
  for (const { path, bytes } of leftovers(folder)) {
    rmSync(path, { recursive: true, force: true })
    freed += bytes
  }
  return freed
}

/** Bytes of a file, or of all files below a folder; 0 when it isn't there. Follows no link. */
export function sizeOf(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found?.isDirectory()) return found?.size ?? 0
  let bytes = 0
  for (const entry of readdirSync(path, { withFileTypes: true }))
    if (entry.isDirectory() || entry.isFile()) bytes += sizeOf(join(path, entry.name))
  return bytes
}

export function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
