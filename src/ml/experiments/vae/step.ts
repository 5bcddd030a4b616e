import type * as Tfjs from '@tensorflow/tfjs'
import { createParameters } from '../../engine/adam.ts'
import { openFusedOps } from '../../engine/fused.ts'
import type { StoredState } from '../../engine/parameters.ts'
import { createRandom } from '../../engine/random.ts'
import { decode, encode, initialVae, negativeElbo } from '../../models/vae.ts'
import type { VaeShape } from '../../models/vae.ts'

type Tensor2D = Tfjs.Tensor2D

export interface VaeStepParams extends VaeShape {
  seed: number
  learningRate: number
  beta1: number
  beta2: number
  /**
   * Steps over which the weight of the KL divergence in the gradient rises from 0 to 1 (Sønderby et al. 2016, section 3,
   * "warm-up"); default 0. Without it, latent dimensions are given up before the decoder has learnt to use them, and stay so.
   */
  warmUpSteps?: number
}

/** In nats per image: `loss` = `reconstruction` + `kl`, which is −ELBO. */
export interface VaeMetrics {
  loss: number
  reconstruction: number
  kl: number
}

export interface VaeTrainer {
  /**
   * One step of Adam on the negative evidence lower bound of a batch.
   *
   * @param step counts from 0
   * @param batch [batch, pixels] in [0, 1]; stays the caller's
   */
  step(step: number, batch: Tensor2D): VaeMetrics
  /**
   * The same bound without a step: estimated with one sample of z for each image.
   *
   * @param index tells apart batches that shall not share their random numbers
   */
  evaluate(index: number, batch: Tensor2D): Omit<VaeMetrics, 'loss'>
  /** The mean of q(z | x), [batch, latent]: the features of model M1. */
  features(batch: Tensor2D): Tensor2D
  /** What the encoder's last hidden layer gives, [batch, hidden units]. */
  hidden(batch: Tensor2D): Tensor2D
  /** The mean and the log-variance of q(z | x), side by side, [batch, 2 latent]. */
  posterior(batch: Tensor2D): Tensor2D
  /** The mean of p(x | z), [batch, pixels]. */
  reconstruct(z: Tensor2D): Tensor2D
  state(): StoredState
  /** @throws Error if the state is not that of the same network */
  load(state: StoredState): void
  dispose(): void
}

/** Trains the variational auto-encoder of Kingma et al. 2014, model M1. */
export function createVaeTrainer(tf: typeof Tfjs, params: VaeStepParams): VaeTrainer {
  const { seed, learningRate, beta1, beta2, warmUpSteps = 0 } = params
  const ops = openFusedOps(tf)
  const random = createRandom(tf, seed)
  const parameters = createParameters(tf, initialVae(params, seed))
  return {
    step(step, batch) {
      const losses = tf.tidy(() => {
        const weights = parameters.read()
        const noise = random.normal<Tfjs.Rank.R2>('latent noise', step, [batch.shape[0], params.latent])
        const adam = parameters.begin({ learningRate, beta1, beta2 })
        const update = (name: string, gradient: Tfjs.Tensor) => {
          weights[name]!.dispose()
          adam.update(name, gradient)
          gradient.dispose()
        }
        const klWeight = warmUpSteps > 0 ? Math.min(1, step / warmUpSteps) : 1
        const { reconstruction, kl } = negativeElbo(tf, ops, params, weights, batch, noise, update, klWeight)
        adam.end()
        return tf.stack([reconstruction, kl])
      })
      const [reconstruction, kl] = losses.dataSync() as unknown as [number, number]
      losses.dispose()
      return { loss: reconstruction + kl, reconstruction, kl }
    },
    evaluate(index, batch) {
      const losses = tf.tidy(() => {
        const noise = random.normal<Tfjs.Rank.R2>('evaluation noise', index, [batch.shape[0], params.latent])
        const { reconstruction, kl } = negativeElbo(tf, ops, params, parameters.read(), batch, noise, null)
        return tf.stack([reconstruction, kl])
      })
      const [reconstruction, kl] = losses.dataSync() as unknown as [number, number]
      losses.dispose()
      return { reconstruction, kl }
    },
    posterior: (batch) =>
      tf.tidy(() => {
        const { mean, logVariance } = encode(tf, ops, params, parameters.read(), batch)
        return tf.concat([mean, logVariance], 1) as Tensor2D
      }),
    features: (batch) => tf.tidy(() => encode(tf, ops, params, parameters.read(), batch).mean),
    hidden: (batch) => tf.tidy(() => encode(tf, ops, params, parameters.read(), batch).trace.inputs.at(-1)!),
    reconstruct: (z) => tf.tidy(() => decode(ops, params, parameters.read(), z)),
    state: () => parameters.state(),
    load: (state) => parameters.load(state),
    dispose: () => parameters.dispose(),
  }
}
