import type { StoredArray } from '../engine/parameters.ts'
import { initialiser } from './initial-weights.ts'

/** f(z), f′(z) and f″(z), the derivatives also by the value y = f(z) where that is cheaper. */
interface ActivationFunction {
  value(z: number): number
  slope(z: number, y: number): number
  curvature(z: number, y: number): number
}

const leak = 0.2
const logistic = (z: number) => 1 / (1 + Math.exp(-z))

const activations = {
  relu: { value: (z) => (z > 0 ? z : 0), slope: (z) => (z > 0 ? 1 : 0), curvature: () => 0 },
  leakyRelu: { value: (z) => (z > 0 ? z : leak * z), slope: (z) => (z > 0 ? 1 : leak), curvature: () => 0 },
  tanh: { value: Math.tanh, slope: (_, y) => 1 - y * y, curvature: (_, y) => -2 * y * (1 - y * y) },
  sigmoid: { value: logistic, slope: (_, y) => y * (1 - y), curvature: (_, y) => y * (1 - y) * (1 - 2 * y) },
  softplus: {
    value: (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))),
    slope: logistic,
    curvature: (z) => logistic(z) * (1 - logistic(z)),
  },
} satisfies Record<string, ActivationFunction>

export type Activation = keyof typeof activations

export interface MlpShape {
  /** Inputs, hidden units by layer, outputs. */
  sizes: number[]
  /** After each hidden layer; the outputs are linear. */
  activation: Activation
}

/**
 * A multi-layer perceptron on JavaScript arrays, for networks so small that a call to TensorFlow costs more than their
 * arithmetic. Points are rows: [batch, features]. `weights` holds, layer by layer, a kernel [outputs, inputs] and a bias
 * [outputs]; gradients have the same order. Arrays that are returned are overwritten by the next call.
 */
export interface Mlp {
  readonly weights: Float32Array
  /** Outputs [batch, outputs] of the inputs [batch, inputs]. */
  forward(inputs: Float32Array): Float32Array
  /**
   * The chain rule through the last `forward`: from ∂L/∂outputs to ∂L/∂inputs, which it returns.
   * @param gradients where ∂L/∂weights is added; null if it isn't wanted
   */
  backward(dOutputs: Float32Array, gradients: Float32Array | null): Float32Array
  /**
   * Adds to `gradients` the derivative with respect to the weights of Σₙ ⟨directionsₙ, ∇ₓ(Σ outputs)(xₙ)⟩ at the inputs of
   * the last `forward`: the second-order term that a penalty on the input gradient needs.
   *
   * The sum is a derivative along the directions, so it is computed forward beside the values, and differentiated
   * backward (Pearlmutter 1994, "Fast exact multiplication by the Hessian").
   */
  backwardAlong(directions: Float32Array, gradients: Float32Array): void
  /**
   * The gradient penalty weight · mean (‖∇ₓ outputs‖ − 1)² at the inputs of the last `forward`, of a network with one output
   * (Gulrajani et al. 2017, equation 3); adds its derivative to `gradients`.
   */
  penaliseSlopes(weight: number, gradients: Float32Array): number
}

interface Layer {
  inputs: number
  outputs: number
  kernel: number
  bias: number
  /** None after the outputs. */
  f: ActivationFunction | null
  /** z before and y after the activation, f′(z), and ∂L/∂z; [batch, outputs] each. */
  z: Float32Array
  y: Float32Array
  slope: Float32Array
  dz: Float32Array
  /** Derivatives of z and y along the directions, and of L by the former. */
  zAlong: Float32Array
  yAlong: Float32Array
  dzAlong: Float32Array
}

export const weightCount = ({ sizes }: MlpShape) =>
  sizes.slice(1).reduce((sum, outputs, i) => sum + outputs * (sizes[i]! + 1), 0)

/** Weights and biases uniform in ±1/√inputs (LeCun et al. 1998, "Efficient BackProp", section 4.6). */
export function initialMlp(shape: MlpShape, seed: number, network: string): StoredArray {
  const init = initialiser(seed, network)
  const data = new Float32Array(weightCount(shape))
  let at = 0
  for (let i = 1; i < shape.sizes.length; i++) {
    const [inputs, outputs] = [shape.sizes[i - 1]!, shape.sizes[i]!]
    const layer = init.uniform(`layer ${i}`, [outputs * (inputs + 1)], 1 / Math.sqrt(3 * inputs))
    data.set(layer.data, at)
    at += layer.data.length
  }
  return { shape: [data.length], data }
}

/** @throws RangeError if the weights are not as many as the shape needs */
export function createMlp(shape: MlpShape, weights: Float32Array, batch: number): Mlp {
  if (weights.length !== weightCount(shape))
    throw new RangeError(
      `A network of ${shape.sizes.join('-')} has ${weightCount(shape)} weights, not ${weights.length}.`,
    )
  const layers: Layer[] = []
  let at = 0
  for (let i = 1; i < shape.sizes.length; i++) {
    const [inputs, outputs] = [shape.sizes[i - 1]!, shape.sizes[i]!]
    const array = () => new Float32Array(batch * outputs)
    const f = i === shape.sizes.length - 1 ? null : activations[shape.activation]
    const bias = at + outputs * inputs
    const z = array()
    const values = { z, y: f ? array() : z, slope: array().fill(1), dz: array() }
    layers.push({ inputs, outputs, kernel: at, bias, f, ...values, zAlong: array(), yAlong: array(), dzAlong: array() })
    at = bias + outputs
  }
  let current = new Float32Array(0)
  const inputsOf = (i: number) => (i === 0 ? current : layers[i - 1]!.y)
  const dInputs = new Float32Array(batch * shape.sizes[0]!)
  const dInputsAlong = new Float32Array(batch * shape.sizes[0]!)
  let ones: Float32Array | null = null

  const net: Mlp = {
    weights,
    forward(inputs) {
      current = inputs as Float32Array<ArrayBuffer>
      layers.forEach((layer, i) => {
        multiply(layer, weights, inputsOf(i), layer.z, true)
        if (layer.f) applyActivation(layer.f, layer)
      })
      return layers.at(-1)!.y
    },
    backward(dOutputs, gradients) {
      let dy = dOutputs
      for (let i = layers.length - 1; i >= 0; i--) {
        const layer = layers[i]!
        const { dz, slope } = layer
        for (let j = 0; j < dz.length; j++) dz[j] = dy[j]! * slope[j]!
        if (gradients) accumulate(layer, dz, inputsOf(i), gradients, true)
        // ∂L/∂y of the layer below is turned into its ∂L/∂z in place.
        dy = i === 0 ? dInputs : layers[i - 1]!.dz
        multiplyTransposed(layer, weights, dz, dy)
      }
      return dInputs
    },
    backwardAlong(directions, gradients) {
      layers.forEach((layer, i) => {
        multiply(layer, weights, i === 0 ? directions : layers[i - 1]!.yAlong, layer.zAlong, false)
        const { zAlong, yAlong, slope } = layer
        for (let j = 0; j < zAlong.length; j++) yAlong[j] = slope[j]! * zAlong[j]!
      })
      const top = layers.at(-1)!
      top.dz.fill(0)
      top.dzAlong.fill(1)
      for (let i = layers.length - 1; i >= 0; i--) {
        const layer = layers[i]!
        const { f, z, y, slope, zAlong, dz, dzAlong } = layer
        for (let j = 0; j < dz.length; j++) {
          const dyAlong = dzAlong[j]!
          const curvature = f ? f.curvature(z[j]!, y[j]!) : 0
          dzAlong[j] = slope[j]! * dyAlong
          dz[j] = slope[j]! * dz[j]! + curvature * zAlong[j]! * dyAlong
        }
        accumulate(layer, dz, inputsOf(i), gradients, true)
        accumulate(layer, dzAlong, i === 0 ? directions : layers[i - 1]!.yAlong, gradients, false)
        multiplyTransposed(layer, weights, dz, i === 0 ? dInputs : layers[i - 1]!.dz)
        multiplyTransposed(layer, weights, dzAlong, i === 0 ? dInputsAlong : layers[i - 1]!.dzAlong)
      }
    },
    penaliseSlopes(weight, gradients) {
      const width = shape.sizes[0]!
      ones ??= new Float32Array(batch).fill(1)
      const slopes = net.backward(ones, null)
      let total = 0
      // The slopes become the directions along which their norms' derivative is taken.
      for (let row = 0; row < slopes.length; row += width) {
        let squares = 1e-12
        for (let i = row; i < row + width; i++) squares += slopes[i]! * slopes[i]!
        const norm = Math.sqrt(squares)
        total += (norm - 1) ** 2
        const factor = (2 * weight * (norm - 1)) / norm / batch
        for (let i = row; i < row + width; i++) slopes[i]! *= factor
      }
      net.backwardAlong(slopes.slice(), gradients)
      return (weight * total) / batch
    },
  }
  return net
}

function applyActivation({ value, slope }: ActivationFunction, layer: Layer): void {
  for (let j = 0; j < layer.z.length; j++) {
    const z = layer.z[j]!
    const y = value(z)
    layer.y[j] = y
    layer.slope[j] = slope(z, y)
  }
}

// The three products take four results at a time, so that what these share is read once; each sum keeps its order.

/** result = x Kᵀ (+ bias), by rows. */
function multiply(layer: Layer, weights: Float32Array, x: Float32Array, result: Float32Array, withBias: boolean): void {
  const { inputs, outputs, kernel, bias } = layer
  for (let row = 0, at = 0; at < result.length; row += inputs) {
    let o = 0
    for (; o + 4 <= outputs; o += 4, at += 4) {
      let [s0, s1, s2, s3] = [0, 0, 0, 0]
      if (withBias) {
        s0 = weights[bias + o]!
        s1 = weights[bias + o + 1]!
        s2 = weights[bias + o + 2]!
        s3 = weights[bias + o + 3]!
      }
      for (let i = 0, w = kernel + o * inputs; i < inputs; i++, w++) {
        const value = x[row + i]!
        s0 += weights[w]! * value
        s1 += weights[w + inputs]! * value
        s2 += weights[w + 2 * inputs]! * value
        s3 += weights[w + 3 * inputs]! * value
      }
      result[at] = s0
      result[at + 1] = s1
      result[at + 2] = s2
      result[at + 3] = s3
    }
    for (; o < outputs; o++) {
      let sum = withBias ? weights[bias + o]! : 0
      for (let i = 0, w = kernel + o * inputs; i < inputs; i++) sum += weights[w++]! * x[row + i]!
      result[at++] = sum
    }
  }
}

/** result = dz K, by rows. */
function multiplyTransposed(layer: Layer, weights: Float32Array, dz: Float32Array, result: Float32Array): void {
  const { inputs, outputs, kernel } = layer
  for (let row = 0, at = 0; at < result.length; row += outputs) {
    let i = 0
    for (; i + 4 <= inputs; i += 4, at += 4) {
      let [s0, s1, s2, s3] = [0, 0, 0, 0]
      for (let o = 0, w = kernel + i; o < outputs; o++, w += inputs) {
        const value = dz[row + o]!
        s0 += weights[w]! * value
        s1 += weights[w + 1]! * value
        s2 += weights[w + 2]! * value
        s3 += weights[w + 3]! * value
      }
      result[at] = s0
      result[at + 1] = s1
      result[at + 2] = s2
      result[at + 3] = s3
    }
    for (; i < inputs; i++) {
      let sum = 0
      for (let o = 0, w = kernel + i; o < outputs; o++, w += inputs) sum += weights[w]! * dz[row + o]!
      result[at++] = sum
    }
  }
}

/** gradients += dzᵀ x for the kernel and Σ dz for the bias. */
function accumulate(layer: Layer, dz: Float32Array, x: Float32Array, gradients: Float32Array, withBias: boolean): void {
  const { inputs, outputs, kernel, bias } = layer
  for (let o = 0; o < outputs; o++) {
    let i = 0
    for (; i + 4 <= inputs; i += 4) {
      let [s0, s1, s2, s3] = [0, 0, 0, 0]
      for (let at = o, from = i; at < dz.length; at += outputs, from += inputs) {
        const value = dz[at]!
        s0 += value * x[from]!
        s1 += value * x[from + 1]!
        s2 += value * x[from + 2]!
        s3 += value * x[from + 3]!
      }
      const w = kernel + o * inputs + i
      gradients[w]! += s0
      gradients[w + 1]! += s1
      gradients[w + 2]! += s2
      gradients[w + 3]! += s3
    }
    for (; i < inputs; i++) {
      let sum = 0
      for (let at = o, from = i; at < dz.length; at += outputs, from += inputs) sum += dz[at]! * x[from]!
      gradients[kernel + o * inputs + i]! += sum
    }
    if (!withBias) continue
    let sum = 0
    for (let at = o; at < dz.length; at += outputs) sum += dz[at]!
    gradients[bias + o]! += sum
  }
}
