import type * as Tfjs from '@tensorflow/tfjs'
import type { FusedOps } from '../engine/fused-ops.ts'
import { biasOf, denseBackwardToFirst, firstLayerBackward, kernelOf } from './dense.ts'
import type { GradientSink } from './dense.ts'
import type { Weights } from './initial-weights.ts'
import { bernoulliRows, gaussianRows } from './likelihoods.ts'
import { classifierForward, conditionalForward, gaussianOf, rowsOf } from './m2.ts'
import type { M2Shape } from './m2.ts'

type Tensor1D = Tfjs.Tensor1D
type Tensor2D = Tfjs.Tensor2D

/** How the parts of the loss are weighted; see `m2Loss`. */
export interface M2LossOptions {
  /** α of equation 9. */
  alpha: number
  /** Labelled images among all training images, as a fraction. */
  labelledShare: number
  /**
   * Classes with a smaller q(y | x) are left out of the sum over the classes of an unlabelled image, as if q had no
   * other classes than those that are kept (which still gives a bound); 0 keeps all.
   */
  neglect: number
}

/** Scalars: mean L(x, y) and −log q(y | x) of the labelled images, their fraction that q(y | x) gets right, mean U(x). */
export interface M2Loss {
  labelledBound: Tfjs.Scalar
  unlabelledBound: Tfjs.Scalar
  classification: Tfjs.Scalar
  accuracy: Tfjs.Scalar
}

/**
 * The loss of a batch per image and its gradient (Kingma et al. 2014, equations 6 to 9, with a uniform p(y)):
 *
 *   share · mean L(x, y) + (1 − share) · mean U(x) + α · mean −log q(y | x)
 *   L(x, y) = −E log p(x | y, z) − log p(y) + KL(q(z | x, y) ‖ N(0, I))
 *   U(x) = Σ_y q(y | x) (L(x, y) + log q(y | x))
 *
 * which is J^α over the number of images, α being as in the authors' program, where equation 9's is 0.1 N. The sum over
 * the classes is computed, not sampled; the classes of an image share one ε.
 *
 * @param x labelled images first, then unlabelled ones, [images, inputs]
 * @param classes of the labelled images
 * @param noise ε ~ N(0, I), [images, latent]
 * @param emit takes the gradient of each weight
 */
export function m2Loss(
  tf: typeof Tfjs,
  ops: FusedOps,
  shape: M2Shape,
  weights: Weights,
  x: Tensor2D,
  classes: Int32Array,
  noise: Tensor2D,
  options: M2LossOptions,
  emit: GradientSink,
): M2Loss {
  const [images] = x.shape
  const labelled = classes.length
  const unlabelled = images - labelled
  const { alpha, labelledShare, neglect } = options
  const last = shape.hidden.length + 1

  const classified = classifierForward(tf, ops, shape, weights, x)
  const logQLabelled = tf.slice(classified.logQ, [0, 0], [labelled, shape.classes])
  const posterior = truncate(tf, tf.slice(classified.logits, [labelled, 0], [unlabelled, shape.classes]), neglect)
  const rows = pair(tf, classes, unlabelled, shape.classes, posterior.kept)
  const perLabelled = labelledShare / labelled
  const perUnlabelled = (1 - labelledShare) / unlabelled
  const keptQ = rowsOf(tf, tf.reshape(posterior.q, [-1]) as Tensor1D, rows.kept)
  const weight = tf.reshape(
    tf.concat([tf.fill([labelled], perLabelled), tf.mul(keptQ, perUnlabelled)]),
    [-1, 1],
  ) as Tensor2D

  // Forward: each row is an image with one class.
  const xProduct = ops.matMul(x, kernelOf(weights, 'encoder', 1))
  const encoded = conditionalForward(
    tf,
    ops,
    shape,
    weights,
    'encoder',
    rowsOf(tf, xProduct, rows.image),
    x,
    rows.class,
  )
  const { mean, logVariance } = gaussianOf(tf, ops, shape, weights, encoded.product)
  const half = tf.scalar(0.5)
  const one = tf.scalar(1)
  const deviation = tf.exp(ops.mul(logVariance, half))
  const variance = ops.mul(deviation, deviation)
  const deviated = ops.mul(deviation, rowsOf(tf, noise, rows.image))
  const z = ops.add(mean, deviated)
  const zProduct = ops.matMul(z, kernelOf(weights, 'decoder', 1))
  const decoded = conditionalForward(tf, ops, shape, weights, 'decoder', zProduct, z, rows.class)
  const likelihoodOf = shape.likelihood === 'gaussian' ? gaussianRows : bernoulliRows
  const targets = rowsOf(tf, x, rows.image)
  const likelihood = likelihoodOf(tf, ops, decoded.product, biasOf(weights, 'decoder', last), targets, weight)
  targets.dispose()
  const divergence = tf.sum(ops.sub(ops.add(variance, ops.mul(mean, mean)), ops.add(logVariance, one)), 1, true)
  const bound = ops.add(
    ops.add(likelihood.loss, ops.mul(divergence as Tensor2D, half)),
    tf.scalar(Math.log(shape.classes)),
  )

  // Backward through p(x | y, z) and q(z | x, y).
  const oneHot = oneHotOf(tf, rows.class, shape.classes)
  const dDecoded = denseBackwardToFirst(ops, weights, 'decoder', decoded, likelihood.gradient, emit)
  const dz = ops.matMul(dDecoded, kernelOf(weights, 'decoder', 1), false, true)
  firstLayerBackward(ops, 'decoder', z, dDecoded, emit)
  emit('decoder1/class', ops.matMul(oneHot, dDecoded, true))
  dDecoded.dispose()
  const dMean = ops.add(dz, ops.mul(mean, weight))
  const ofVariance = ops.mul(ops.sub(variance, one), weight)
  const dLogVariance = ops.mul(ops.add(ops.mul(dz, deviated), ofVariance), half)
  const dEncoded = tf.concat([dMean, dLogVariance], 1) as Tensor2D
  const dRows = denseBackwardToFirst(ops, weights, 'encoder', encoded, dEncoded, emit)
  emit('encoder1/class', ops.matMul(oneHot, dRows, true))
  firstLayerBackward(ops, 'encoder', x, tf.unsortedSegmentSum(dRows, rows.image, images), emit)
  dRows.dispose()

  // Backward through q(y | x), where dU/dlogits = q (L + log q − U).
  const labelledClasses = oneHotOf(tf, tf.tensor1d(classes, 'int32'), shape.classes)
  const unlabelledBounds = tf.reshape(
    tf.scatterND(tf.reshape(rows.kept, [-1, 1]), tf.slice(tf.reshape(bound, [-1]), [labelled], [-1]), [
      unlabelled * shape.classes,
    ]),
    [unlabelled, shape.classes],
  ) as Tensor2D
  const inner = ops.add(unlabelledBounds, posterior.logQ)
  const unlabelledBound = tf.sum(ops.mul(posterior.q, inner), 1, true) as Tensor2D
  const dUnlabelled = ops.mul(ops.mul(posterior.q, ops.sub(inner, unlabelledBound)), tf.scalar(perUnlabelled))
  const dLabelled = ops.mul(ops.sub(tf.exp(logQLabelled), labelledClasses), tf.scalar(alpha / labelled))
  const dLogits = tf.concat([dLabelled, dUnlabelled]) as Tensor2D
  const dClassified = denseBackwardToFirst(ops, weights, 'classifier', classified.trace, dLogits, emit)
  firstLayerBackward(ops, 'classifier', x, dClassified, emit)

  const right = tf.equal(tf.argMax(logQLabelled, 1), tf.tensor1d(classes, 'int32'))
  return {
    labelledBound: tf.mean(tf.slice(bound, [0, 0], [labelled, 1])),
    unlabelledBound: tf.mean(unlabelledBound),
    classification: tf.mul(tf.sum(ops.mul(logQLabelled, labelledClasses)), -1 / labelled),
    accuracy: tf.mean(tf.cast(right, 'float32')),
  }
}

/** q(y | x) of unlabelled images, [images, classes], without the classes that are neglected: 0 there. */
function truncate(tf: typeof Tfjs, logits: Tensor2D, neglect: number) {
  const logQ = tf.logSoftmax(logits) as Tensor2D
  if (neglect === 0) return { q: tf.exp(logQ) as Tensor2D, logQ, kept: null }
  // The likeliest class is kept even if `neglect` is above 1 / classes.
  const highest = tf.max(logQ, 1, true)
  const keep = tf.greaterEqual(logQ, tf.minimum(highest, Math.log(neglect)))
  const truncated = tf.logSoftmax(tf.where(keep, logits, tf.fill(logits.shape, -1e30))) as Tensor2D
  return { q: tf.exp(truncated) as Tensor2D, logQ: truncated, kept: keep.dataSync() as Uint8Array }
}

/**
 * The pairs of an image and a class that the loss is about, as int32 tensors [rows]: each labelled image with its own
 * class, then each unlabelled one with all that are kept; `kept` says where the latter stand in [unlabelled × classes].
 */
function pair(tf: typeof Tfjs, classes: Int32Array, unlabelled: number, count: number, kept: Uint8Array | null) {
  const ints = (values: number[]) => tf.tensor1d(values, 'int32')
  const all = Array.from({ length: unlabelled * count }, (_, at) => at)
  const at = kept ? all.filter((at) => kept[at]) : all
  return {
    image: ints([...classes.keys(), ...at.map((at) => classes.length + Math.floor(at / count))]),
    class: ints([...classes, ...at.map((at) => at % count)]),
    kept: ints(at),
  }
}

/** In float32 by a cast: the wasm engine's own kernel writes whole numbers whatever it is asked for. */
const oneHotOf = (tf: typeof Tfjs, classes: Tensor1D, count: number) =>
  tf.cast(tf.oneHot(classes, count), 'float32') as Tensor2D
