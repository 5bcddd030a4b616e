import type * as Tfjs from '@tensorflow/tfjs'
import type { FusedOps } from '../engine/fused-ops.ts'

type Tensor1D = Tfjs.Tensor1D
type Tensor2D = Tfjs.Tensor2D

/** −log p of each row of targets, [rows, 1], and the gradient of weight · loss with respect to the network's output. */
export interface RowLikelihood {
  loss: Tensor2D
  gradient: Tensor2D
}

/** What a network gives for n numbers is n wide for 'bernoulli' (logits) and 2n for 'gaussian' (means, log-variances). */
export type LikelihoodName = 'bernoulli' | 'gaussian'
export const likelihoodWidth = (name: LikelihoodName, n: number): number => (name === 'gaussian' ? 2 * n : n)

/**
 * Row by row what `FusedOps.bernoulli` sums.
 *
 * @param product logits without their bias, [rows, n]
 * @param targets in [0, 1], [rows, n]
 * @param weight of each row, [rows, 1]
 */
export function bernoulliRows(
  tf: typeof Tfjs,
  ops: FusedOps,
  product: Tensor2D,
  bias: Tensor1D,
  targets: Tensor2D,
  weight: Tensor2D,
): RowLikelihood {
  return tf.tidy(() => {
    const { y, slope } = ops.biasSoftplus(product, bias)
    const logits = ops.addBias(product, bias)
    const loss = tf.sum(ops.sub(y, ops.mul(targets, logits)), 1, true) as Tensor2D
    return { loss, gradient: ops.mul(ops.sub(slope, targets), weight) } as unknown as Tfjs.TensorContainerObject
  }) as unknown as RowLikelihood
}

const logTwoPi = Math.log(2 * Math.PI)

/**
 * The normal distribution with a mean and a variance of its own for each number.
 *
 * @param product means and log-variances side by side, without their bias, [rows, 2n]
 * @param targets [rows, n]
 * @param weight of each row, [rows, 1]
 */
export function gaussianRows(
  tf: typeof Tfjs,
  ops: FusedOps,
  product: Tensor2D,
  bias: Tensor1D,
  targets: Tensor2D,
  weight: Tensor2D,
): RowLikelihood {
  return tf.tidy(() => {
    const [rows, n] = targets.shape
    const output = ops.addBias(product, bias)
    const mean = tf.slice(output, [0, 0], [rows, n])
    const logVariance = tf.slice(output, [0, n], [rows, n])
    const error = ops.sub(mean, targets)
    const scaled = ops.mul(error, tf.exp(tf.neg(logVariance))) as Tensor2D
    const square = ops.mul(error, scaled)
    const half = tf.scalar(0.5)
    const twice = ops.add(tf.sum(ops.add(square, logVariance), 1, true) as Tensor2D, tf.scalar(n * logTwoPi))
    const loss = ops.mul(twice, half)
    const dLogVariance = ops.mul(ops.sub(tf.scalar(1) as Tfjs.Tensor, square) as Tensor2D, half)
    const gradient = ops.mul(tf.concat([scaled, dLogVariance], 1) as Tensor2D, weight)
    return { loss, gradient } as unknown as Tfjs.TensorContainerObject
  }) as unknown as RowLikelihood
}
