/** Uniform numbers in [0, 1) as a function of a seed (mulberry32): enough for what is only looked at. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** `count` draws of N(0, 1) (Box and Muller 1958). */
export function normals(count: number, seed: number): Float32Array {
  const next = uniform(seed)
  const draws = new Float32Array(count)
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - next()))
    const angle = 2 * Math.PI * next()
    draws[i] = radius * Math.cos(angle)
    if (i + 1 < count) draws[i + 1] = radius * Math.sin(angle)
  }
  return draws
}

/** `wanted` distinct numbers below `count`, rising; all of them if it is not fewer. */
export function someOf(count: number, wanted: number, seed: number): Int32Array {
  const all = Int32Array.from({ length: count }, (_, i) => i)
  if (wanted >= count) return all
  const next = uniform(seed)
  for (let i = 0; i < wanted; i++) {
    const j = i + Math.floor(next() * (count - i))
    const kept = all[i]!
    all[i] = all[j]!
    all[j] = kept
  }
  return all.slice(0, wanted).sort()
}
