import { DatasetError, formatCount } from './errors.ts'
import { hash32 } from './shuffle.ts'

/** Streams of `hash32` that no epoch of `permutation` reaches. */
const imageStream = 0x6c61_6265
const classStream = 0x636c_6173

/**
 * Chooses which training images keep their labels: `budget` of them, balanced over the classes. The choice is a function of
 * the seed and each image's place in the set and nothing else: another training seed, a larger budget or more images never
 * reshuffle it. A smaller budget's images are part of a larger one's, for the same seed.
 *
 * Where the budget is no multiple of the number of classes, the first few of a seeded order of the classes get one image
 * more than the others.
 *
 * @param labels the class of each training image, 0 … classes − 1
 * @param classes the classes' names
 * @param seed a whole number
 * @returns the chosen images' places, ascending, [budget]
 * @throws DatasetError if the budget is no whole number, smaller than the number of classes or larger than the number of images;
 *   if a class has no images or fewer than its share; if a label is no class
 */
export function chooseLabelled(
  labels: Uint8Array,
  classes: readonly string[],
  budget: number,
  seed: number,
): Uint32Array {
  const count = classes.length
  const queues: { key: number; image: number }[][] = classes.map(() => [])
  for (const [image, label] of labels.entries()) {
    const queue = queues[label]
    if (!queue) throw wrong(`Image ${image} has the label ${label}, but there are only ${count} classes.`, null)
    queue.push({ key: hash32(seed, imageStream, image), image })
  }
  checkBudget(labels.length, classes, budget)
  const chosen: number[] = []
  for (const [place, label] of orderOfClasses(count, seed).entries()) {
    const share = Math.floor(budget / count) + (place < budget % count ? 1 : 0)
    const queue = queues[label]!
    if (queue.length < share) throw tooFew(classes[label]!, queue.length, share, queues, budget)
    queue.sort((a, b) => a.key - b.key || a.image - b.image)
    for (const { image } of queue.slice(0, share)) chosen.push(image)
  }
  return Uint32Array.from(chosen).sort()
}

/** The order in which classes get the images that are left over: a function of the seed. */
function orderOfClasses(count: number, seed: number): number[] {
  const keys = Array.from({ length: count }, (_, label) => hash32(seed, classStream, label))
  return Array.from(keys.keys()).sort((a, b) => keys[a]! - keys[b]! || a - b)
}

function checkBudget(images: number, classes: readonly string[], budget: number): void {
  const count = classes.length
  if (count < 2)
    throw wrong(
      `A classifier needs at least two classes; the data set has ${count}.`,
      'Choose a data set with classes.',
    )
  if (!Number.isInteger(budget) || budget < 1)
    throw wrong(`${budget} is no number of labels.`, `Choose a whole number from ${count} on.`)
  if (budget < count)
    throw wrong(
      `${budget} labels are too few for ${count} classes: each class needs one.`,
      `Choose at least ${count} labels.`,
    )
  if (budget > images)
    throw wrong(
      `There are only ${formatCount(images)} training images, fewer than the ${formatCount(budget)} labels asked for.`,
      `Choose at most ${formatCount(images)} labels, or use more training images.`,
    )
}

function tooFew(name: string, has: number, share: number, queues: unknown[][], budget: number): DatasetError {
  if (has === 0)
    return wrong(
      `The class "${name}" has no training images, so it can't be learned.`,
      'Use more training images, or a data set without that class.',
    )
  const least = Math.min(...queues.map((queue) => queue.length))
  return wrong(
    `The class "${name}" has ${formatCount(has)} training images; ${formatCount(budget)} balanced labels need ${formatCount(share)} of each class.`,
    least > 0 ? `Choose at most ${formatCount(least * queues.length)} labels, or use more training images.` : null,
  )
}

const wrong = (message: string, hint: string | null) => new DatasetError(message, { hint, badInput: true })
