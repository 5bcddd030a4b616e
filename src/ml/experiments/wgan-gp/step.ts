import type * as Tfjs from '@tensorflow/tfjs'
import { createParameters } from '../../engine/adam.ts'
import { openFusedOps } from '../../engine/fused.ts'
import { prefixed, unprefixed } from '../../engine/parameters.ts'
import { createRandom } from '../../engine/random.ts'
import {
  criticBackward,
  criticForward,
  criticWeightGradients,
  gradientPenalty,
  imageGradient,
  initialCritic,
} from '../../models/critic.ts'
import { generateSamples, generatorBackward, generatorForward, initialGenerator } from '../../models/generator.ts'
import type { ImageShape, NetworkShape } from '../../models/image-networks.ts'
import type { Weights } from '../../models/initial-weights.ts'
import type { ImageGanParams, ImageTrainer } from '../trainer.ts'

type Tensor1D = Tfjs.Tensor1D
type Tensor2D = Tfjs.Tensor2D
type Tensor4D = Tfjs.Tensor4D

export interface WganGpStepParams extends ImageGanParams {
  criticSteps: number
  penaltyWeight: number
}

/**
 * WGAN-GP (Gulrajani et al. 2017, algorithm 1): `criticSteps` updates of the critic, then one of the generator.
 *
 * Metrics: the critic's are means over the iteration's critic steps; `criticLoss` = E D(G(z)) − E D(x) + weight · penalty,
 * `wassersteinEstimate` = E D(x) − E D(G(z)), `gradientPenalty` without its weight, `gradientNorm` = E ‖∇D(x̂)‖,
 * `generatorLoss` = −E D(G(z)).
 */
export function createWganGpTrainer(tf: typeof Tfjs, params: WganGpStepParams, image: ImageShape): ImageTrainer {
  const { batch, latent, criticSteps, penaltyWeight, beta1, beta2, seed } = params
  const shape: NetworkShape = { image, width: params.width, latent, norm: false }
  const ops = openFusedOps(tf)
  const random = createRandom(tf, seed)
  const generator = createParameters(tf, initialGenerator(shape, seed))
  const critic = createParameters(tf, initialCritic(shape, seed))

  // ∂/∂scores of E D(G(z)) − E D(x), for a batch of generated images followed by real ones.
  const dBoth = tf.tidy(() =>
    tf.keep(tf.concat([tf.fill([batch, 1], 1 / batch), tf.fill([batch, 1], -1 / batch)]) as Tensor2D),
  )
  const dGenerated = tf.keep(tf.fill([batch, 1], -1 / batch)) as Tensor2D

  function criticStep(index: number, real: Tensor4D): Tensor1D {
    const weights = critic.read()
    const generatorWeights = generator.read()
    const z = random.normal<Tfjs.Rank.R2>('critic noise', index, [batch, latent])
    const fake = tf.tidy(() => generatorForward(tf, ops, shape, generatorWeights, {}, z).images)
    const mix = random.uniform<Tfjs.Rank.R4>('interpolation', index, [batch, 1, 1, 1])
    const between = tf.add(real, tf.mul(mix, tf.sub(fake, real))) as Tensor4D

    const scored = tf.tidy(() => {
      const trace = criticForward(tf, ops, shape, weights, tf.concat([fake, real]))
      const signals = criticBackward(ops, shape, weights, trace, dBoth)
      const estimate = ops.matMul(dBoth, trace.scores, true).asScalar()
      return { estimate, gradients: criticWeightGradients(tf, ops, weights, trace, signals) }
    })
    const penalised = tf.tidy(
      () => gradientPenalty(tf, ops, shape, weights, between, penaltyWeight) as unknown as Tfjs.TensorContainerObject,
    ) as unknown as ReturnType<typeof gradientPenalty>
    const gradients: Weights = { ...scored.gradients }
    for (const [name, gradient] of Object.entries(penalised.gradients))
      gradients[name] = ops.addAll([scored.gradients[name]!, gradient])

    tf.dispose([weights, generatorWeights])
    critic.apply(gradients, { learningRate: params.lrD, beta1, beta2 })
    return tf.stack([scored.estimate, penalised.penalty, penalised.gradientNorm]) as Tensor1D
  }

  function generatorStep(step: number): Tfjs.Scalar {
    const weights = generator.read()
    const criticWeights = critic.read()
    const z = random.normal<Tfjs.Rank.R2>('generator noise', step, [batch, latent])
    const generated = generatorForward(tf, ops, shape, weights, {}, z)
    const scored = criticForward(tf, ops, shape, criticWeights, generated.images)
    const signals = criticBackward(ops, shape, criticWeights, scored, dGenerated)
    const dImages = imageGradient(ops, criticWeights, scored, signals)
    const gradients = generatorBackward(tf, ops, shape, weights, generated, dImages)
    const loss = ops.matMul(dGenerated, scored.scores, true).asScalar()
    tf.dispose([weights, criticWeights])
    generator.apply(gradients, { learningRate: params.lrG, beta1, beta2 })
    return loss
  }

  return {
    step(step, nextBatch) {
      const losses = tf.tidy(() => {
        const rows: Tensor1D[] = []
        for (let k = 0; k < criticSteps; k++)
          rows.push(
            tf.tidy(() => {
              const real = nextBatch()
              const row = criticStep(step * criticSteps + k, real)
              real.dispose()
              return row
            }),
          )
        const generatorLoss = tf.tidy(() => generatorStep(step))
        return tf.concat([...rows, generatorLoss.as1D()])
      })
      const values = losses.dataSync()
      losses.dispose()
      const mean = (column: number) => {
        let sum = 0
        for (let k = 0; k < criticSteps; k++) sum += values[3 * k + column]!
        return sum / criticSteps
      }
      return {
        criticLoss: mean(0) + penaltyWeight * mean(1),
        wassersteinEstimate: -mean(0),
        gradientPenalty: mean(1),
        gradientNorm: mean(2),
        generatorLoss: values[3 * criticSteps]!,
      }
    },
    sample: (z) => tf.tidy(() => generateSamples(tf, ops, shape, generator.read(), {}, z)),
    state: () => ({ ...prefixed('generator', generator.state()), ...prefixed('critic', critic.state()) }),
    load(state) {
      generator.load(unprefixed('generator', state))
      critic.load(unprefixed('critic', state))
    },
    dispose() {
      generator.dispose()
      critic.dispose()
      tf.dispose([dBoth, dGenerated])
    },
  }
}
