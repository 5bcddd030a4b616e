import type * as Tfjs from '@tensorflow/tfjs'
import { boxMuller, philox, seedWords, streamNumber, toUnit } from './philox.ts'
import { openRawOps } from './raw-ops.ts'

type Tf = typeof Tfjs

/**
 * Random tensors as pure functions of (seed, stream, step): no state, so a resumed run draws what it would have drawn.
 * Streams are named for their purpose ('generator noise', …); draws of different streams or steps are independent.
 */
export interface Random {
  /** N(0, 1), float32. */
  normal<R extends Tfjs.Rank>(stream: string, step: number, shape: Tfjs.ShapeMap[R]): Tfjs.Tensor<R>
  /** U[0, 1), float32, in multiples of 2⁻²³. */
  uniform<R extends Tfjs.Rank>(stream: string, step: number, shape: Tfjs.ShapeMap[R]): Tfjs.Tensor<R>
}

/**
 * Random numbers of a run's seed, a whole number from 0 to 2⁵³ − 1.
 *
 * Philox 4×32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3") in TensorFlow's stateless
 * operations on the native engine, and the same generator in JavaScript on every other: uniform numbers are the same
 * bits on all engines, normal ones agree up to the rounding of log, sine and cosine.
 *
 * @throws RangeError if the seed, or later a step, is not such a number
 */
export function createRandom(tf: Tf, seed: number): Random {
  checkCounter('seed', seed)
  const raw = openRawOps(tf)
  const draw = (op: string, fill: Fill, stream: string, step: number, shape: number[]) => {
    checkCounter('step', step)
    const words = seedWords(seed, streamNumber(stream), step)
    if (!raw) return tf.tensor(fill(words, tf.util.sizeFromShape(shape)), shape, 'float32')
    const size = tf.tensor1d(shape, 'int32')
    const seeds = tf.tensor1d(words, 'int32')
    const numbers = raw.run(op, [raw.float32('dtype'), raw.int32('T'), raw.int32('Tseed')], [size, seeds])
    tf.dispose([size, seeds])
    return numbers
  }
  return {
    normal: <R extends Tfjs.Rank>(stream: string, step: number, shape: Tfjs.ShapeMap[R]) =>
      draw('StatelessRandomNormal', normals, stream, step, shape) as Tfjs.Tensor<R>,
    uniform: <R extends Tfjs.Rank>(stream: string, step: number, shape: Tfjs.ShapeMap[R]) =>
      draw('StatelessRandomUniform', uniforms, stream, step, shape) as Tfjs.Tensor<R>,
  }
}

type Fill = (seeds: Int32Array, count: number) => Float32Array

/** The numbers of TensorFlow's StatelessRandomUniform: four to a Philox block. */
export function uniforms(seeds: Int32Array, count: number): Float32Array {
  return fillByBlocks(seeds, count, (block, out, at) => {
    for (let i = 0; i < 4; i++) out[at + i] = toUnit(block[i]!)
  })
}

/** The numbers of TensorFlow's StatelessRandomNormal: two Box-Muller pairs to a Philox block. */
export function normals(seeds: Int32Array, count: number): Float32Array {
  return fillByBlocks(seeds, count, (block, out, at) => {
    boxMuller(block[0]!, block[1]!, out, at)
    boxMuller(block[2]!, block[3]!, out, at + 2)
  })
}

function fillByBlocks(
  seeds: Int32Array,
  count: number,
  write: (block: Uint32Array, out: Float32Array, at: number) => void,
): Float32Array {
  // TensorFlow scrambles the two seeds once and uses the result as key and as the upper half of the counter.
  const mixed = philox(extended(seeds[0]!), extended(seeds[1]!), 0x3ec8f720, 0x02461e29, new Uint32Array(4))
  const counterHigh: [number, number] = [mixed[2]!, mixed[3]!]
  const [key0, key1] = [mixed[0]!, mixed[1]!]
  const block = new Uint32Array(4)
  const whole = new Float32Array(Math.ceil(count / 4) * 4)
  for (let at = 0; at < whole.length; at += 4) {
    philox([(at / 4) >>> 0, Math.floor(at / 4 / 2 ** 32)], counterHigh, key0, key1, block)
    write(block, whole, at)
  }
  return whole.subarray(0, count).slice()
}

/** An int32 sign-extended to 64 bits, as [low, high] words. */
const extended = (seed: number): [number, number] => [seed >>> 0, seed < 0 ? 0xffffffff : 0]

function checkCounter(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`${name} is ${value}; it must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}.`)
}
