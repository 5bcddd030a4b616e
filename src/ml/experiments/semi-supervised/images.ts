import type * as Tfjs from '@tensorflow/tfjs'
import type { Split } from '../../datasets/batches.ts'
import { DatasetError } from '../../datasets/errors.ts'
import { openDataset } from '../../datasets/open-dataset.ts'
import type { OpenedDataset } from '../../datasets/open-dataset.ts'
import type { RunContext } from '../../run/context.ts'

type Tensor2D = Tfjs.Tensor2D

/** Tells the window what goes on before the first step, or beside the steps. */
export function preparing(run: RunContext, epochs: number): (message: string) => void {
  const step = run.resume?.step ?? 0
  const progress = { step, totalSteps: 0, epoch: 0, epochs, stepsPerSecond: null, etaSeconds: null }
  return (message) => run.log.progress({ ...progress, message })
}

/** Opens the data set of a run. */
export async function openImages(
  run: RunContext,
  { dataset, limit }: { dataset: string; limit: number },
  prepare: (message: string) => void,
): Promise<OpenedDataset> {
  prepare(`Opening ${dataset}`)
  return await openDataset(run.spec.cacheDirectory, dataset, { limit, onProgress: ({ message }) => prepare(message) })
}

/** The test images of a set whose classes are known. @throws DatasetError if it has no classes or no test images */
export function requireClasses(data: OpenedDataset): { train: Uint8Array; test: Split & { labels: Uint8Array } } {
  const { title } = data.manifest
  if (!data.train.labels)
    throw new DatasetError(`${title} has no classes, so there is nothing to classify.`, {
      hint: 'Choose a set with classes: an image folder has them when it holds one folder for each class.',
      badInput: true,
    })
  if (!data.test?.labels)
    throw new DatasetError(`${title} has no test images to measure a classifier on.`, {
      hint: 'Choose a set with test images: an image folder has them when it holds the folders train and test.',
      badInput: true,
    })
  return { train: data.train.labels, test: { ...data.test, labels: data.test.labels } }
}

const scaled = Float32Array.from({ length: 256 }, (_, byte) => byte / 255)

/** Images as rows of pixels in [0, 1]: those at the given places, [places, pixels]. */
export function pixelsAt(tf: typeof Tfjs, { images, count }: Split, places: ArrayLike<number>): Tensor2D {
  const pixels = images.length / count
  const rows = new Float32Array(places.length * pixels)
  for (let row = 0, o = 0; row < places.length; row++) {
    const from = places[row]! * pixels
    for (let p = from; p < from + pixels; p++) rows[o++] = scaled[images[p]!]!
  }
  return tf.tensor2d(rows, [places.length, pixels])
}

const chunk = 1000

/**
 * Applies a network to all images of a split, a thousand at a time.
 *
 * @param f takes pixels [rows, pixels] and gives `width` numbers a row; its tensors are tidied
 * @returns [images, width]
 */
export function overAll(
  tf: typeof Tfjs,
  split: Split,
  width: number,
  f: (pixels: Tensor2D, first: number) => Tfjs.Tensor,
): Float32Array {
  const all = new Float32Array(split.count * width)
  for (let first = 0; first < split.count; first += chunk) {
    const places = Array.from({ length: Math.min(chunk, split.count - first) }, (_, i) => first + i)
    const values = tf.tidy(() => f(pixelsAt(tf, split, places), first))
    all.set(values.dataSync() as Float32Array, first * width)
    values.dispose()
  }
  return all
}

/** The same for rows of features [rows, features]. */
export function overRows(
  tf: typeof Tfjs,
  rows: Float32Array,
  features: number,
  width: number,
  f: (x: Tensor2D) => Tfjs.Tensor,
): Float32Array {
  const count = rows.length / features
  const all = new Float32Array(count * width)
  for (let first = 0; first < count; first += chunk) {
    const n = Math.min(chunk, count - first)
    const values = tf.tidy(() => f(tf.tensor2d(rows.slice(first * features, (first + n) * features), [n, features])))
    all.set(values.dataSync() as Float32Array, first * width)
    values.dispose()
  }
  return all
}

/** Rows of pixels in [0, 1] as images in [−1, 1], which sample grids are made of. */
export const asImages = (tf: typeof Tfjs, rows: Tensor2D, { height, width, channels }: OpenedDataset) =>
  tf.tidy(() => tf.reshape(tf.sub(tf.mul(rows, 2), 1), [rows.shape[0], height, width, channels]) as Tfjs.Tensor4D)
