import type * as Tfjs from '@tensorflow/tfjs'
import type { FusedOps } from '../engine/fused-ops.ts'
import type { StoredState } from '../engine/parameters.ts'
import { glorotDeviation } from './initial-weights.ts'
import type { initialiser, Weights } from './initial-weights.ts'

type Tensor = Tfjs.Tensor
type Tensor1D = Tfjs.Tensor1D
type Tensor2D = Tfjs.Tensor2D

/**
 * Initial weights of a dense network: `{name}{i}/kernel` [in, out], Xavier-uniform, and `{name}{i}/bias`, zeros, for the
 * layers i = 1 … of the given sizes, the first of which is that of the input.
 */
export function initialDense(init: ReturnType<typeof initialiser>, name: string, sizes: number[]): StoredState {
  const weights: StoredState = {}
  for (let i = 1; i < sizes.length; i++) {
    const [inputs, outputs] = [sizes[i - 1]!, sizes[i]!]
    const kernel = `${name}${i}/kernel`
    weights[kernel] = init.uniform(kernel, [inputs, outputs], glorotDeviation(inputs, outputs))
    weights[`${name}${i}/bias`] = init.constant([outputs], 0)
  }
  return weights
}

/** What a dense network's forward pass leaves: inputs[i] enters layer i + 1, slopes[i] is softplus' of what layer i + 1 gave. */
export interface DenseTrace {
  inputs: Tensor2D[]
  slopes: Tensor2D[]
  /** Of the last layer, without its bias. */
  product: Tensor2D
}

export const kernelOf = (weights: Weights, name: string, layer: number) => weights[`${name}${layer}/kernel`] as Tensor2D
export const biasOf = (weights: Weights, name: string, layer: number) => weights[`${name}${layer}/bias`] as Tensor1D

/**
 * Softplus after all layers but the last.
 *
 * @param product of the input and the first layer's kernel, where the caller has computed it; it is disposed
 */
export function denseForward(
  ops: FusedOps,
  weights: Weights,
  name: string,
  layers: number,
  x: Tensor2D,
  product = ops.matMul(x, kernelOf(weights, name, 1)),
): DenseTrace {
  const trace: DenseTrace = { inputs: [x], slopes: [], product }
  for (let i = 1; i < layers; i++) {
    const { y, slope } = ops.biasSoftplus(trace.product, biasOf(weights, name, i))
    trace.product.dispose()
    trace.inputs.push(y)
    trace.slopes.push(slope)
    trace.product = ops.matMul(y, kernelOf(weights, name, i + 1))
  }
  return trace
}

/** Takes a weight's gradient, as soon as it is there and the weight no longer needed; it may dispose both. */
export type GradientSink = (name: string, gradient: Tensor) => void

/**
 * Gives the gradients of a network's layers to `emit`, last layer first.
 *
 * @param dOutput gradient of what the last layer gave, [rows, out]
 * @returns the gradient of its input
 */
export function denseBackward(
  ops: FusedOps,
  weights: Weights,
  name: string,
  trace: DenseTrace,
  dOutput: Tensor2D,
  emit: GradientSink,
): Tensor2D {
  const d = denseBackwardToFirst(ops, weights, name, trace, dOutput, emit)
  const dInput = ops.matMul(d, kernelOf(weights, name, 1), false, true)
  firstLayerBackward(ops, name, trace.inputs[0]!, d, emit)
  return dInput
}

/** Like `denseBackward` for all layers but the first; returns the gradient of what that one gave, before its softplus. */
export function denseBackwardToFirst(
  ops: FusedOps,
  weights: Weights,
  name: string,
  trace: DenseTrace,
  dOutput: Tensor2D,
  emit: GradientSink,
): Tensor2D {
  let d = dOutput
  for (let i = trace.inputs.length; i > 1; i--) {
    const dInput = ops.matMul(d, kernelOf(weights, name, i), false, true)
    emit(`${name}${i}/kernel`, ops.matMul(trace.inputs[i - 1]!, d, true))
    emit(`${name}${i}/bias`, ops.biasGradient(d))
    d = ops.mul(dInput, trace.slopes[i - 2]!)
    dInput.dispose()
  }
  return d
}

/** The gradients of the first layer, given that of what it gave. */
export function firstLayerBackward(ops: FusedOps, name: string, x: Tensor2D, d: Tensor2D, emit: GradientSink): void {
  emit(`${name}1/kernel`, ops.matMul(x, d, true))
  emit(`${name}1/bias`, ops.biasGradient(d))
}
