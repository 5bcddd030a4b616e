import type { ChartSeries } from '../../shared/chart.ts'
import { fromMetricValue } from '../../shared/run.ts'
import type { MetricValue } from '../../shared/run.ts'

/** A place where a series holds NaN or ±Infinity: `count` of them, the first at `step`. */
export interface NonFinite {
  step: number
  count: number
  value: 'NaN' | 'Infinity' | '-Infinity'
}

/**
 * One series as columns of buckets in rising order of steps. A bucket spans the steps `first[i]` to `last[i]`;
 * `min`, `max` and `mean` are over its finite values and NaN when it has none. `count` is how many points it holds,
 * the weight of its mean; for buckets that came from the library it is an estimate from the density of the series.
 */
export interface Buckets {
  first: number[]
  last: number[]
  min: number[]
  max: number[]
  mean: number[]
  count: number[]
  nonFinite: NonFinite[]
  /** Steps that one bucket spans at most; grows when a long series is compacted. */
  span: number
}

export const emptyBuckets = (): Buckets => ({
  first: [],
  last: [],
  min: [],
  max: [],
  mean: [],
  count: [],
  nonFinite: [],
  span: 1,
})

const orNaN = (v: number | null) => v ?? NaN

/**
 * Takes a series as the API gives it. Its buckets hold their first step only, so each is taken to reach to the next,
 * and the last one to the end of the series or of the range that was asked for.
 */
export function bucketsOf(series: ChartSeries, upTo = Infinity): Buckets {
  const first = [...series.step]
  const n = first.length
  const end = Math.min(upTo, series.lastStep ?? first[n - 1] ?? 0)
  const last = first.map((s, i) => {
    const single = series.min[i] === series.max[i] && series.min[i] !== null
    const next = i + 1 < n ? first[i + 1]! - 1 : Math.max(s, end)
    return single && i + 1 < n && n === series.count ? s : Math.max(s, next)
  })
  const reach = n ? Math.max(1, last[n - 1]! - first[0]! + 1) : 1
  const density = Math.min(1, Math.max(series.count, n) / reach)
  const span = n > 1 ? Math.max(1, median(first.slice(1).map((s, i) => s - first[i]!))) : 1
  return {
    first,
    last,
    min: series.min.map(orNaN),
    max: series.max.map(orNaN),
    mean: series.mean.map(orNaN),
    count: first.map((s, i) => Math.max(1, Math.round(density * (last[i]! - s + 1)))),
    nonFinite: series.nonFinite.map((mark) => ({ ...mark })),
    span: series.count > n ? span : 1,
  }
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? 1
}

/** Index of the last bucket that begins at or before `step`, or -1. */
export function bucketAt(first: readonly number[], step: number): number {
  let low = 0
  let high = first.length
  while (low < high) {
    const mid = (low + high) >> 1
    if (first[mid]! <= step) low = mid + 1
    else high = mid
  }
  return low - 1
}

/**
 * Adds points in place, in any order of steps, and keeps the series at `limit` buckets or fewer by merging neighbours:
 * appending costs the same however long the run is, and no minimum or maximum is ever lost.
 */
export function appendPoints(
  b: Buckets,
  steps: readonly number[],
  values: readonly (MetricValue | number)[],
  limit = 4000,
): void {
  for (let i = 0; i < steps.length; i++) addPoint(b, steps[i]!, fromMetricValue(values[i]!))
  while (b.first.length > limit) compact(b)
}

function addPoint(b: Buckets, step: number, value: number): void {
  const finite = Number.isFinite(value)
  if (!finite) markNonFinite(b, step, String(value) as NonFinite['value'])
  const i = bucketAt(b.first, step)
  const joins = i >= 0 && (step <= b.last[i]! || step < b.first[i]! + b.span)
  if (!joins) {
    const v = finite ? value : NaN
    b.first.splice(i + 1, 0, step)
    b.last.splice(i + 1, 0, step)
    b.min.splice(i + 1, 0, v)
    b.max.splice(i + 1, 0, v)
    b.mean.splice(i + 1, 0, v)
    b.count.splice(i + 1, 0, 1)
    return
  }
  b.last[i] = Math.max(b.last[i]!, step)
  if (finite) mergeInto(b, i, value, value, value, 1)
}

function mergeInto(b: Buckets, i: number, min: number, max: number, mean: number, count: number): void {
  if (Number.isNaN(mean)) return
  if (Number.isNaN(b.mean[i]!)) {
    b.min[i] = min
    b.max[i] = max
    b.mean[i] = mean
    b.count[i] = count
    return
  }
  const total = b.count[i]! + count
  b.min[i] = Math.min(b.min[i]!, min)
  b.max[i] = Math.max(b.max[i]!, max)
  // Not (a·m + c·n) / (a + c): this form leaves a constant exactly as it is.
  b.mean[i]! += ((mean - b.mean[i]!) * count) / total
  b.count[i] = total
}

function markNonFinite(b: Buckets, step: number, value: NonFinite['value']): void {
  const newest = b.nonFinite.at(-1)
  if (newest && newest.value === value && step >= newest.step && step < newest.step + b.span) {
    newest.count++
    return
  }
  let at = b.nonFinite.length
  while (at > 0 && b.nonFinite[at - 1]!.step > step) at--
  b.nonFinite.splice(at, 0, { step, count: 1, value })
}

/** Halves the number of buckets by doubling the span, in place. */
function compact(b: Buckets): void {
  const n = b.first.length
  const reach = b.last[n - 1]! - b.first[0]! + 1
  const origin = b.first[0]!
  b.span = Math.max(b.span * 2, Math.ceil((2 * reach) / n))
  let out = 0
  for (let i = 1; i < n; i++) {
    if (Math.floor((b.first[i]! - origin) / b.span) === Math.floor((b.first[out]! - origin) / b.span)) {
      mergeInto(b, out, b.min[i]!, b.max[i]!, b.mean[i]!, b.count[i]!)
      b.last[out] = b.last[i]!
      continue
    }
    out++
    for (const column of columns(b)) column[out] = column[i]!
  }
  for (const column of columns(b)) column.length = Math.min(out + 1, n)
  const marks: NonFinite[] = []
  for (const mark of b.nonFinite) {
    const before = marks.at(-1)
    const same = before && before.value === mark.value
    if (same && Math.floor((before.step - origin) / b.span) === Math.floor((mark.step - origin) / b.span))
      before.count += mark.count
    else marks.push(mark)
  }
  b.nonFinite = marks
}

const columns = (b: Buckets) => [b.first, b.last, b.min, b.max, b.mean, b.count]

/** The buckets that begin in [from, to), as a new series. */
function cut(b: Buckets, from: number, to: number): Buckets {
  const i = bucketAt(b.first, from) + (b.first[bucketAt(b.first, from)] === from ? 0 : 1)
  const j = to === Infinity ? b.first.length : Math.max(i, lowerBound(b.first, to))
  return {
    first: b.first.slice(i, j),
    last: b.last.slice(i, j),
    min: b.min.slice(i, j),
    max: b.max.slice(i, j),
    mean: b.mean.slice(i, j),
    count: b.count.slice(i, j),
    nonFinite: b.nonFinite.filter((mark) => mark.step >= from && mark.step < to),
    span: b.span,
  }
}

function lowerBound(first: readonly number[], step: number): number {
  const i = bucketAt(first, step)
  return i >= 0 && first[i] === step ? i : i + 1
}

/**
 * The coarse series with its buckets between `from` and `to` replaced by the fine ones: a zoomed chart shows detail
 * in view and still has something to show at once when it is dragged.
 */
export function stitch(coarse: Buckets, fine: Buckets, from: number, to: number): Buckets {
  const before = cut(coarse, -Infinity, from)
  const after = cut(coarse, to, Infinity)
  const middle = cut(fine, from, to)
  const join = (a: number[], b: number[], c: number[]) => a.concat(b, c)
  return {
    first: join(before.first, middle.first, after.first),
    last: join(before.last, middle.last, after.last),
    min: join(before.min, middle.min, after.min),
    max: join(before.max, middle.max, after.max),
    mean: join(before.mean, middle.mean, after.mean),
    count: join(before.count, middle.count, after.count),
    nonFinite: before.nonFinite.concat(middle.nonFinite, after.nonFinite),
    span: fine.span,
  }
}
