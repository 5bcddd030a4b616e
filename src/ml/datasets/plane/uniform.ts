import { streamNumber } from '../../engine/philox.ts'
import { hash32 } from '../shuffle.ts'

/** Uniform numbers that one sample may take. */
export const numbersPerSample = 4

/**
 * Where a stream of samples begins: the stream's purpose and its number (a step, a batch) in 32 bits.
 * Sample i of it takes the numbers hash32(seed, stream, 4 i …): a function of (seed, stream, i).
 */
export const sampleStream = (purpose: string, index: number): number =>
  hash32(streamNumber(purpose), Math.floor(index / 2 ** 32), index >>> 0)

/** Writes the four U[0, 1) numbers of one sample, multiples of 2⁻³². */
export function sampleNumbers(seed: number, stream: number, i: number, u: Float64Array): void {
  for (let k = 0; k < numbersPerSample; k++) u[k] = hash32(seed, stream, numbersPerSample * i + k) / 0x1_0000_0000
}

/** Writes a point at out[at], out[at + 1], from the four uniform numbers of a sample. */
export type PointMap = (u: Float64Array, out: Float32Array, at: number) => void
