import type { Tensor } from '@tensorflow/tfjs'
import type { StoredArray } from '../engine/parameters.ts'
import { seedWords, streamNumber } from '../engine/philox.ts'
import { normals, uniforms } from '../engine/random.ts'

/** Names and values of a network's weights. */
export type Weights = Record<string, Tensor>

/** Draws initial weights; streams carry the network's name, so that two networks of one seed differ. */
export function initialiser(seed: number, network: string) {
  const draw = (fill: typeof normals, name: string, shape: number[], scale: number, shift = 0): StoredArray => {
    const count = shape.reduce((product, n) => product * n, 1)
    const data = fill(seedWords(seed, streamNumber(`initial ${network} ${name}`), 0), count)
    return { shape, data: data.map((value) => value * scale + shift) }
  }
  return {
    normal: (name: string, shape: number[], deviation: number, mean = 0) => draw(normals, name, shape, deviation, mean),
    /** Uniform with the given standard deviation around 0. */
    uniform: (name: string, shape: number[], deviation: number) => {
      const limit = deviation * Math.sqrt(3)
      return draw(uniforms, name, shape, 2 * limit, -limit)
    },
    constant: (shape: number[], value: number): StoredArray => ({
      shape,
      data: new Float32Array(shape.reduce((product, n) => product * n, 1)).fill(value),
    }),
  }
}

/** Standard deviation of a dense layer's weights (Glorot and Bengio 2010). */
export const glorotDeviation = (inputs: number, outputs: number) => Math.sqrt(2 / (inputs + outputs))
