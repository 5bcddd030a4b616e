import type * as Tfjs from '@tensorflow/tfjs'
import { createParameters } from '../../engine/adam.ts'
import { openFusedOps } from '../../engine/fused.ts'
import { createRandom } from '../../engine/random.ts'
import { expectStored, prefixed, unprefixed } from '../../engine/parameters.ts'
import type { StoredState } from '../../engine/parameters.ts'
import {
  criticBackward,
  criticForward,
  criticWeightGradients,
  imageGradient,
  initialCritic,
} from '../../models/critic.ts'
import type { CriticTrace } from '../../models/critic.ts'
import {
  generateSamples,
  generatorBackward,
  generatorForward,
  initialGenerator,
  initialMovingAverages,
} from '../../models/generator.ts'
import type { GeneratorTrace } from '../../models/generator.ts'
import type { ImageShape, NetworkShape } from '../../models/image-networks.ts'
import type { Weights } from '../../models/initial-weights.ts'
import type { ImageGanParams, ImageTrainer } from '../trainer.ts'

type Tensor1D = Tfjs.Tensor1D
type Tensor2D = Tfjs.Tensor2D
type Tensor4D = Tfjs.Tensor4D

/**
 * DCGAN (Radford et al. 2015) with the non-saturating loss (Goodfellow et al. 2014, section 3): one update of the
 * discriminator, then one of the generator on the same noise.
 *
 * Real and generated images go through the discriminator as two batches, each normalised by its own statistics, as in
 * the paper's code. Samples are drawn with the generator's moving averages, so that an image depends on its own noise
 * alone, and a grid on no other grid.
 *
 * Metrics: `discriminatorLoss` = −E log D(x) − E log(1 − D(G(z))), `generatorLoss` = −E log D(G(z)), `dReal` = E D(x) and
 * `dFake` = E D(G(z)), both before the discriminator's update.
 */
export function createDcganTrainer(tf: typeof Tfjs, params: ImageGanParams, image: ImageShape): ImageTrainer {
  const { batch, latent, beta1, beta2, seed } = params
  const shape: NetworkShape = { image, width: params.width, latent, norm: true }
  const ops = openFusedOps(tf)
  const random = createRandom(tf, seed)
  const generator = createParameters(tf, initialGenerator(shape, seed))
  const discriminator = createParameters(tf, initialCritic(shape, seed))
  let moving = upload(initialMovingAverages(shape))
  const eachOfBatch = tf.keep(tf.fill([batch, 1], 1 / batch)) as Tensor2D

  function upload(averages: StoredState): Record<string, Tensor1D> {
    const tensor = ([name, { data }]: [string, StoredState[string]]) => [name, tf.keep(tf.tensor1d(data.slice()))]
    return Object.fromEntries(Object.entries(averages).map(tensor)) as Record<string, Tensor1D>
  }

  const meanOf = (x: Tensor2D) => ops.matMul(eachOfBatch, x, true).asScalar()

  /** E softplus(±logits) over the batch and its gradient: the cross-entropy of label 0 (+) or 1 (−). */
  function crossEntropy(logits: Tensor2D, label: 0 | 1): { loss: Tfjs.Scalar; dLogits: Tensor2D } {
    if (label === 0) return { loss: meanOf(ops.softplus(logits)), dLogits: ops.softplusGradient(eachOfBatch, logits) }
    const negative = tf.neg(logits)
    return { loss: meanOf(ops.softplus(negative)), dLogits: tf.neg(ops.softplusGradient(eachOfBatch, negative)) }
  }

  function classify(weights: Weights, images: Tensor4D, label: 0 | 1) {
    const trace = criticForward(tf, ops, shape, weights, images)
    return { trace, ...crossEntropy(trace.scores, label) }
  }

  /** @returns [loss, D(x), D(G(z))] */
  function discriminatorStep(real: Tensor4D, fake: Tensor4D): Tensor1D {
    const weights = discriminator.read()
    const onBatch = (images: Tensor4D, label: 0 | 1) =>
      tf.tidy(() => {
        const { trace, loss, dLogits } = classify(weights, images, label)
        const gradients = weightGradients(weights, trace, dLogits)
        return { gradients, loss, probability: meanOf(ops.sigmoid(trace.scores)) }
      })
    const onReal = onBatch(real, 1)
    const onFake = onBatch(fake, 0)
    const gradients: Weights = {}
    for (const name of discriminator.names)
      gradients[name] = ops.addAll([onReal.gradients[name]!, onFake.gradients[name]!])
    tf.dispose(weights)
    discriminator.apply(gradients, { learningRate: params.lrD, beta1, beta2 })
    return tf.stack([tf.add(onReal.loss, onFake.loss), onReal.probability, onFake.probability]) as Tensor1D
  }

  function weightGradients(weights: Weights, trace: CriticTrace, dLogits: Tensor2D): Weights {
    const signals = criticBackward(ops, shape, weights, trace, dLogits)
    return criticWeightGradients(tf, ops, weights, trace, signals)
  }

  /** @returns the loss; disposes the generator's weights */
  function generatorStep(weights: Weights, generated: GeneratorTrace): Tfjs.Scalar {
    const judge = discriminator.read()
    const { trace, loss, dLogits } = classify(judge, generated.images, 1)
    const signals = criticBackward(ops, shape, judge, trace, dLogits)
    const dImages = imageGradient(ops, judge, trace, signals)
    const gradients = generatorBackward(tf, ops, shape, weights, generated, dImages)
    tf.dispose([judge, weights])
    generator.apply(gradients, { learningRate: params.lrG, beta1, beta2 })
    return loss
  }

  return {
    step(step, nextBatch) {
      const losses = tf.tidy(() => {
        const weights = generator.read()
        const z = random.normal<Tfjs.Rank.R2>('generator noise', step, [batch, latent])
        const generated = generatorForward(tf, ops, shape, weights, moving, z)
        tf.dispose(moving)
        moving = generated.moving
        Object.values(moving).forEach((average) => tf.keep(average))

        const real = nextBatch()
        const ofDiscriminator = tf.tidy(() => discriminatorStep(real, generated.images))
        real.dispose()
        const generatorLoss = tf.tidy(() => generatorStep(weights, generated))
        return tf.concat([ofDiscriminator, generatorLoss.as1D()])
      })
      const [discriminatorLoss, dReal, dFake, generatorLoss] = losses.dataSync() as unknown as number[]
      losses.dispose()
      return {
        discriminatorLoss: discriminatorLoss!,
        generatorLoss: generatorLoss!,
        dReal: dReal!,
        dFake: dFake!,
      }
    },
    sample: (z) => tf.tidy(() => generateSamples(tf, ops, shape, generator.read(), moving, z)),
    state() {
      const averages: StoredState = {}
      for (const [name, average] of Object.entries(moving))
        averages[name] = { shape: average.shape, data: average.dataSync() as Float32Array }
      return {
        ...prefixed('generator', generator.state()),
        ...prefixed('discriminator', discriminator.state()),
        ...prefixed('moving', averages),
      }
    },
    load(state) {
      const averages = unprefixed('moving', state)
      expectStored(
        averages,
        Object.entries(moving).map(([name, { shape }]) => [name, shape]),
      )
      generator.load(unprefixed('generator', state))
      discriminator.load(unprefixed('discriminator', state))
      tf.dispose(moving)
      moving = upload(averages)
    },
    dispose() {
      generator.dispose()
      discriminator.dispose()
      tf.dispose([moving, eachOfBatch])
    },
  }
}
