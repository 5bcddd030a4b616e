import Database from 'better-sqlite3'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  FANOUT,
  bucketOf,
  decodeNode,
  summariseBuckets,
  summarisePoints,
  topLevel,
} from '../../../src/main/store/pyramid.ts'
import type { Summary } from '../../../src/main/store/pyramid.ts'
import type { Library } from '../../../src/main/store/index.ts'
import { hello, metrics, openTemporary, randomNumbers, recording, series } from './fixtures.ts'

const special = [NaN, Infinity, -Infinity, 1e308, -1e308, 1.7976931348623157e308, -0, 0, 5e-324]

/** All stored buckets of a series, as `level:bucket`, read past the library's own code paths. */
function storedPyramid(library: Library, name: string): Map<string, Summary> {
  const db = new Database(join(library.directory, 'library.db'), { readonly: true })
  const rows = db
    .prepare('SELECT level, node, data FROM rollups JOIN series ON series.id = rollups.series WHERE name = ?')
    .all(name) as { level: number; node: number; data: Buffer }[]
  db.close()
  const found = new Map<string, Summary>()
  for (const { level, node, data } of rows)
    decodeNode(data).forEach((s, i) => s && found.set(`${level}:${node * FANOUT + i}`, s))
  return found
}

function groupBy(numbers: number[], key: (n: number) => number): Map<number, number[]> {
  const groups = new Map<number, number[]>()
  for (const n of numbers) groups.set(key(n), [...(groups.get(key(n)) ?? []), n])
  return groups
}

/** The pyramid of a set of points, built the plain way. */
function expectedPyramid(points: Map<number, number>): Map<string, Summary> {
  const steps = [...points.keys()].sort((a, b) => a - b)
  const expected = new Map<string, Summary>()
  if (steps.length === 0) return expected
  const grouped = groupBy(steps, (step) => bucketOf(1, step))
  let level = new Map<number, Summary>()
  for (const [bucket, members] of grouped)
    level.set(
      bucket,
      summarisePoints(
        members,
        members.map((s) => points.get(s)!),
      )!,
    )
  for (let k = 1; k <= topLevel(steps.at(-1)!); k++) {
    for (const [bucket, summary] of level) expected.set(`${k}:${bucket}`, summary)
    const parents = groupBy(
      [...level.keys()].sort((a, b) => a - b),
      (b) => Math.floor(b / FANOUT),
    )
    level = new Map([...parents].map(([parent, kids]) => [parent, summariseBuckets(kids.map((b) => level.get(b)!))!]))
  }
  return expected
}

describe('summaries', () => {
  it('count what is finite and what is not, and keep the extremes', () => {
    expect(summarisePoints([3, 4, 5, 6, 9], [NaN, 2, Infinity, -4, 1])).toEqual({
      first: 3,
      min: -4,
      max: 2,
      mean: -1 / 3,
      count: 3,
      nonFinite: 2,
      kind: 1,
    })
  })

  it('average 1e308 with itself without overflow, and constants to exactly themselves', () => {
    expect(summarisePoints([0, 1, 2], [1.7e308, 1.7e308, 1.7e308])!.mean).toBe(1.7e308)
    expect(summarisePoints([0, 1, 2], [1.7e308, -1.7e308, 1.7e308])!.mean).toBeCloseTo(1.7e308 / 3, -300)
    const constants = Array<number>(16).fill(0.1)
    const summary = summarisePoints(
      constants.map((_, i) => i),
      constants,
    )!
    expect(summary.mean).toBe(0.1)
    expect(summariseBuckets(Array<Summary>(16).fill(summary))!.mean).toBe(0.1)
  })
})

describe('a series', () => {
  it.each([1, 2, 3, 4, 5, 6])('has the pyramid of its points, whatever came in which order (%i)', (seed) => {
    const random = randomNumbers(seed)
    const library = openTemporary()
    const run = recording(library)
    run.ingest(hello(), series('loss'))
    const points = new Map<number, number>()
    let next = seed % 2 ? 0 : Math.floor(random() * 5000)
    const stride = [1, 1, 3, 100][seed % 4]!
    for (let batch = 0; batch < 40; batch++) {
      const events = []
      for (let i = Math.floor(random() * 200); i >= 0; i--) {
        const back = random() < 0.02
        const step = back ? Math.floor(random() * (next + 1)) : (next += 1 + Math.floor(random() * stride))
        const value = random() < 0.1 ? special[Math.floor(random() * special.length)]! : random() * 10 - 5
        points.set(step, value)
        events.push(metrics(step, value))
      }
      run.ingest(...events)
      if (seed > 3 && batch % 13 === 12) {
        const from = Math.floor(random() * next)
        library.endAttempt(run.id, library.run(run.id)!.attempts, { status: 'interrupted' })
        const resumed = recording(library, library.run(run.id)!)
        expect(resumed.ingest(hello(resumed.attempt, from), series('loss')).superseded).toBe(from)
        for (const step of points.keys()) if (step > from) points.delete(step)
        next = from
        Object.assign(run, resumed)
      }
    }
    expect(storedPyramid(library, 'loss')).toEqual(expectedPyramid(points))
    const rows = [...library.metricRows(run.id, 'loss')]
    expect(rows.map((r) => [r.step, r.value])).toEqual([...points].sort((a, b) => a[0] - b[0]))
    expect(rows.filter((r) => Object.is(r.value, -0))).toHaveLength(
      [...points.values()].filter((v) => Object.is(v, -0)).length,
    )
  })

  it('answers a chart of any range with the extremes, counts and mean of exactly that range', () => {
    const random = randomNumbers(7)
    const library = openTemporary()
    const run = recording(library)
    run.ingest(hello(), series('loss'))
    const values: number[] = []
    for (let i = 0; i < 30_000; i++)
      values.push(random() < 0.01 ? special[Math.floor(random() * special.length)]! : random() - 0.5)
    for (let at = 0; at < values.length; at += 1000)
      run.ingest(...values.slice(at, at + 1000).map((v, i) => metrics(at + i, v)))
    for (let round = 0; round < 60; round++) {
      const from = Math.floor(random() * values.length)
      const to = from + Math.floor(random() ** 3 * (values.length - from))
      const buckets = 10 + Math.floor(random() * 300)
      const { series: charted } = library.chart(run.id, { from, to, buckets })
      const s = charted[0]!
      const slice = values.slice(from, to + 1)
      const finite = slice.filter(Number.isFinite)
      expect(s.step.length).toBeLessThanOrEqual(buckets)
      expect(s.step.length).toBeGreaterThanOrEqual(Math.min(slice.length, buckets / 2.5))
      expect(s.step[0]).toBe(from)
      expect(s.count).toBe(values.length)
      expect(s.lastStep).toBe(values.length - 1)
      const numbers = (list: (number | null)[]) => list.filter((v): v is number => v !== null)
      if (finite.length) {
        expect(Math.min(...numbers(s.min))).toBe(Math.min(...finite))
        expect(Math.max(...numbers(s.max))).toBe(Math.max(...finite))
      }
      expect(s.nonFinite.reduce((n, b) => n + b.count, 0)).toBe(slice.length - finite.length)
      s.step.forEach((step, i) => {
        const end = s.step[i + 1] ?? to + 1
        const inBucket = values.slice(step, end).filter(Number.isFinite)
        if (inBucket.length === 0) return expect([s.min[i], s.max[i], s.mean[i]]).toEqual([null, null, null])
        expect(s.min[i]).toBe(Math.min(...inBucket))
        expect(s.max[i]).toBe(Math.max(...inBucket))
        const mean = inBucket.reduce((a, b) => a + b / inBucket.length, 0)
        expect(Math.abs(s.mean[i]! - mean)).toBeLessThanOrEqual(1e-9 * Math.max(1, ...inBucket.map(Math.abs)))
      })
    }
  })

  it('shows every point by itself where there are no more than asked for, however far apart', () => {
    const library = openTemporary()
    const run = recording(library)
    run.ingest(hello(), series('loss'), ...[0, 1, 2, 900, 1_000_000, 9_007_199_254_740_991].map((s) => metrics(s, s)))
    const s = library.chart(run.id, { buckets: 10 }).series[0]!
    expect(s.step).toEqual([0, 1, 2, 900, 1_000_000, 9_007_199_254_740_991])
    expect(s.mean).toEqual(s.step)
  })

  it('never loses a spike of one step', () => {
    const library = openTemporary()
    const run = recording(library)
    run.ingest(hello(), series('loss'))
    const spike = 77_777
    for (let at = 0; at < 100_000; at += 5000)
      run.ingest(...Array.from({ length: 5000 }, (_, i) => metrics(at + i, at + i === spike ? 1e6 : 1)))
    for (const buckets of [10, 100, 999, 5000]) {
      const s = library.chart(run.id, { buckets }).series[0]!
      expect(Math.max(...s.max.map((v) => v ?? 0))).toBe(1e6)
      expect(s.max.filter((v) => v === 1e6)).toHaveLength(1)
    }
    expect(library.chart(run.id, { from: spike + 1, buckets: 10 }).series[0]!.max.every((v) => v === 1)).toBe(true)
  })

  it('marks buckets without a finite value and names what they hold', () => {
    const library = openTemporary()
    const run = recording(library)
    run.ingest(hello(), series('loss'), metrics(0, NaN), metrics(1, -Infinity), metrics(2, 3), metrics(3, Infinity))
    expect(library.chart(run.id).series[0]).toMatchObject({
      step: [0, 1, 2, 3],
      mean: [null, null, 3, null],
      nonFinite: [
        { step: 0, count: 1, value: 'NaN' },
        { step: 1, count: 1, value: '-Infinity' },
        { step: 3, count: 1, value: 'Infinity' },
      ],
    })
    expect(library.run(run.id)!.metrics).toEqual({ loss: 'Infinity' })
  })

  it('keeps the last of several values of one step', () => {
    const library = openTemporary()
    const run = recording(library)
    run.ingest(hello(), series('loss'), metrics(5, 1), metrics(5, 2))
    run.ingest(metrics(6, 3), metrics(5, 4))
    expect([...library.metricRows(run.id, 'loss')].map((r) => [r.step, r.value])).toEqual([
      [5, 4],
      [6, 3],
    ])
    expect(library.run(run.id)!.metrics).toEqual({ loss: 3 })
  })
})
