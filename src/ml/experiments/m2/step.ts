import type * as Tfjs from '@tensorflow/tfjs'
import { createParameters } from '../../engine/adam.ts'
import { openFusedOps } from '../../engine/fused.ts'
import type { StoredState } from '../../engine/parameters.ts'
import { createRandom } from '../../engine/random.ts'
import { classify, encodeWithClass, generate, initialM2 } from '../../models/m2.ts'
import type { M2Shape } from '../../models/m2.ts'
import { m2Loss } from '../../models/m2-loss.ts'
import type { M2LossOptions } from '../../models/m2-loss.ts'

type Tensor1D = Tfjs.Tensor1D
type Tensor2D = Tfjs.Tensor2D

export interface M2StepParams extends M2Shape, M2LossOptions {
  seed: number
  beta1: number
  beta2: number
}

/** Labelled images first, then unlabelled ones. */
export interface M2Batch {
  /** Pixels in [0, 1], or the mean of each feature, [images, inputs]. */
  x: Tensor2D
  /** Of features that are drawn anew at each step, as the authors do, [images, inputs]: their log-variance. */
  logVariance?: Tensor2D
  /** Of the labelled images. */
  classes: Int32Array
}

export interface M2Metrics {
  /** J^α of equation 9, in nats per image. */
  loss: number
  labelledBound: number
  unlabelledBound: number
  /** −log q(y | x) of the labelled images, without α. */
  classification: number
  /** Fraction of the labelled images of the batch whose class q(y | x) gets right. */
  labelledAccuracy: number
}

export interface M2Trainer {
  /**
   * One step of Adam on the loss of a batch (`m2Loss`).
   *
   * @param step counts from 0
   * @param batch stays the caller's
   */
  step(step: number, batch: M2Batch, learningRate: number): M2Metrics
  /** q(y | x), [images, classes]. */
  classify(x: Tensor2D): Tensor2D
  /** The mean of q(z | x, y), [images, latent]; `classes` is int32, [images]. */
  encode(x: Tensor2D, classes: Tensor1D): Tensor2D
  /** The mean of p(x | y, z), [images, inputs]; `classes` is int32, [images]. */
  generate(classes: Tensor1D, z: Tensor2D): Tensor2D
  state(): StoredState
  /** @throws Error if the state is not that of the same networks */
  load(state: StoredState): void
  dispose(): void
}

/** Trains the class-conditional generative model of Kingma et al. 2014, model M2. */
export function createM2Trainer(tf: typeof Tfjs, params: M2StepParams): M2Trainer {
  const { seed, beta1, beta2, alpha, labelledShare } = params
  const ops = openFusedOps(tf)
  const random = createRandom(tf, seed)
  const parameters = createParameters(tf, initialM2(params, seed))

  /** Features as q(z₁ | x) of model M1 gives them: μ + σ ε. */
  function drawn(step: number, { x, logVariance }: M2Batch): Tensor2D {
    if (!logVariance) return x
    const noise = random.normal<Tfjs.Rank.R2>('feature noise', step, x.shape)
    return tf.add(x, tf.mul(tf.exp(tf.mul(logVariance, 0.5)), noise))
  }

  return {
    step(step, batch, learningRate) {
      const values = tf.tidy(() => {
        const weights = parameters.read()
        const x = drawn(step, batch)
        const noise = random.normal<Tfjs.Rank.R2>('latent noise', step, [x.shape[0], params.latent])
        const adam = parameters.begin({ learningRate, beta1, beta2 })
        const losses = m2Loss(tf, ops, params, weights, x, batch.classes, noise, params, (name, gradient) => {
          weights[name]!.dispose()
          adam.update(name, gradient)
          gradient.dispose()
        })
        adam.end()
        return tf.stack([losses.labelledBound, losses.unlabelledBound, losses.classification, losses.accuracy])
      })
      const [labelledBound, unlabelledBound, classification, labelledAccuracy] = values.dataSync() as unknown as [
        number,
        number,
        number,
        number,
      ]
      values.dispose()
      const bounds = labelledShare * labelledBound + (1 - labelledShare) * unlabelledBound
      const loss = bounds + alpha * classification
      return { loss, labelledBound, unlabelledBound, classification, labelledAccuracy }
    },
    classify: (x) => tf.tidy(() => classify(tf, ops, params, parameters.read(), x)),
    encode: (x, classes) => tf.tidy(() => encodeWithClass(tf, ops, params, parameters.read(), x, classes).mean),
    generate: (classes, z) => tf.tidy(() => generate(tf, ops, params, parameters.read(), classes, z)),
    state: () => parameters.state(),
    load: (state) => parameters.load(state),
    dispose: () => parameters.dispose(),
  }
}
