import type { StepAxis } from '../../shared/chart.ts'

export type AxisMode = 'step' | 'epoch' | 'time'

/**
 * Piecewise-linear map from the rising `xs` to `ys` at x; beyond the ends the nearest segment goes on. One mark alone
 * shifts; none at all gives NaN.
 */
export function interpolate(xs: readonly number[], ys: readonly number[], x: number): number {
  const n = xs.length
  if (n === 0) return NaN
  if (n === 1) return ys[0]! + (x === xs[0] ? 0 : NaN)
  let low = 0
  let high = n - 1
  while (high - low > 1) {
    const mid = (low + high) >> 1
    if (xs[mid]! <= x) low = mid
    else high = mid
  }
  const width = xs[high]! - xs[low]!
  if (width === 0) return ys[high]!
  return ys[low]! + ((ys[high]! - ys[low]!) * (x - xs[low]!)) / width
}

/** Position of a step on the x axis: the step itself, epochs, or seconds since the run's first mark. */
export function toX(axis: StepAxis, mode: AxisMode, step: number): number {
  if (mode === 'step') return step
  if (mode === 'epoch') return interpolate(axis.step, axis.epoch, step)
  return (interpolate(axis.step, axis.time, step) - (axis.time[0] ?? NaN)) / 1000
}

/** Positions of many rising steps; one pass over the marks. */
export function toXs(axis: StepAxis, mode: AxisMode, steps: readonly number[]): number[] {
  if (mode === 'step') return steps as number[]
  return steps.map((step) => toX(axis, mode, step))
}

/** The step at a position of the x axis; the inverse of `toX`. */
export function toStep(axis: StepAxis, mode: AxisMode, x: number): number {
  if (mode === 'step') return x
  if (mode === 'epoch') return interpolate(axis.epoch, axis.step, x)
  return interpolate(axis.time, axis.step, x * 1000 + (axis.time[0] ?? NaN))
}

export const emptyAxis = (): StepAxis => ({ step: [], epoch: [], time: [] })

/** The axis with the marks that a delta brings; a mark for a step that is there already replaces it and all later. */
export function appendAxis(axis: StepAxis, more: StepAxis): StepAxis {
  const from = more.step[0]
  if (from === undefined) return axis
  let keep = axis.step.length
  while (keep > 0 && axis.step[keep - 1]! >= from) keep--
  return {
    step: axis.step.slice(0, keep).concat(more.step),
    epoch: axis.epoch.slice(0, keep).concat(more.epoch),
    time: axis.time.slice(0, keep).concat(more.time),
  }
}
