import type * as Tfjs from '@tensorflow/tfjs'
import { openEngine } from '../../../src/ml/engine/open.ts'
import type { Tf } from '../../../src/ml/engine/open.ts'

/** The engines of this machine: wasm always, native where the set-up installed it. */
export async function enginesHere(): Promise<('native' | 'wasm')[]> {
  const { info } = await openEngine({ prefer: 'auto' })
  return info.backend === 'native' ? ['native', 'wasm'] : ['wasm']
}

/** Standard normal numbers as a function of the seed (mulberry32, Box–Muller). */
export function normals(seed: number): () => number {
  let state = seed >>> 0
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
}

/** A tensor of normal numbers. */
export function normalTensor(tf: Tf, normal: () => number, shape: number[], scale = 1): Tfjs.Tensor {
  const size = shape.reduce((product, length) => product * length, 1)
  return tf.tensor(
    Float32Array.from({ length: size }, () => normal() * scale),
    shape,
  )
}

export interface Comparison {
  analytic: number
  measured: number
  /** Whether two step sizes measured the same, so that no kink of the function lay between. */
  smooth: boolean
}

/**
 * The derivative of f at `at` along `direction` (unit length), measured with the five-point stencil
 * (−f(2h) + 8f(h) − 8f(−h) + f(−2h)) / 12h in float32, beside the inner product of `gradient` with the direction.
 */
export function compareAlong(
  tf: Tf,
  f: (at: Tfjs.Tensor) => Tfjs.Scalar,
  at: Tfjs.Tensor,
  gradient: Float32Array,
  direction: Float32Array,
  step: number,
): Comparison {
  const value = (offset: number) =>
    tf.tidy(() => f(tf.add(at, tf.mul(tf.tensor(direction, at.shape), offset))).dataSync()[0]!)
  const slope = (h: number) => (8 * (value(h) - value(-h)) - (value(2 * h) - value(-2 * h))) / (12 * h)
  const measured = slope(step)
  const finer = slope(step / 2)
  const analytic = gradient.reduce((sum, g, i) => sum + g * direction[i]!, 0)
  return { analytic, measured, smooth: Math.abs(measured - finer) <= 0.004 * Math.abs(measured) + 0.0004 }
}

export function unit(values: Float32Array): Float32Array | null {
  const length = Math.hypot(...values)
  return length > 1e-6 ? values.map((value) => value / length) : null
}
