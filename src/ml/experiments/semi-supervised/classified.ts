import { artifactNames } from '../../../shared/results.ts'
import type { OpenedDataset } from '../../datasets/open-dataset.ts'
import { measureClassification } from '../../measures/classification.ts'
import type { RunContext } from '../../run/context.ts'

/** Leaves with a run how its classifier does on all test images, and which class it takes each for. */
export function reportClassification(
  run: RunContext,
  at: { step: number; epoch: number },
  data: OpenedDataset,
  truth: Uint8Array,
  predicted: ArrayLike<number>,
): void {
  const { count, accuracy, macro, perClass, confusion } = measureClassification(truth, predicted, data.classes.length)
  run.log.event({
    type: 'result',
    name: 'test',
    step: at.step,
    value: {
      type: 'classification',
      dataset: data.manifest.id,
      split: 'test',
      count,
      classes: data.classes,
      accuracy,
      ...macro,
      perClass,
      confusion,
    },
  })
  run.log.metrics(at.step, at.epoch, { accuracy, ...macro })
  run.artifact(
    at.step,
    {
      name: artifactNames.predictions,
      mediaType: 'application/octet-stream',
      description: 'One byte for each test image, in the order of the set: the class it was taken for',
    },
    Uint8Array.from(predicted),
  )
  run.log.info(`${(100 * accuracy).toFixed(2)} % of ${count} test images got their class.`)
}

/**
 * The likeliest class of each row of probabilities [rows, classes].
 *
 * @throws DivergedError if they are not finite
 */
export function likeliest(probabilities: Float32Array, classes: number): Uint8Array {
  return Uint8Array.from({ length: probabilities.length / classes }, (_, row) => {
    const of = probabilities.subarray(row * classes, (row + 1) * classes)
    const found = of.indexOf(Math.max(...of))
    if (found < 0) throw new DivergedError()
    return found
  })
}

/** The classifier can't be measured, because its training went astray. */
export class DivergedError extends Error {
  hint = 'Choose a smaller learning rate, or more training images.'
  constructor() {
    super('The classifier gives probabilities that are not finite: the training went astray.')
  }
}
