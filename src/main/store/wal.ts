import { readFileSync } from 'node:fs'
import { endianness } from 'node:os'

/**
 * What the write-ahead log and its index say of themselves (https://sqlite.org/walformat.html). SQLite takes a log up to the
 * first frame whose checksum is wrong, which is right after a power cut: what is behind was never acknowledged. But when
 * bits of an older frame have flipped, it drops commits that were, without a word; so we look first.
 */
const HEADER = 32
const FRAME_HEADER = 24
const MAGIC = 0x377f0682
const VERSION = 3_007_000
const INDEX_HEADER = 48
const isLittleEndianHere = endianness() === 'LE'

/** SQLite's checksum over pairs of 32-bit words, going on from an earlier one. */
function checksum(bytes: DataView, from: number, to: number, littleEndian: boolean, sum: [number, number]): void {
  let [a, b] = sum
  for (let at = from; at < to; at += 8) {
    a = (a + bytes.getUint32(at, littleEndian) + b) | 0
    b = (b + bytes.getUint32(at + 4, littleEndian) + a) | 0
  }
  sum[0] = a >>> 0
  sum[1] = b >>> 0
}

const viewOf = (bytes: Buffer) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/**
 * What is wrong with a log that nobody writes to now, or null. Acknowledged commits count as lost when the log's header is
 * broken; when the index, which a killed process leaves behind, knows of frames that can't be read; and when frames
 * follow on a broken commit, since a commit begins only once the one before is on the disk. Without an index, a break within
 * the last commit, or an end that is cut off, can't be told from a power cut and is taken for one.
 * @param file of the log; the index is looked for beside it
 */
export function logFault(file: string): string | null {
  const log = readOrNothing(file)
  const index = `${file.slice(0, -'-wal'.length)}-shm`
  // Shorter than one frame: a log at birth, or after it was taken in, which holds nothing, as the index must say too.
  if (log.length < HEADER + FRAME_HEADER) return framesKnown(index, null) > 0 ? 'its write-ahead log is cut off' : null
  const view = viewOf(log)
  const magic = view.getUint32(0)
  const pageSize = view.getUint32(8)
  const littleEndian = magic === MAGIC
  const sum: [number, number] = [0, 0]
  checksum(view, 0, 24, littleEndian, sum)
  if (
    (magic !== MAGIC && magic !== MAGIC + 1) ||
    view.getUint32(4) !== VERSION ||
    sum[0] !== view.getUint32(24) ||
    sum[1] !== view.getUint32(28)
  )
    return 'the header of its write-ahead log is broken'

  const isOfThisLog = (at: number) =>
    view.getUint32(at + 8) === view.getUint32(16) && view.getUint32(at + 12) === view.getUint32(20)
  const isCommit = (at: number) => view.getUint32(at + 4) !== 0
  const size = FRAME_HEADER + pageSize
  const frames = Math.floor((log.length - HEADER) / size)
  let whole = 0
  let committed = 0
  for (; whole < frames; whole++) {
    const at = HEADER + whole * size
    if (!isOfThisLog(at)) break
    checksum(view, at, at + 8, littleEndian, sum)
    checksum(view, at + FRAME_HEADER, at + size, littleEndian, sum)
    if (sum[0] !== view.getUint32(at + 16) || sum[1] !== view.getUint32(at + 20)) break
    if (isCommit(at)) committed = whole + 1
  }

  const known = framesKnown(index, log.subarray(16, 24))
  if (known > committed) return `its write-ahead log is broken: of ${known} pages there only ${committed} can be read`
  let isBehindCommit = false
  for (let frame = whole; frame < frames; frame++) {
    const at = HEADER + frame * size
    if (!isOfThisLog(at)) continue
    if (isBehindCommit)
      return `its write-ahead log is broken at byte ${HEADER + whole * size}, and commits follow on that`
    isBehindCommit = isCommit(at)
  }
  return null
}

/** Frames of committed pages by an index (of the log with these salts); 0 when there is none. Its header is there twice. */
function framesKnown(file: string, salts: Buffer | null): number {
  const index = readOrNothing(file)
  if (index.length < 2 * INDEX_HEADER) return 0
  const view = viewOf(index)
  for (const at of [0, INDEX_HEADER]) {
    const sum: [number, number] = [0, 0]
    checksum(view, at, at + 40, isLittleEndianHere, sum)
    const isWhole =
      sum[0] === view.getUint32(at + 40, isLittleEndianHere) && sum[1] === view.getUint32(at + 44, isLittleEndianHere)
    if (isWhole && (!salts || index.subarray(at + 32, at + 40).equals(salts)))
      return view.getUint32(at + 16, isLittleEndianHere)
  }
  return 0
}

function readOrNothing(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0)
    throw error
  }
}
