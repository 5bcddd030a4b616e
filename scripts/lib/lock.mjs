import { randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function owner(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}

/** Tries once. The lock appears whole (by link), so that no one ever reads half of it. */
function tryTake(file, mine) {
  const own = `${file}.${mine.id}`
  writeFileSync(own, JSON.stringify(mine))
  try {
    linkSync(own, file)
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    return false
  } finally {
    rmSync(own, { force: true })
  }
}

/** Takes away the lock of a process that is gone. Renaming is what only one of several waiting processes can do. */
function removeStale(file, seen) {
  const aside = `${file}.stale-${randomUUID()}`
  try {
    renameSync(file, aside)
  } catch {
    return
  }
  const found = owner(aside)
  if (found && found.id !== seen?.id) {
    // Another process took the lock between the look and the rename: give it back.
    try {
      linkSync(aside, file)
    } catch {
      // A third one has it by now; the second then finds that its lock is no longer its own.
    }
  }
  rmSync(aside, { force: true })
}

/**
 * Runs `work` while holding the lock file, waiting while a living process on this machine holds it. A lock left behind by
 * a process that was killed is taken over.
 *
 * @param {string} file
 * @param {() => Promise<T>} work
 * @param {{ onWait?: (pid: number) => void, timeoutMs?: number }} options
 * @returns {Promise<T>}
 * @template T
 * @throws Error if another process holds it for longer than timeoutMs (default: an hour)
 */
export async function withLock(file, work, { onWait, timeoutMs = 3_600_000 } = {}) {
  mkdirSync(path.dirname(file), { recursive: true })
  const mine = { id: randomUUID(), pid: process.pid, host: hostname() }
  const deadline = Date.now() + timeoutMs
  let told = false
  while (!tryTake(file, mine)) {
    const other = owner(file)
    // A cache on a network disk: another machine's processes can't be looked at, so its lock counts.
    if (!other || (other.host === mine.host && !isAlive(other.pid))) {
      removeStale(file, other)
      continue
    }
    if (!told) onWait?.(other.pid)
    told = true
    if (Date.now() > deadline)
      throw new Error(
        `Another set-up (process ${other.pid} on ${other.host}) holds ${file}. End it, or delete that file.`,
      )
    await wait(250)
  }
  try {
    return await work()
  } finally {
    if (owner(file)?.id === mine.id) rmSync(file, { force: true })
  }
}
