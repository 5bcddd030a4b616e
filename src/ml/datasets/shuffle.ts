/** MurmurHash3's 32-bit finaliser (Appleby): every input bit changes each output bit with probability near one half. */
const mix = (x: number): number => {
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (x ^ (x >>> 16)) >>> 0
}

/**
 * A random 32-bit number as a function of (seed, stream, counter): no state, so whatever a resumed run asks for is what
 * the first run would have got. Not for cryptography.
 */
export const hash32 = (seed: number, stream: number, counter: number): number =>
  mix(mix(mix(seed ^ 0x9e3779b9) ^ Math.imul(stream + 1, 0x85157af5)) ^ Math.imul(counter + 1, 0x9e3779b1))

/**
 * A permutation of 0 … n − 1 as a function of (seed, epoch): Fisher and Yates' shuffle in Durstenfeld's form (Knuth,
 * TAOCP 2, algorithm 3.4.2P) on `hash32`.
 *
 * @param into is filled and returned if given, so that an epoch costs no allocation; it must be n long.
 */
export function permutation(seed: number, epoch: number, n: number, into = new Uint32Array(n)): Uint32Array {
  if (into.length !== n) throw new RangeError(`The permutation of ${n} does not fit an array of ${into.length}.`)
  for (let i = 0; i < n; i++) into[i] = i
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor((hash32(seed, epoch, i) / 0x1_0000_0000) * (i + 1))
    const swap = into[i]!
    into[i] = into[j]!
    into[j] = swap
  }
  return into
}
