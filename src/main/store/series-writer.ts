import type { Database, Statement } from 'better-sqlite3'
import {
  FANOUT,
  bucketOf,
  decodeNode,
  emptyNode,
  encodeNode,
  summariseBuckets,
  summarisePoints,
  topLevel,
} from './pyramid.ts'
import type { Node, Summary } from './pyramid.ts'
import { BulkInsert } from './sql.ts'

type NodeKey = `${number}:${number}`
const nodeKey = (level: number, index: number): NodeKey => `${level}:${index}`

/** The statements that all writers of a database share. */
export class SeriesStatements {
  readonly points: BulkInsert
  readonly range: Statement<[number, number, number], [number, number | null]>
  readonly newest: Statement<[number], [number, number | null]>
  readonly node: Statement<[number, number, number], Buffer>
  readonly putNode: Statement<[number, number, number, Buffer]>
  readonly cutPoints: Statement<[number, number]>
  readonly cutNodes: Statement<[number, number, number]>
  readonly cutLevels: Statement<[number, number]>

  constructor(db: Database) {
    this.points = new BulkInsert(db, 'points', ['series', 'step', 'value'])
    this.range = db
      .prepare<[number, number, number]>(
        'SELECT step, value FROM points WHERE series = ? AND step BETWEEN ? AND ? ORDER BY step',
      )
      .raw() as never
    this.newest = db
      .prepare<[number]>('SELECT step, value FROM points WHERE series = ? ORDER BY step DESC LIMIT 1')
      .raw() as never
    this.node = db
      .prepare<[number, number, number]>('SELECT data FROM rollups WHERE series = ? AND level = ? AND node = ?')
      .pluck() as never
    this.putNode = db.prepare('INSERT OR REPLACE INTO rollups (series, level, node, data) VALUES (?, ?, ?, ?)')
    this.cutPoints = db.prepare('DELETE FROM points WHERE series = ? AND step > ?')
    this.cutNodes = db.prepare('DELETE FROM rollups WHERE series = ? AND level = ? AND node > ?')
    this.cutLevels = db.prepare('DELETE FROM rollups WHERE series = ? AND level > ?')
  }
}

const toSql = (v: number) => (Number.isNaN(v) ? null : v)
const fromSql = (v: number | null) => (v === null ? NaN : v)

/**
 * Writes one series: its points, and with them its pyramid of roll-ups. Growing at the end costs no reading; a point
 * that comes out of order or again (the last one wins) has its buckets summarised anew from what is stored. Must be
 * used inside a transaction, and dropped when that one is rolled back, because it remembers what it wrote.
 */
export class SeriesWriter {
  readonly id: number
  lastStep = -1
  lastValue = NaN
  private readonly sql: SeriesStatements
  /** The points of the newest bucket of level 1. */
  private leafSteps: number[] = []
  private leafValues: number[] = []
  /** The nodes that the newest step falls into, by level. */
  private nodes = new Map<NodeKey, Node>()
  private dirty = new Set<NodeKey>()

  constructor(sql: SeriesStatements, id: number) {
    this.sql = sql
    this.id = id
    this.load()
  }

  private load(): void {
    this.nodes.clear()
    this.dirty.clear()
    const newest = this.sql.newest.get(this.id)
    this.lastStep = newest ? newest[0] : -1
    this.lastValue = newest ? fromSql(newest[1]) : NaN
    ;[this.leafSteps, this.leafValues] = newest ? this.readBucket(bucketOf(1, this.lastStep)) : [[], []]
  }

  /** Adds points; steps are whole numbers from 0, in any order. Returns the least step that was not new at the end, or null. */
  append(steps: number[], values: number[]): number | null {
    let newest = this.lastStep
    let back: number | null = null
    for (const step of steps) {
      if (step > newest) newest = step
      else if (back === null || step < back) back = step
    }
    if (back !== null) {
      const last = new Map<number, number>()
      steps.forEach((step, i) => last.set(step, values[i]!))
      steps = [...last.keys()].sort((a, b) => a - b)
      values = steps.map((step) => last.get(step)!)
    }
    if (steps.length === 0) return null
    const rows: (number | null)[] = []
    for (let i = 0; i < steps.length; i++) rows.push(this.id, steps[i]!, toSql(values[i]!))
    this.sql.points.insert(rows)
    this.rollUp(steps, values)
    return back
  }

  /** Takes back the points after `step` (-1: all) and brings the pyramid to what it is without them. */
  truncate(step: number): void {
    if (this.lastStep <= step) return
    this.sql.cutPoints.run(this.id, step)
    this.load()
    if (this.lastStep < 0) {
      this.sql.cutLevels.run(this.id, 0)
      return
    }
    const top = topLevel(this.lastStep)
    this.sql.cutLevels.run(this.id, top)
    let summary = summarisePoints(this.leafSteps, this.leafValues)
    for (let level = 1; level <= top; level++) {
      const bucket = bucketOf(level, this.lastStep)
      const index = Math.floor(bucket / FANOUT)
      this.sql.cutNodes.run(this.id, level, index)
      const node = this.getNode(level, index)
      node.fill(null, (bucket % FANOUT) + 1)
      node[bucket % FANOUT] = summary
      this.dirty.add(nodeKey(level, index))
      summary = summariseBuckets(node)
    }
    this.writeNodes()
  }

  private rollUp(steps: number[], values: number[]): void {
    const oldTop = this.lastStep < 0 ? 0 : topLevel(this.lastStep)
    const openBucket = this.lastStep < 0 ? -1 : bucketOf(1, this.lastStep)
    const count = steps.length
    for (let i = 0; i < count;) {
      const bucket = bucketOf(1, steps[i]!)
      let end = i + 1
      while (end < count && steps[end]! < (bucket + 1) * FANOUT) end++
      let summary: Summary | null
      if (bucket < openBucket || (bucket === openBucket && steps[i]! <= this.lastStep)) {
        const [s, v] = this.readBucket(bucket)
        summary = summarisePoints(s, v)
        if (bucket === openBucket) [this.leafSteps, this.leafValues] = [s, v]
      } else {
        const grows = bucket === openBucket
        this.leafSteps = grows ? this.leafSteps.concat(steps.slice(i, end)) : steps.slice(i, end)
        this.leafValues = grows ? this.leafValues.concat(values.slice(i, end)) : values.slice(i, end)
        summary = summarisePoints(this.leafSteps, this.leafValues)
      }
      this.setBucket(1, bucket, summary)
      i = end
    }
    if (steps[count - 1]! >= this.lastStep) {
      this.lastStep = steps[count - 1]!
      this.lastValue = values[count - 1]!
    }
    this.propagate(oldTop, topLevel(this.lastStep))
    this.writeNodes()
  }

  /** Carries changed nodes up; a level that has just come to be gets what was there before, which is its bucket 0. */
  private propagate(oldTop: number, top: number): void {
    for (let level = 1; level < top; level++) {
      const changed = new Set<number>()
      for (const key of this.dirty) {
        const [l, index] = key.split(':')
        if (Number(l) === level) changed.add(Number(index))
      }
      if (oldTop > 0 && level >= oldTop) changed.add(0)
      for (const index of changed) {
        const summary = summariseBuckets(this.getNode(level, index))
        if (summary) this.setBucket(level + 1, index, summary)
      }
    }
  }

  private setBucket(level: number, bucket: number, summary: Summary | null): void {
    const index = Math.floor(bucket / FANOUT)
    this.getNode(level, index)[bucket % FANOUT] = summary
    this.dirty.add(nodeKey(level, index))
  }

  private getNode(level: number, index: number): Node {
    const key = nodeKey(level, index)
    let node = this.nodes.get(key)
    if (!node) {
      const data = this.sql.node.get(this.id, level, index)
      node = data ? decodeNode(data) : emptyNode()
      this.nodes.set(key, node)
    }
    return node
  }

  private writeNodes(): void {
    for (const key of this.dirty) {
      const [level, index] = key.split(':').map(Number) as [number, number]
      this.sql.putNode.run(this.id, level, index, encodeNode(this.nodes.get(key)!))
    }
    this.dirty.clear()
    const top = topLevel(this.lastStep)
    const open = new Set<NodeKey>()
    for (let level = 1; level <= top; level++) open.add(nodeKey(level, bucketOf(level + 1, this.lastStep)))
    for (const key of this.nodes.keys()) if (!open.has(key)) this.nodes.delete(key)
  }

  private readBucket(bucket: number): [number[], number[]] {
    const rows = this.sql.range.all(this.id, bucket * FANOUT, (bucket + 1) * FANOUT - 1)
    return [rows.map((r) => r[0]), rows.map((r) => fromSql(r[1]))]
  }
}
