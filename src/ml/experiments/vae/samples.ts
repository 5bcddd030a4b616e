import type * as Tfjs from '@tensorflow/tfjs'
import type { OpenedDataset } from '../../datasets/open-dataset.ts'
import { createRandom } from '../../engine/random.ts'
import type { RunContext } from '../../run/context.ts'
import { gridPng } from '../../run/images.ts'
import { asImages, pixelsAt } from '../semi-supervised/images.ts'
import type { VaeTrainer } from './step.ts'

type Tensor2D = Tfjs.Tensor2D

const side = 8
const manifoldSide = 16

/**
 * The pictures of a variational auto-encoder, the same noise and images at every epoch: `samples` from the prior;
 * `reconstructions`, each test image with what the decoder makes of the mean of its q(z | x) to its right; and for two
 * latent dimensions the `manifold`, decoded at the quantiles of the prior (Kingma and Welling 2014, figure 4).
 */
export function createVaeSamples(
  run: RunContext,
  trainer: VaeTrainer,
  { seed, latent }: { seed: number; latent: number },
  data: OpenedDataset,
) {
  const { tf } = run.engine
  const prior = tf.keep(createRandom(tf, seed).normal<Tfjs.Rank.R2>('sample noise', 0, [side * side, latent]))
  const shown = data.test ?? data.train
  const originals = tf.keep(pixelsAt(tf, shown, [...Array(Math.min(shown.count, (side * side) / 2)).keys()]))
  const plane = latent === 2 ? tf.keep(quantiles(tf)) : null

  const log = (name: string, step: number, epoch: number, columns: number, rows: () => Tensor2D) => {
    const images = tf.tidy(() => asImages(tf, rows(), data))
    const { png, ...grid } = gridPng(images, columns)
    images.dispose()
    run.log.sample({ name, step, epoch, ...grid }, png)
  }
  return {
    draw(step: number, epoch: number): void {
      log('samples', step, epoch, side, () => trainer.reconstruct(prior))
      // Pairs fill whole rows only if there are enough images.
      const columns = originals.shape[0] === (side * side) / 2 ? side : 2
      log('reconstructions', step, epoch, columns, () => {
        const reconstructed = trainer.reconstruct(trainer.features(originals))
        return tf.reshape(tf.stack([originals, reconstructed], 1), [-1, originals.shape[1]])
      })
      if (plane) log('manifold', step, epoch, manifoldSide, () => trainer.reconstruct(plane))
    },
    dispose: () => tf.dispose([prior, originals, ...(plane ? [plane] : [])]),
  }
}

/** Points of the plane at equal steps of the normal distribution's probability, row by row from the top left. */
function quantiles(tf: typeof Tfjs): Tensor2D {
  const at = Array.from({ length: manifoldSide }, (_, i) => normalQuantile((i + 0.5) / manifoldSide))
  return tf.tensor2d(at.toReversed().flatMap((y) => at.map((x) => [x, y])))
}

/** The inverse of the standard normal distribution's function, by bisection of its integral; exact to 1e-6. */
function normalQuantile(p: number): number {
  let [low, high] = [-6, 6]
  while (high - low > 1e-6) {
    const middle = (low + high) / 2
    if (normalDistribution(middle) < p) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** ½ erfc(−x / √2) by its Taylor series around 0 (Abramowitz and Stegun 1964, 26.2.11), which serves within ±6. */
function normalDistribution(x: number): number {
  let [term, sum] = [x, x]
  for (let n = 1; n < 200 && Math.abs(term) > 1e-16; n++) {
    term *= (x * x) / (2 * n + 1)
    sum += term
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI)
}
