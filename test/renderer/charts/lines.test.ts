import { describe, expect, test } from 'vitest'
import { appendPoints, emptyBuckets } from '../../../src/renderer/charts/buckets.ts'
import { layOut, nearest, padded, readAt, xExtent, yExtent } from '../../../src/renderer/charts/lines.ts'
import type { LineSource } from '../../../src/renderer/charts/lines.ts'
import { fullNames, grouped } from '../../../src/renderer/charts/grouping.ts'
import { toCsv, toTable, fileName } from '../../../src/renderer/charts/export.ts'
import { clampRange, detailFor, zoomed } from '../../../src/renderer/charts/view-range.ts'

const source = (steps: number[], values: number[], over: Partial<LineSource> = {}): LineSource => {
  const buckets = emptyBuckets()
  appendPoints(buckets, steps, values, over.buckets ? undefined : 2000)
  return {
    key: 'a',
    label: 'Loss',
    metric: 'loss',
    run: { id: 'r', name: 'A run' },
    colourSlot: 0,
    dash: [],
    buckets,
    axis: { step: [0, 10], epoch: [0, 1], time: [0, 20_000] },
    smoothingUnit: 1,
    ...over,
  }
}
const plain = { mode: 'step', smoothing: 0 } as const

describe('extents', () => {
  test('hold every point and every mark', () => {
    expect(xExtent([layOut(source([2, 5], [1, 1]), plain), layOut(source([4, 9], [0, NaN]), plain)])).toEqual({
      min: 2,
      max: 9,
    })
    expect(xExtent([])).toBeNull()
  })
  test('one point alone gets room', () => {
    expect(xExtent([layOut(source([3], [1]), plain)])).toEqual({ min: 2.5, max: 3.5 })
    expect(padded({ min: 2, max: 2 })).toEqual({ min: 1.8, max: 2.2 })
  })
  test('the spike is within the y range at every zoom, though the mean hides it', () => {
    const buckets = emptyBuckets()
    const values = Array.from({ length: 100_000 }, () => 1)
    values[50_123] = 500
    appendPoints(
      buckets,
      values.map((_, i) => i),
      values,
      100,
    )
    const line = layOut(source([], [], { buckets }), plain)
    expect(Math.max(...line.shown)).toBeLessThan(2)
    expect(yExtent([line], { min: 0, max: 100_000 })!.max).toBe(500)
  })
  test('only what is in view counts', () => {
    const line = layOut(source([0, 1, 2], [100, 1, 2]), plain)
    expect(yExtent([line], { min: 1, max: 2 })).toEqual({ min: 1, max: 2 })
    expect(yExtent([line], { min: 5, max: 6 })).toBeNull()
  })
  test('without outliers, the middle of the values', () => {
    const values = Array.from({ length: 1000 }, (_, i) => (i === 3 ? 1e9 : i / 1000))
    const line = layOut(
      source(
        values.map((_, i) => i),
        values,
      ),
      plain,
    )
    expect(yExtent([line], { min: 0, max: 1000 }, true)!.max).toBeLessThanOrEqual(1)
  })
})

describe('laying out', () => {
  test('the x axis moves points and changes no smoothed value', () => {
    const s = source([0, 5, 10], [1, 2, 9])
    const a = layOut(s, { mode: 'step', smoothing: 0.9 })
    const b = layOut(s, { mode: 'time', smoothing: 0.9 })
    expect(b.x).toEqual([0, 10, 20])
    expect(b.shown).toEqual(a.shown)
  })
  test('the raw values stay beside the smoothed ones', () => {
    const line = layOut(source([0, 1], [0, 1]), { mode: 'step', smoothing: 0.5 })
    expect(line.buckets.mean).toEqual([0, 1])
    expect(line.shown[1]).toBeCloseTo(2 / 3)
  })
})

describe('the crosshair', () => {
  test('finds the nearest point', () => {
    expect([-5, 0.4, 0.6, 7, 99].map((x) => nearest([0, 1, 10], x))).toEqual([0, 0, 1, 2, 2])
    expect(nearest([], 1)).toBe(-1)
  })
  test('reads all lines, and nothing off a line that has ended', () => {
    const lines = [
      layOut(source([0, 1, 2, 3], [5, 6, 7, 8]), plain),
      layOut(source([0, 1], [1, 2], { key: 'b' }), plain),
    ]
    expect(readAt(lines, 2.9, 0.5).map((r) => r?.shown)).toEqual([8, undefined])
    expect(readAt(lines, 1.1, 0.5).map((r) => r?.shown)).toEqual([6, 2])
  })
  test('tells the minimum and maximum of a bucket, and what is not finite', () => {
    const buckets = emptyBuckets()
    appendPoints(buckets, [0, 1, 2, 3], [1, 3, NaN, 4], 2)
    const [reading] = readAt([layOut(source([], [], { buckets }), plain)], 0, 1)
    expect(reading).toMatchObject({ min: 1, max: 3, mean: 2, spans: true })
    const [next] = readAt([layOut(source([], [], { buckets }), plain)], 3, 1)
    expect(next?.nonFinite?.value).toBe('NaN')
  })
})

describe('exports', () => {
  test('CSV has a line a point, quoted where it must be, with non-finite values by name', () => {
    const line = layOut(source([0, 10], [1.5, NaN], { run: { id: 'r', name: 'a, "b"' } }), plain)
    expect(toCsv([line], null).split('\r\n')).toEqual([
      'run,metric,step,epoch,seconds,value,min,max,smoothed',
      '"a, ""b""",loss,0,0,0,1.5,1.5,1.5,1.5',
      '"a, ""b""",loss,10,1,20,NaN,,,',
      '',
    ])
  })
  test('CSV holds the range in view', () => {
    const line = layOut(source([0, 1, 2, 3], [0, 1, 2, 3]), plain)
    expect(toCsv([line], { min: 1, max: 2 }).trim().split('\r\n')).toHaveLength(3)
  })
  test('the table has a row for every part of the view', () => {
    const table = toTable([layOut(source([0, 1, 2], [5, 6, 7]), plain)], 'step', { min: 0, max: 4 }, 5)
    expect(table.rows.map((r) => r.values[0])).toEqual([5, 6, 7, null, null])
  })
  test('file names are safe', () => {
    expect(fileName(['My run/../x', 'Losses'], 'csv')).toBe('my-run-x-losses.csv')
    expect(fileName(['…'], 'png')).toBe('chart.png')
  })
})

describe('zoom', () => {
  const full = { min: 0, max: 100 }
  test('keeps the point under the pointer where it is', () => {
    const r = zoomed(full, 2, 25)
    expect(r).toEqual({ min: 12.5, max: 62.5 })
    expect((25 - r.min) / (r.max - r.min)).toBe(0.25)
  })
  test('is moved back into the full range', () => {
    expect(clampRange({ min: -20, max: 30 }, full, 1)).toEqual({ min: 0, max: 50 })
    expect(clampRange({ min: -20, max: 300 }, full, 1)).toEqual(full)
    expect(clampRange({ min: 50, max: 50 }, full, 10)).toEqual({ min: 45, max: 55 })
  })
  test('fetches detail only where the coarse series is too coarse', () => {
    expect(detailFor({ min: 0, max: 1_000_000 }, 800, 1000, null)).toBeNull()
    expect(detailFor({ min: 0, max: 1000 }, 800, 1, null)).toBeNull()
    const detail = detailFor({ min: 10_000, max: 20_000 }, 800, 1000, null)!
    expect(detail.from).toBe(5000)
    expect(detail.to).toBe(25_000)
    expect((detail.to - detail.from) / detail.buckets).toBeLessThanOrEqual(10_000 / 800)
    expect(detailFor({ min: 11_000, max: 21_000 }, 800, 1000, detail)).toBeNull()
    expect(detailFor({ min: 11_000, max: 12_000 }, 800, 1000, detail)).not.toBeNull()
    expect(detailFor({ min: 24_000, max: 34_000 }, 800, 1000, detail)).not.toBeNull()
  })
})

describe('grouping in legends and tooltips', () => {
  const of = (run: string, metric: string) =>
    source([], [], {
      key: `${run}${metric}`,
      metric,
      label: metric,
      run: { id: run, name: `run ${run}` },
    })
  test('one run: its metrics', () => {
    expect(grouped([of('1', 'a'), of('1', 'b')])).toMatchObject([
      { title: null, lines: [{ name: 'a' }, { name: 'b' }] },
    ])
  })
  test('one metric of several runs: their names', () => {
    expect(grouped([of('1', 'a'), of('2', 'a')])).toMatchObject([
      { title: null, lines: [{ name: 'run 1' }, { name: 'run 2' }] },
    ])
  })
  test('several of both: by run', () => {
    const groups = grouped([of('1', 'a'), of('2', 'a'), of('1', 'b')])
    expect(groups.map((g) => g.title)).toEqual(['run 1', 'run 2'])
    expect(groups[0]!.lines.map((l) => l.index)).toEqual([0, 2])
    expect(fullNames([of('1', 'a'), of('2', 'a'), of('1', 'b')])).toEqual(['run 1 · a', 'run 2 · a', 'run 1 · b'])
  })
})
