/**
 * The minimiser on 0 < t ≤ 1 of the objective along a line, φ(t) = ½‖w + t d‖² + C Σ max(0, 1 − yᵢ(zᵢ + t δᵢ))².
 * φ is convex and its slope piecewise linear; Newton's method on the slope, kept in a shrinking bracket, finds its root.
 *
 * @param scores zᵢ = w · xᵢ and `change` δᵢ = d · xᵢ, both from index `at` on, for `signs.length` rows
 * @param wd w · d, `dd` d · d
 */
export function lineSearch(
  signs: Int8Array,
  scores: Float64Array,
  change: Float64Array,
  at: number,
  C: number,
  wd: number,
  dd: number,
): number {
  let [low, high] = [0, 1]
  let t = 1
  for (let iteration = 0; iteration < 60; iteration++) {
    let slope = wd + t * dd
    let curvature = dd
    for (let i = 0; i < signs.length; i++) {
      const y = signs[i]!
      const delta = change[at + i]!
      const slack = 1 - y * (scores[at + i]! + t * delta)
      if (slack <= 0) continue
      slope -= 2 * C * slack * y * delta
      curvature += 2 * C * delta * delta
    }
    if (slope > 0) high = t
    else if (t === 1) return 1
    else low = t
    const next = t - slope / curvature
    if (Math.abs(next - t) <= 1e-12 * t) return t
    t = next > low && next < high ? next : (low + high) / 2
  }
  return t
}
