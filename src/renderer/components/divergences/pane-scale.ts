import type { Curve, CurvePoint } from './curves.ts'

/** A pane's axes in CSS pixels: finite values between `top` and `bottom`, infinite ones on rows of their own outside. */
export interface PaneScale {
  left: number
  right: number
  top: number
  bottom: number
  /** The middle of the row for +∞ and −∞, or null without one. */
  infinity: number | null
  minusInfinity: number | null
  x: { low: number; high: number }
  y: { low: number; high: number }
}

export const infinityRow = 26

/**
 * The finite values that curves reach, their error bars among them, with a margin.
 * @param least is always in sight: what is nothing, up to rounding, must not look like mountains
 */
export function valueRange(
  curves: readonly Curve[],
  least: { low: number; high: number },
): { low: number; high: number } {
  let { low, high } = least
  for (const { value, error } of pointsOf(curves)) {
    if (!Number.isFinite(value)) continue
    low = Math.min(low, value - error)
    high = Math.max(high, value + error)
  }
  const margin = (high - low) * 0.08
  return { low: low < 0 ? low - margin : 0, high: high + margin }
}

export const pointsOf = (curves: readonly Curve[]): CurvePoint[] => curves.flatMap((curve) => curve.pieces.flat())

export function paneScale(
  curves: readonly Curve[],
  size: { width: number; height: number },
  x: { low: number; high: number },
  options: { compact?: boolean; infinite?: boolean; least?: { low: number; high: number } } = {},
): PaneScale {
  const points = pointsOf(curves)
  const up = options.infinite || points.some(({ value }) => value === Infinity)
  const down = points.some(({ value }) => value === -Infinity)
  const [head, foot] = [options.compact ? 5 : 7, options.compact ? 15 : 18]
  return {
    left: options.compact ? 26 : 36,
    right: size.width - (options.compact ? 8 : 10),
    top: head + (up ? infinityRow : 0),
    bottom: size.height - foot - (down ? infinityRow : 0),
    infinity: up ? head + infinityRow / 2 - 4 : null,
    minusInfinity: down ? size.height - foot - infinityRow / 2 + 2 : null,
    x,
    y: valueRange(curves, options.least ?? { low: 0, high: 1 }),
  }
}

export const xOf = ({ left, right, x }: PaneScale, theta: number): number =>
  left + ((theta - x.low) / (x.high - x.low)) * (right - left)

export const thetaOf = ({ left, right, x }: PaneScale, pixel: number): number =>
  Math.max(x.low, Math.min(x.high, x.low + ((pixel - left) / (right - left)) * (x.high - x.low)))

export function yOf({ top, bottom, y, infinity, minusInfinity }: PaneScale, value: number): number {
  if (value === Infinity) return infinity ?? top
  if (value === -Infinity) return minusInfinity ?? bottom
  const part = (value - y.low) / (y.high - y.low)
  return bottom - Math.max(-0.02, Math.min(1.02, part)) * (bottom - top)
}

/** Round numbers within a range, about as many as asked for, rather more than fewer. */
export function ticksIn({ low, high }: { low: number; high: number }, about: number): number[] {
  const rough = (high - low) / Math.max(1, about)
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.7)!
  const ticks: number[] = []
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++)
    ticks.push(Number((i * step).toPrecision(12)) + 0)
  return ticks
}

export const tickText = (value: number): string => String(value).replace('-', '−')
