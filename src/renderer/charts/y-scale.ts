/** How values are placed on the y axis: as they are, by log10, or by a symmetric logarithm that passes through zero. */
export type YScale = { kind: 'linear' } | { kind: 'log' } | { kind: 'symlog'; linearWithin: number }

/**
 * The logarithmic scale that can show all of `values`: log10 if all are positive, else the symmetric one of
 * Webber 2013, sign(y)·log10(1 + |y|/c), with c a tenth of the median magnitude as a power of ten.
 */
export function logScaleFor(values: Iterable<number>): YScale {
  const magnitudes: number[] = []
  let allPositive = true
  for (const v of values) {
    if (!Number.isFinite(v)) continue
    if (v <= 0) allPositive = false
    if (v !== 0) magnitudes.push(Math.abs(v))
  }
  if (allPositive) return { kind: 'log' }
  magnitudes.sort((a, b) => a - b)
  const median = magnitudes[magnitudes.length >> 1] ?? 1
  return { kind: 'symlog', linearWithin: 10 ** Math.round(Math.log10(median / 10)) }
}

export function transform(scale: YScale, y: number): number {
  if (scale.kind === 'linear') return y
  if (scale.kind === 'log') return y > 0 ? Math.log10(y) : NaN
  return Math.sign(y) * Math.log10(1 + Math.abs(y) / scale.linearWithin)
}

export function untransform(scale: YScale, t: number): number {
  if (scale.kind === 'linear') return t
  if (scale.kind === 'log') return 10 ** t
  return Math.sign(t) * (10 ** Math.abs(t) - 1) * scale.linearWithin
}

/** What a reader of the chart must know of its y axis, or null. */
export function scaleNote(scale: YScale): string | null {
  return scale.kind === 'symlog'
    ? `Values reach zero or below: logarithmic in both directions, linear within ±${scale.linearWithin}.`
    : null
}

/** Steps of 1, 2 or 5 times a power of ten, about `target` of them over the range. */
export function niceTicks(min: number, max: number, target: number): number[] {
  if (!(max > min) || !Number.isFinite(max - min)) return Number.isFinite(min) ? [min] : []
  const rough = (max - min) / Math.max(1, target)
  const power = 10 ** Math.floor(Math.log10(rough))
  const unit = [1, 2, 5, 10].find((m) => m * power >= rough * 0.999)! * power
  const ticks: number[] = []
  for (let k = Math.ceil(min / unit - 1e-9); k * unit <= max + unit * 1e-9; k++) ticks.push(cleanFloat(k * unit))
  return ticks
}

/** Rids a multiple of a decimal step of its binary crumbs: 0.30000000000000004 → 0.3. */
const cleanFloat = (v: number) => (v === 0 ? 0 : Number(v.toPrecision(12)))

/** Values for the ticks of the y axis between two transformed bounds. */
export function yTicks(scale: YScale, min: number, max: number, target: number): number[] {
  if (scale.kind === 'linear') return niceTicks(min, max, target)
  if (scale.kind === 'log') {
    if (max - min < 1.2) return niceTicks(10 ** min, 10 ** max, target).filter((v) => v > 0)
    return decades(Math.ceil(min - 1e-9), Math.floor(max + 1e-9), target)
  }
  const low = untransform(scale, min)
  const high = untransform(scale, max)
  const c = Math.log10(scale.linearWithin)
  const positive = high > scale.linearWithin ? decades(c, Math.floor(Math.log10(high)), target / 2) : []
  const negative = low < -scale.linearWithin ? decades(c, Math.floor(Math.log10(-low)), target / 2) : []
  const ticks = [...negative.map((v) => -v).reverse(), 0, ...positive].filter((v) => v >= low && v <= high)
  return ticks.length >= 2 ? ticks : niceTicks(low, high, target)
}

function decades(from: number, to: number, target: number): number[] {
  const every = Math.max(1, Math.ceil((to - from + 1) / Math.max(1, target)))
  const out: number[] = []
  for (let e = from; e <= to; e += every) out.push(cleanFloat(10 ** e))
  return out
}

const timeUnits = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800,
]

/** Ticks for the x axis: whole steps, or durations that people count in. */
export function xTicks(mode: 'step' | 'epoch' | 'time', min: number, max: number, target: number): number[] {
  if (mode !== 'time') {
    const ticks = niceTicks(min, max, target)
    return mode === 'step' && max - min >= 1 ? ticks.filter(Number.isInteger) : ticks
  }
  const rough = (max - min) / Math.max(1, target)
  if (rough < 1) return niceTicks(min, max, target)
  const unit = timeUnits.find((u) => u >= rough)
  if (!unit) return niceTicks(min / 86400, max / 86400, target).map((d) => d * 86400)
  const ticks: number[] = []
  for (let k = Math.ceil(min / unit - 1e-9); k * unit <= max + 1e-9; k++) ticks.push(k * unit + 0)
  return ticks
}
