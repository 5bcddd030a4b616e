import { permutation } from './shuffle.ts'

/** One part of an opened data set. */
export interface Split {
  count: number
  /** [count × height × width × channels], 0 to 255. */
  images: Uint8Array
  /** [count], or null when the set has no classes. */
  labels: Uint8Array | null
}

export interface Batches {
  /** Images in the split, in a batch, and batches in an epoch. What is left over at an epoch's end is dropped. */
  count: number
  batch: number
  perEpoch: number
  /** Numbers that one batch of images takes: batch × height × width × channels. */
  length: number
  /** Writes batch `index` (from 0) of `epoch` (from 0) as values in [−1, 1] into `out`, [length], and returns it. */
  read(epoch: number, index: number, out: Float32Array): Float32Array
  /** Writes the same batch's classes into `out`, [batch], and returns it. */
  readLabels(epoch: number, index: number, out: Uint8Array): Uint8Array
  /** Which images of the split the batch holds: a view that the next call with another epoch overwrites. */
  indices(epoch: number, index: number): Uint32Array
}

const normalised = Float32Array.from({ length: 256 }, (_, x) => x / 127.5 - 1)

/**
 * Batches in an order that is a function of (seed, epoch, index) alone: each epoch visits the images in its own
 * permutation (shuffle.ts). Reading allocates nothing but, once, the permutation.
 *
 * @throws RangeError if the batch is not a whole number from 1 to the number of images, or (in `read…`) if there is no
 *   such batch or `out` is of the wrong length, or the set has no labels.
 */
export function createBatches(split: Split, { batch, seed }: { batch: number; seed: number }): Batches {
  const { count, images, labels } = split
  if (!Number.isInteger(batch) || batch < 1 || batch > count) {
    throw new RangeError(`A batch of ${batch} can't be taken from ${count} images: choose 1 to ${count}.`)
  }
  const imageLength = images.length / count
  const perEpoch = Math.floor(count / batch)
  const order = new Uint32Array(count)
  let orderedEpoch: number | null = null

  const indices = (epoch: number, index: number): Uint32Array => {
    if (!Number.isInteger(epoch) || epoch < 0) throw new RangeError(`There is no epoch ${epoch}: they count from 0.`)
    if (!Number.isInteger(index) || index < 0 || index >= perEpoch) {
      throw new RangeError(`There is no batch ${index}: an epoch has ${perEpoch}, counted from 0.`)
    }
    if (orderedEpoch !== epoch) {
      permutation(seed, epoch, count, order)
      orderedEpoch = epoch
    }
    return order.subarray(index * batch, (index + 1) * batch)
  }
  const expectLength = (out: { length: number }, length: number) => {
    if (out.length !== length) throw new RangeError(`The batch needs an array of ${length}, not of ${out.length}.`)
  }

  return {
    count,
    batch,
    perEpoch,
    length: batch * imageLength,
    indices,
    read(epoch, index, out) {
      expectLength(out, batch * imageLength)
      const chosen = indices(epoch, index)
      let o = 0
      for (let b = 0; b < batch; b++) {
        const from = chosen[b]! * imageLength
        const to = from + imageLength
        for (let p = from; p < to; p++) out[o++] = normalised[images[p]!]!
      }
      return out
    },
    readLabels(epoch, index, out) {
      if (!labels) throw new RangeError('This data set has no labels.')
      expectLength(out, batch)
      const chosen = indices(epoch, index)
      for (let b = 0; b < batch; b++) out[b] = labels[chosen[b]!]!
      return out
    },
  }
}
