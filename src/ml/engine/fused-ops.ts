import type * as Tfjs from '@tensorflow/tfjs'

type Tensor = Tfjs.Tensor
type Tensor1D = Tfjs.Tensor1D
type Tensor2D = Tfjs.Tensor2D
type Tensor4D = Tfjs.Tensor4D
export type Shape4D = [number, number, number, number]

export interface BatchNormResult {
  y: Tensor4D
  /** What `batchNormGradient` needs besides x: opaque, to be disposed with y. */
  saved: Tensor[]
  /** The moving averages after this batch. */
  movingMean: Tensor1D
  movingVariance: Tensor1D
}

export interface BatchNormParameters {
  scale: Tensor1D
  offset: Tensor1D
  movingMean: Tensor1D
  movingVariance: Tensor1D
}

/**
 * The operations of a training step, forward and backward, each one call to the engine. Everything is float32; images
 * are [batch, height, width, channels], filters [height, width, in, out]. Results belong to the enclosing tidy; nothing
 * is recorded for differentiation: models write out their backward pass with these.
 */
export interface FusedOps {
  conv(x: Tensor4D, filter: Tensor4D, stride: number): Tensor4D
  /** The adjoint of `conv` in x: its gradient, and the transposed convolution of a generator. */
  convInputGradient(inputShape: Shape4D, filter: Tensor4D, dy: Tensor4D, stride: number): Tensor4D
  convFilterGradient(x: Tensor4D, filterShape: Shape4D, dy: Tensor4D, stride: number): Tensor4D
  matMul(a: Tensor2D, b: Tensor2D, transposeA?: boolean, transposeB?: boolean): Tensor2D
  /** Adds to the last axis. */
  addBias<T extends Tensor>(x: T, bias: Tensor1D): T
  /** Sums over all but the last axis. */
  biasGradient(dy: Tensor): Tensor1D
  relu<T extends Tensor>(x: T): T
  /** The gradients of relu and leakyRelu take the activation's input or its output: only the sign counts. */
  reluGradient<T extends Tensor>(dy: T, y: T): T
  leakyRelu<T extends Tensor>(x: T, slope: number): T
  leakyReluGradient<T extends Tensor>(dy: T, y: T, slope: number): T
  tanh<T extends Tensor>(x: T): T
  tanhGradient<T extends Tensor>(dy: T, y: T): T
  softplus<T extends Tensor>(x: T): T
  softplusGradient<T extends Tensor>(dy: T, x: T): T
  sigmoid<T extends Tensor>(x: T): T
  /** softplus(x + bias) and its slope, the logistic function of x + bias, for x [rows, n] and bias [n]. */
  biasSoftplus(x: Tensor2D, bias: Tensor1D): { y: Tensor2D; slope: Tensor2D }
  /**
   * The Bernoulli likelihood of targets in [0, 1] under logits = product + bias: `loss` = −scale · Σ log p(targets), and its
   * gradient with respect to the logits.
   *
   * @param product [rows, n]
   * @param targets [rows, n]
   */
  bernoulli(
    product: Tensor2D,
    bias: Tensor1D,
    targets: Tensor2D,
    scale: Tfjs.Scalar,
  ): { loss: Tfjs.Scalar; gradient: Tensor2D }
  /** Element-wise on tensors of one shape; the second may be a scalar. */
  add<T extends Tensor>(a: T, b: Tensor): T
  sub<T extends Tensor>(a: T, b: Tensor): T
  mul<T extends Tensor>(a: T, b: Tensor): T
  /** Sum of tensors of one shape. */
  addAll<T extends Tensor>(tensors: T[]): T
  /**
   * Batch normalisation over all but the last axis (Ioffe and Szegedy 2015, algorithm 1), with the biased variance of
   * the batch; the moving averages take a tenth of the batch's mean and unbiased variance, as PyTorch's do.
   */
  batchNorm(x: Tensor4D, parameters: BatchNormParameters): BatchNormResult
  batchNormGradient(
    dy: Tensor4D,
    x: Tensor4D,
    scale: Tensor1D,
    saved: Tensor[],
  ): { dx: Tensor4D; dScale: Tensor1D; dOffset: Tensor1D }
}

export const batchNormEpsilon = 1e-5
export const batchNormMomentum = 0.1
