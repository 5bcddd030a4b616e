import { damaged } from './errors.ts'

/**
 * Roll-ups of a series. A bucket of level k covers 16^k steps and starts at a multiple of that; level 0 are the
 * points. Buckets are kept sixteen to a node: node n of level k holds the buckets 16n … 16n+15, which are the
 * children of bucket n of level k+1. The top level is the first whose buckets fit into one node, so that a set of
 * points has exactly one pyramid, however it grew.
 */
export const FANOUT = 16
const ENTRY = 40
const PRESENCE = 2

/** 1, 2, 3: the first non-finite value of a bucket in the order of steps; 0: none. */
export const NAN = 1
export const POSITIVE_INFINITY = 2
export const NEGATIVE_INFINITY = 3
export const nonFiniteKind = (value: number): number =>
  value === Infinity ? POSITIVE_INFINITY : value === -Infinity ? NEGATIVE_INFINITY : NAN

/** A bucket's summary. `min`, `max` and `mean` are over its finite values and NaN when it has none. */
export interface Summary {
  /** Step of its first point. */
  first: number
  min: number
  max: number
  mean: number
  /** Finite values. */
  count: number
  nonFinite: number
  kind: number
}

export type Node = (Summary | null)[]
export const emptyNode = (): Node => Array<Summary | null>(FANOUT).fill(null)

/** The top level of a series whose newest step is `lastStep`, at least 1. */
export function topLevel(lastStep: number): number {
  let level = 1
  // Not a shift: steps go up to 2^53.
  for (let width = FANOUT ** 2; lastStep >= width; width *= FANOUT) level++
  return level
}

export const bucketOf = (level: number, step: number) => Math.floor(step / FANOUT ** level)

/** The mean of weighted means, without overflow at the ends of the range, and never outside [min, max]. */
function meanOf(sum: number, scaled: () => number, count: number, min: number, max: number): number {
  const mean = Number.isFinite(sum) ? sum / count : scaled()
  return Math.min(max, Math.max(min, mean))
}

/** Summarises points in the order of steps; null when there are none. */
export function summarisePoints(steps: ArrayLike<number>, values: ArrayLike<number>): Summary | null {
  if (steps.length === 0) return null
  let min = Infinity
  let max = -Infinity
  let sum = 0
  let count = 0
  let kind = 0
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!
    if (Number.isFinite(v)) {
      if (v < min) min = v
      if (v > max) max = v
      sum += v
      count++
    } else if (kind === 0) kind = nonFiniteKind(v)
  }
  const nonFinite = values.length - count
  const first = steps[0]!
  if (count === 0) return { first, min: NaN, max: NaN, mean: NaN, count, nonFinite, kind }
  const scaled = () => {
    let mean = 0
    for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i])) mean += values[i]! / count
    return mean
  }
  return { first, min, max, mean: meanOf(sum, scaled, count, min, max), count, nonFinite, kind }
}

/** Summarises buckets in their order; null when all are empty. */
export function summariseBuckets(buckets: readonly (Summary | null)[]): Summary | null {
  let first = -1
  let min = Infinity
  let max = -Infinity
  let sum = 0
  let count = 0
  let nonFinite = 0
  let kind = 0
  for (const b of buckets) {
    if (!b) continue
    if (first < 0) first = b.first
    if (kind === 0) kind = b.kind
    nonFinite += b.nonFinite
    if (b.count === 0) continue
    if (b.min < min) min = b.min
    if (b.max > max) max = b.max
    sum += b.mean * b.count
    count += b.count
  }
  if (first < 0) return null
  if (count === 0) return { first, min: NaN, max: NaN, mean: NaN, count, nonFinite, kind }
  const scaled = () => {
    let mean = 0
    for (const b of buckets) if (b && b.count > 0) mean += b.mean * (b.count / count)
    return mean
  }
  return { first, min, max, mean: meanOf(sum, scaled, count, min, max), count, nonFinite, kind }
}

/**
 * A node as bytes: u16 of which buckets are there, then for each f64 first, min, max, mean, u32 count, u32 of the
 * non-finite count (30 bits) and kind (2 bits); little-endian.
 */
export function encodeNode(node: Node): Buffer {
  let present = 0
  let entries = 0
  for (let i = 0; i < FANOUT; i++)
    if (node[i]) {
      present |= 1 << i
      entries++
    }
  const out = Buffer.allocUnsafe(PRESENCE + ENTRY * entries)
  out.writeUInt16LE(present, 0)
  let at = PRESENCE
  for (const s of node) {
    if (!s) continue
    out.writeDoubleLE(s.first, at)
    out.writeDoubleLE(s.min, at + 8)
    out.writeDoubleLE(s.max, at + 16)
    out.writeDoubleLE(s.mean, at + 24)
    out.writeUInt32LE(s.count, at + 32)
    out.writeUInt32LE(((s.kind << 30) | s.nonFinite) >>> 0, at + 36)
    at += ENTRY
  }
  return out
}

export interface SummarySink {
  add(first: number, min: number, max: number, mean: number, count: number, nonFinite: number, kind: number): void
}

/**
 * Feeds the buckets from `low` to `high` (0 … 15) of an encoded node to a sink, without making objects of them.
 * @throws LibraryError `damaged` when the bytes are no node
 */
export function readNode(data: Uint8Array, low: number, high: number, sink: SummarySink): void {
  const present = data.length < PRESENCE ? 0 : data[0]! | (data[1]! << 8)
  if (data.length !== PRESENCE + ENTRY * bitsOf(present)) throw damaged('a summary of points is not whole')
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  let at = PRESENCE
  for (let i = 0; i <= high; i++) {
    if (!(present & (1 << i))) continue
    if (i >= low) {
      const tail = view.getUint32(at + 36, true)
      sink.add(
        view.getFloat64(at, true),
        view.getFloat64(at + 8, true),
        view.getFloat64(at + 16, true),
        view.getFloat64(at + 24, true),
        view.getUint32(at + 32, true),
        tail & 0x3fffffff,
        tail >>> 30,
      )
    }
    at += ENTRY
  }
}

function bitsOf(n: number): number {
  let bits = 0
  for (let rest = n; rest; rest &= rest - 1) bits++
  return bits
}

export function decodeNode(data: Uint8Array): Node {
  const node = emptyNode()
  const present = data[0]! | (data[1]! << 8)
  const slots: number[] = []
  for (let i = 0; i < FANOUT; i++) if (present & (1 << i)) slots.push(i)
  let next = 0
  readNode(data, 0, FANOUT - 1, {
    add(first, min, max, mean, count, nonFinite, kind) {
      node[slots[next++]!] = { first, min, max, mean, count, nonFinite, kind }
    },
  })
  return node
}
