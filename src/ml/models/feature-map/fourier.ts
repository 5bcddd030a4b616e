import type * as Tfjs from '@tensorflow/tfjs'
import { hash32 } from '../../datasets/shuffle.ts'
import { seedWords, streamNumber } from '../../engine/philox.ts'
import { normals, uniforms } from '../../engine/random.ts'
import { numbersOf } from './numbers.ts'

/** Random Fourier features of an RBF kernel. */
export interface FourierMap {
  features: number
  components: number
  /** [features, components] */
  frequencies: Float32Array
  /** [components] */
  phases: Float32Array
}

const rowsAtOnce = 8192
const pairs = 4000

/**
 * A map z(x) = √(2/D) cos(Wᵀx + b) with E z(x)·z(y) = exp(−γ ‖x − y‖²): W ~ N(0, 2γ), b ~ U[0, 2π), D components (Rahimi
 * and Recht 2007, "Random features for large-scale kernel machines", algorithm 1). A function of the arguments alone, the
 * same on every engine.
 *
 * @throws RangeError if gamma is not positive or the components are no positive whole number
 */
export function fourierMap(seed: number, features: number, components: number, gamma: number): FourierMap {
  if (!(gamma > 0 && gamma < Infinity)) throw new RangeError(`gamma is ${gamma}; it must be a positive number.`)
  if (!Number.isInteger(components) || components < 1)
    throw new RangeError(`${components} is no number of random features.`)
  const deviation = Math.sqrt(2 * gamma)
  const words = (stream: string) => seedWords(seed, streamNumber(stream), 0)
  return {
    features,
    components,
    frequencies: normals(words('fourier frequencies'), features * components).map((x) => x * deviation),
    phases: uniforms(words('fourier phases'), components).map((x) => 2 * Math.PI * x),
  }
}

/** z of each row of x, [rows, features] → [rows, components]. */
export function applyFourierMap(tf: typeof Tfjs, map: FourierMap, x: Float32Array, rows: number): Float32Array {
  const { features, components, frequencies, phases } = map
  const out = new Float32Array(rows * components)
  const scale = Math.sqrt(2 / components)
  for (let from = 0; from < rows; from += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, rows - from)
    const part = numbersOf(tf, () => {
      const input = tf.tensor2d(x.subarray(from * features, (from + count) * features), [count, features])
      const angles = tf.matMul(input, tf.tensor2d(frequencies, [features, components]))
      return tf.mul(tf.cos(tf.add(angles, tf.tensor1d(phases))), scale)
    })
    out.set(part, from * components)
  }
  return out
}

/**
 * γ = 1 / median of ‖x − y‖² over random pairs of rows: the median heuristic (Schölkopf and Smola 2002, section 10.1 on
 * kernel widths; Garreau, Jitkrittum and Kanagawa 2018). A function of (x, seed).
 */
export function medianGamma(x: Float32Array, rows: number, features: number, seed: number): number {
  const draw = (stream: number, i: number) => Math.floor((hash32(seed, stream, i) / 0x1_0000_0000) * rows)
  const distances: number[] = []
  for (let i = 0; i < pairs; i++) {
    const [a, b] = [draw(0x6d65, i) * features, draw(0x6d66, i) * features]
    let sum = 0
    for (let j = 0; j < features; j++) sum += (x[a + j]! - x[b + j]!) ** 2
    if (a !== b) distances.push(sum)
  }
  const median = distances.sort((a, b) => a - b)[distances.length >> 1] ?? 0
  return median > 0 ? 1 / median : 1
}
