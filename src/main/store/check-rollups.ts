import type { Database } from 'better-sqlite3'
import { LibraryError } from './errors.ts'
import {
  FANOUT,
  bucketOf,
  decodeNode,
  emptyNode,
  encodeNode,
  readNode,
  summariseBuckets,
  summarisePoints,
  topLevel,
} from './pyramid.ts'
import type { Node } from './pyramid.ts'

/** What of a series' roll-ups doesn't fit its points. */
export interface SeriesCheck {
  points: number
  nodes: number
  faults: string[]
}

/** Compares roll-ups with what they summarise: leaves with points, upper nodes with those below, and the totals. */
export class RollupCheck {
  private readonly count
  private readonly last
  private readonly points
  private readonly node
  private readonly indices
  private readonly above

  constructor(db: Database) {
    this.count = db.prepare<[number], number>('SELECT count(*) FROM points WHERE series = ?').pluck()
    this.last = db.prepare<[number], number | null>('SELECT max(step) FROM points WHERE series = ?').pluck()
    this.points = db
      .prepare<[number, number, number], [number, number | null]>(
        'SELECT step, value FROM points WHERE series = ? AND step BETWEEN ? AND ? ORDER BY step',
      )
      .raw()
    this.node = db
      .prepare<[number, number, number], Buffer>('SELECT data FROM rollups WHERE series = ? AND level = ? AND node = ?')
      .pluck()
    this.indices = db
      .prepare<[number, number], number>('SELECT node FROM rollups WHERE series = ? AND level = ? ORDER BY node')
      .pluck()
    this.above = db
      .prepare<[number, number], number>('SELECT count(*) FROM rollups WHERE series = ? AND level > ?')
      .pluck()
  }

  series(id: number): SeriesCheck {
    const points = this.count.get(id)!
    const last = this.last.get(id) ?? null
    const faults: string[] = []
    let nodes = 0
    const top = last === null ? 0 : topLevel(last)
    if (this.above.get(id, top)! > 0) faults.push('there are summaries of points that are not there')
    for (let level = 1; level <= top; level++)
      for (const index of this.indices.all(id, level)) {
        nodes++
        const stored = this.node.get(id, level, index)!
        if (!this.isThatOfItsPoints(stored, id, level, index)) {
          const width = FANOUT ** (level + 1)
          faults.push(`the summary of steps ${index * width} to ${(index + 1) * width - 1} is not that of its points`)
        }
      }
    const total = last === null ? 0 : this.total(id, top, bucketOf(top + 1, last))
    if (total !== points) faults.push(`its summaries count ${total} points and there are ${points}`)
    return { points, nodes, faults }
  }

  /** Damaged nodes can hold numbers that no node has, and can't be read or written again. */
  private isThatOfItsPoints(stored: Buffer, id: number, level: number, index: number): boolean {
    try {
      return stored.equals(encodeNode(level === 1 ? this.leaf(id, index) : this.upper(id, level, index)))
    } catch (error) {
      if (error instanceof RangeError || error instanceof LibraryError) return false
      throw error
    }
  }

  private leaf(id: number, index: number): Node {
    const node = emptyNode()
    const from = index * FANOUT ** 2
    const buckets: { steps: number[]; values: number[] }[] = node.map(() => ({ steps: [], values: [] }))
    for (const [step, value] of this.points.all(id, from, from + FANOUT ** 2 - 1)) {
      const bucket = buckets[bucketOf(1, step - from)]!
      bucket.steps.push(step)
      bucket.values.push(value ?? NaN)
    }
    return buckets.map(({ steps, values }) => summarisePoints(steps, values))
  }

  private upper(id: number, level: number, index: number): Node {
    return emptyNode().map((_, i) => {
      const below = this.node.get(id, level - 1, index * FANOUT + i)
      return below ? summariseBuckets(decodeNode(below)) : null
    })
  }

  private total(id: number, top: number, node: number): number {
    const data = this.node.get(id, top, node)
    let total = 0
    const add = (_first: number, _min: number, _max: number, _mean: number, count: number, nonFinite: number) =>
      (total += count + nonFinite)
    try {
      if (data) readNode(data, 0, FANOUT - 1, { add })
    } catch (error) {
      if (!(error instanceof LibraryError)) throw error
    }
    return total
  }
}
