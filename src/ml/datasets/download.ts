import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rename, rm, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { DatasetError, errorCode, formatBytes, messageOf } from './errors.ts'

export interface DownloadOptions {
  /** Addresses of the same file, the preferred first. */
  urls: string[]
  /** Where the file shall be; what has come so far is kept beside it as `.part` and gone on with next time. */
  target: string
  bytes: number
  sha256: string
  /** Called with the bytes that are there. */
  onBytes?: (bytes: number) => void
  signal?: AbortSignal
  /** Give up on a connection over which nothing has come for this long. Default 30 s. */
  stallMs?: number
  /** How often each address is tried. Default 3. */
  attempts?: number
  /** Pause before the second attempt, doubled before each further one. Default 500 ms. */
  pauseMs?: number
}

/** A reason why the same address need not be tried again. */
class Hopeless extends Error {}

const sizeOf = async (file: string): Promise<number> => (await stat(file).catch(() => null))?.size ?? 0

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** Where the body of a response begins in the file, or an error if it is no part of the file that we want. */
function startOf(response: Response, have: number, bytes: number): number {
  if (response.status === 200) return 0
  if (response.status === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '')
    if (!range || Number(range[1]) !== have || (range[2] !== '*' && Number(range[2]) !== bytes)) {
      throw new Error('the server sent another part of the file than it was asked for')
    }
    return have
  }
  const status = `the server answered ${response.status} ${response.statusText}`.trimEnd()
  throw response.status >= 500 || response.status === 416 || response.status === 429
    ? new Error(status)
    : new Hopeless(status)
}

async function fetchInto(url: string, partFile: string, options: DownloadOptions): Promise<void> {
  const { bytes, onBytes, signal, stallMs = 30_000 } = options
  const have = await sizeOf(partFile)
  if (have === bytes) return
  const stalled = new AbortController()
  const timer = setTimeout(() => stalled.abort(new Error(`nothing came for ${Math.round(stallMs / 1000)} s`)), stallMs)
  const either = signal ? AbortSignal.any([signal, stalled.signal]) : stalled.signal
  try {
    // Identity: the file is packed as it is, and a range counts bytes of what is sent.
    const headers: Record<string, string> = { 'accept-encoding': 'identity' }
    if (have > 0 && have < bytes) headers.range = `bytes=${have}-`
    const response = await fetch(url, { headers, signal: either })
    let written: number
    try {
      written = startOf(response, have, bytes)
    } catch (error) {
      await response.body?.cancel()
      if (response.status === 416) await rm(partFile, { force: true })
      throw error
    }
    const file = await open(partFile, written > 0 ? 'a' : 'w')
    try {
      const body = response.body ?? new ReadableStream<Uint8Array>({ start: (c) => c.close() })
      for (const reader = body.getReader(); ;) {
        const { value: chunk, done } = await reader.read()
        if (done) break
        timer.refresh()
        if (written + chunk.length > bytes) throw new Hopeless('the server sent more than the file holds')
        await file.writeFile(chunk)
        written += chunk.length
        onBytes?.(written)
      }
      await file.sync()
    } finally {
      await file.close()
    }
    if (written < bytes) {
      throw new Error(`the connection ended after ${formatBytes(written)} of ${formatBytes(bytes)}`)
    }
  } finally {
    clearTimeout(timer)
  }
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const known: Record<string, string> = {
    ENOTFOUND: 'its name is not known here; is this computer online?',
    EAI_AGAIN: 'its name could not be looked up; is this computer online?',
    ECONNREFUSED: 'it refused the connection',
    ECONNRESET: 'it broke the connection off',
    ENETUNREACH: 'the network does not reach it; is this computer online?',
    UND_ERR_CONNECT_TIMEOUT: 'it did not answer',
    UND_ERR_SOCKET: 'it broke the connection off',
  }
  return known[errorCode(cause) ?? ''] ?? messageOf(cause)
}

const isDiskError = (error: unknown) =>
  ['ENOSPC', 'EDQUOT', 'EACCES', 'EROFS', 'EPERM'].includes(errorCode(error) ?? '')

/**
 * Downloads a file of known size and checksum, from the first address that gives it. A broken connection is taken up
 * where it ended (HTTP Range), also by a later process.
 *
 * @throws DatasetError with the reason for each address; the signal's reason when aborted.
 */
export async function download(options: DownloadOptions): Promise<void> {
  const { urls, target, sha256, signal, attempts = 3, pauseMs = 500 } = options
  const partFile = `${target}.part`
  const reasons = new Map<string, string>()
  const hopeless = new Set<string>()
  if ((await sizeOf(partFile)) > options.bytes) await rm(partFile, { force: true })
  for (let attempt = 0; attempt < attempts; attempt++) {
    const left = urls.filter((url) => !hopeless.has(url))
    if (attempt > 0 && left.length > 0) {
      await sleep(pauseMs * 2 ** (attempt - 1), undefined, { signal }).catch(() => {})
      signal?.throwIfAborted()
    }
    for (const url of left) {
      try {
        await fetchInto(url, partFile, options)
        if ((await sha256Of(partFile)) === sha256) {
          await rename(partFile, target)
          return
        }
        await rm(partFile, { force: true })
        throw new Error('what came has another checksum than the published file')
      } catch (error) {
        signal?.throwIfAborted()
        if (isDiskError(error)) throw error
        if (
          error instanceof Hopeless ||
          ['ENOTFOUND', 'ECONNREFUSED'].includes(errorCode((error as Error).cause) ?? '')
        ) {
          hopeless.add(url)
        }
        reasons.set(url, reasonOf(error))
      }
    }
  }
  const told = [...reasons].map(([url, reason]) => `${new URL(url).host}: ${reason}`).join('; ')
  throw new DatasetError(`The download failed (${told}).`)
}
