type Words = readonly [low: number, high: number]

/** The high 32 bits of the product of two unsigned 32-bit numbers. */
function multiplyHigh(a: number, b: number): number {
  const low = (a & 0xffff) * b
  const high = (a >>> 16) * b + Math.floor(low / 0x10000)
  return Math.floor(high / 0x10000)
}

/**
 * One block of Philox 4×32 with 10 rounds (Salmon et al. 2011, section 3.3): four 32-bit words from a 128-bit counter
 * and a 64-bit key. Writes into `out` and returns it.
 */
export function philox(low: Words, high: Words, key0: number, key1: number, out: Uint32Array): Uint32Array {
  let [c0, c1] = low
  let [c2, c3] = high
  for (let round = 0; round < 10; round++) {
    const hi0 = multiplyHigh(0xd2511f53, c0)
    const lo0 = Math.imul(0xd2511f53, c0) >>> 0
    const hi1 = multiplyHigh(0xcd9e8d57, c2)
    const lo1 = Math.imul(0xcd9e8d57, c2) >>> 0
    c0 = (hi1 ^ c1 ^ key0) >>> 0
    c1 = lo1
    c2 = (hi0 ^ c3 ^ key1) >>> 0
    c3 = lo0
    // The Weyl sequences of the golden ratio and √3 − 1 make each round's key.
    key0 = (key0 + 0x9e3779b9) >>> 0
    key1 = (key1 + 0xbb67ae85) >>> 0
  }
  out[0] = c0
  out[1] = c1
  out[2] = c2
  out[3] = c3
  return out
}

const float = new Float32Array(1)
const bits = new Uint32Array(float.buffer)

/** The low 23 bits of a word as a float32 in [0, 1). */
export function toUnit(word: number): number {
  bits[0] = (word & 0x7fffff) | 0x3f800000
  return float[0]! - 1
}

/** Two standard normal numbers from two words (Box and Muller 1958), written to `out[at]` and `out[at + 1]`. */
export function boxMuller(word0: number, word1: number, out: Float32Array, at: number): void {
  const radius = Math.sqrt(-2 * Math.log(Math.max(toUnit(word0), 1e-7)))
  const angle = 2 * Math.PI * toUnit(word1)
  out[at] = Math.sin(angle) * radius
  out[at + 1] = Math.cos(angle) * radius
}

/** A 32-bit number for a stream's name (FNV-1a). */
export function streamNumber(name: string): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash
}

/** Two seed words for (seed, stream, step), by one Philox block, so that neighbours in any of them share nothing. */
export function seedWords(seed: number, stream: number, step: number): Int32Array {
  const [seedLow, seedHigh] = split(seed)
  const block = philox(split(step), [stream, 0], seedLow, seedHigh, new Uint32Array(4))
  return Int32Array.of(block[0]!, block[1]!)
}

const split = (value: number): Words => [value >>> 0, Math.floor(value / 2 ** 32) >>> 0]
