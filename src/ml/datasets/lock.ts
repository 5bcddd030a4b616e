import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rm, rmdir, stat, utimes } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode } from './errors.ts'

interface Owner {
  token: string
  pid: number
  host: string
  /** When the process was started, where the system tells: a process number may be given out again. */
  started: string | null
}

const heartbeatMs = 5_000
const silentMs = 60_000
const pollMs = 100

function startOf(pid: number): string | null {
  try {
    // The name in parentheses may hold spaces and parentheses itself; start time is the 20th field behind it.
    const line = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return line.slice(line.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errorCode(error) === 'EPERM'
  }
}

function parseOwner(text: string): Owner | null {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return null
    const owner = value as Partial<Owner>
    return typeof owner.pid === 'number' && typeof owner.token === 'string' ? (owner as Owner) : null
  } catch {
    return null
  }
}

/** A set's lock is this and the set's id. */
export const lockPrefix = '.lock-'
const lockFile = (directory: string, id: string) => path.join(directory, `${lockPrefix}${id}`)

/** Null if the lock is free, else whether its owner died and left it behind. */
async function look(file: string): Promise<{ abandoned: boolean } | null> {
  try {
    const [text, { mtimeMs }] = [await readFile(file, 'utf8'), await stat(file)]
    const owner = parseOwner(text)
    const silent = Date.now() - mtimeMs > silentMs
    if (!owner || owner.host !== os.hostname()) return { abandoned: silent }
    if (!isAlive(owner.pid)) return { abandoned: true }
    if (owner.started === null) return { abandoned: silent }
    return { abandoned: startOf(owner.pid) !== owner.started }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  }
}

/** Whether some living process prepares this set now. */
export async function isLocked(directory: string, id: string): Promise<boolean> {
  const found = await look(lockFile(directory, id))
  return found !== null && !found.abandoned
}

/**
 * Takes an abandoned lock away. Only one process at a time may, and it looks once more, so that it can't take the lock
 * of one who came after the dead owner. Whoever finds another at it comes back later.
 */
async function breakLock(directory: string, id: string): Promise<void> {
  const guard = path.join(directory, `.breaking-${id}`)
  try {
    await mkdir(guard)
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
    const since = await stat(guard).catch(() => null)
    if (since && Date.now() - since.mtimeMs > silentMs) await rmdir(guard).catch(() => {})
    return
  }
  try {
    const file = lockFile(directory, id)
    if ((await look(file))?.abandoned) await rm(file, { force: true })
  } finally {
    await rmdir(guard).catch(() => {})
  }
}

export interface LockOptions {
  signal?: AbortSignal
  /** Called once if another process holds the lock; throw to give up instead of waiting for it. */
  onWait?: () => void
}

/**
 * Does `work` while no other process on this cache prepares the set `id`. The lock is a file that names its owner; one
 * whose owner died is taken over. It saves double work; that a set is never seen half-written rests on rename alone.
 */
export async function withLock<T>(
  directory: string,
  id: string,
  options: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(directory, { recursive: true })
  const file = lockFile(directory, id)
  const token = randomBytes(12).toString('hex')
  const owner: Owner = { token, pid: process.pid, host: os.hostname(), started: startOf(process.pid) }
  for (let waited = false; ;) {
    options.signal?.throwIfAborted()
    try {
      const handle = await open(file, 'wx')
      try {
        await handle.writeFile(JSON.stringify(owner))
      } finally {
        await handle.close()
      }
      break
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error
    }
    const found = await look(file)
    if (found?.abandoned) await breakLock(directory, id)
    else if (found) {
      if (!waited) options.onWait?.()
      waited = true
    }
    if (found) {
      await sleep(pollMs, undefined, { signal: options.signal }).catch(() => {})
    }
  }
  const heartbeat = setInterval(() => void utimes(file, new Date(), new Date()).catch(() => {}), heartbeatMs)
  heartbeat.unref()
  try {
    return await work()
  } finally {
    clearInterval(heartbeat)
    const ours = parseOwner(await readFile(file, 'utf8').catch(() => ''))?.token === token
    if (ours) await rm(file, { force: true })
  }
}
