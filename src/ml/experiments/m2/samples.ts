import type * as Tfjs from '@tensorflow/tfjs'
import type { OpenedDataset } from '../../datasets/open-dataset.ts'
import { createRandom } from '../../engine/random.ts'
import type { RunContext } from '../../run/context.ts'
import { gridPng } from '../../run/images.ts'
import { asImages, pixelsAt } from '../semi-supervised/images.ts'
import type { M2Trainer } from './step.ts'
import type { M2Inputs } from './inputs.ts'

type Tensor1D = Tfjs.Tensor1D
type Tensor2D = Tfjs.Tensor2D

const rows = 8

/**
 * The pictures of a class-conditional model, with a column a class: `samples`, each row one z of the prior; and
 * `analogies`, each row the z of a test image, which stands before the others (Kingma et al. 2014, figure 1).
 */
export function createM2Samples(
  run: RunContext,
  trainer: M2Trainer,
  { seed, latent }: { seed: number; latent: number },
  data: OpenedDataset,
  inputs: M2Inputs,
) {
  const { tf } = run.engine
  const classes = data.classes.length
  const prior = tf.keep(createRandom(tf, seed).normal<Tfjs.Rank.R2>('sample noise', 0, [rows, latent]))
  const count = Math.min(rows, data.test!.count)
  const originals = tf.keep(pixelsAt(tf, data.test!, [...Array(count).keys()]))
  const encoded = tf.keep(inputs.firstOfTest(count))

  /** Every z with every class, [z × classes, pixels]. */
  const asEveryClass = (z: Tensor2D): Tensor2D => {
    const each = Array.from({ length: z.shape[0] * classes }, (_, i) => i)
    const repeated = tf.gather(
      z,
      tf.tensor1d(
        each.map((i) => Math.floor(i / classes)),
        'int32',
      ),
    )
    const y = tf.tensor1d(
      each.map((i) => i % classes),
      'int32',
    )
    return inputs.pixels(trainer.generate(y, repeated))
  }
  const log = (name: string, step: number, epoch: number, columns: number, draw: () => Tensor2D) => {
    const images = tf.tidy(() => asImages(tf, draw(), data))
    const { png, ...grid } = gridPng(images, columns)
    images.dispose()
    run.log.sample({ name, step, epoch, ...grid }, png)
  }
  return {
    draw(step: number, epoch: number): void {
      log('samples', step, epoch, classes, () => asEveryClass(prior))
      log('analogies', step, epoch, classes + 1, () => {
        const likely = tf.argMax(trainer.classify(encoded), 1) as Tensor1D
        const drawn = asEveryClass(trainer.encode(encoded, likely))
        const [, pixels] = drawn.shape
        const beside = [tf.reshape(originals, [count, 1, pixels]), tf.reshape(drawn, [count, classes, pixels])]
        return tf.reshape(tf.concat(beside, 1), [-1, pixels])
      })
    },
    dispose: () => tf.dispose([prior, originals, encoded]),
  }
}
