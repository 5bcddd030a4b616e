/**
 * Smooths a series by an exponential moving average with the bias of its start taken out, for steps at any distance:
 *
 *   S_i = Σ_{j≤i} w_j β^((x_i − x_j)/u) y_j  /  Σ_{j≤i} w_j β^((x_i − x_j)/u)
 *
 * where β is the smoothing (0 = none, towards 1 = more), u the unit of distance and w_j the number of points that
 * y_j stands for. For points one unit apart it is the zero-debiased average of Kingma and Ba 2015 (section 3),
 * m_t / (1 − β^t). S_0 = y_0, and a constant series comes out bit for bit as it went in, because each step adds a
 * share of (y − S).
 *
 * A value that is not finite is a gap in the result and adds nothing; what came before it counts on after it.
 * @param x Rising positions, n.
 * @param y Values, n.
 * @param weight Points that each value stands for, n; one each when left out.
 */
export function smooth(
  x: readonly number[],
  y: readonly number[],
  beta: number,
  unit = 1,
  weight?: readonly number[],
): number[] {
  if (!(beta >= 0 && beta < 1)) throw new RangeError(`Smoothing must be from 0 and below 1, not ${beta}.`)
  const out: number[] = []
  let average = NaN
  let total = 0
  let at = 0
  for (let i = 0; i < y.length; i++) {
    const value = y[i]!
    if (!Number.isFinite(value)) {
      out[i] = NaN
      continue
    }
    const w = weight?.[i] ?? 1
    if (total === 0) {
      average = value
      total = w
    } else {
      const distance = Math.max(0, x[i]! - at) / unit
      total = total * (beta === 0 ? 0 : beta ** distance) + w
      average += ((value - average) * w) / total
    }
    at = x[i]!
    out[i] = average
  }
  return out
}

/**
 * The unit of distance for a run of so many steps: one step up to a thousand steps, and a thousandth of the run
 * beyond, so that one position of the slider looks alike on runs of every length and does not change with the zoom.
 */
export const smoothingUnit = (totalSteps: number): number => Math.max(1, totalSteps / 1000)

/** The slider, 0 to 100, is even in the logarithm of the window 1 / (1 − β), so that 0.99 is as easy to set as 0.5. */
const LARGEST_WINDOW = 1000
export const betaOf = (position: number): number => 1 - LARGEST_WINDOW ** (-Math.min(100, Math.max(0, position)) / 100)
export const positionOf = (beta: number): number =>
  Math.abs(Math.round((100 * Math.log(1 - beta)) / Math.log(LARGEST_WINDOW)))
