/** Measures of one class, or their means over the classes. */
export interface ClassMeasures {
  /** Of the images that were called this class, the share that is. */
  precision: number
  /** Of this class's images, the share that was called so. */
  recall: number
  /** 2 · precision · recall / (precision + recall). */
  fScore: number
}

export interface ClassificationMeasures {
  count: number
  /** Share of all images that was called right. */
  accuracy: number
  /** Unweighted means over the classes that occur among the true or the predicted ones. */
  macro: ClassMeasures
  /** [classes]; `support` is the number of true images. */
  perClass: (ClassMeasures & { support: number })[]
  /** How many images of true class [row] were called [column]. */
  confusion: number[][]
}

/**
 * How many items of class t were predicted as p: confusion[t][p].
 *
 * @param truth classes 0 … classes − 1, as are `predicted`
 * @throws RangeError if the lengths differ, there are no items, or a class is out of range
 */
export function confusionMatrix(truth: ArrayLike<number>, predicted: ArrayLike<number>, classes: number): number[][] {
  if (truth.length !== predicted.length)
    throw new RangeError(`There are ${predicted.length} predictions for ${truth.length} true classes.`)
  if (truth.length === 0) throw new RangeError('There is nothing to measure: no item was predicted.')
  const confusion = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0))
  for (let i = 0; i < truth.length; i++) {
    const [row, column] = [truth[i]!, predicted[i]!]
    for (const label of [row, column])
      if (!Number.isInteger(label) || label < 0 || label >= classes)
        throw new RangeError(`Item ${i} has the class ${label}; there are classes 0 to ${classes - 1}.`)
    confusion[row]![column]!++
  }
  return confusion
}

/**
 * Accuracy, and precision, recall and F-score for each class and as unweighted means, by scikit-learn's definitions
 * (`precision_recall_fscore_support` with average None and 'macro') with `zero_division=0`: where a class was never predicted its precision
 * is 0, where it never occurs its recall is 0, and where both are 0 so is the F-score. Like scikit-learn's, the means leave
 * out classes that occur neither among the true nor among the predicted ones.
 *
 * Errors as `confusionMatrix`.
 */
export function measureClassification(
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes: number,
): ClassificationMeasures {
  const confusion = confusionMatrix(truth, predicted, classes)
  const supports = confusion.map((row) => total(row))
  const calls = confusion.map((_, label) => total(confusion.map((row) => row[label]!)))
  const perClass = confusion.map((row, label) => {
    const [right, support, called] = [row[label]!, supports[label]!, calls[label]!]
    return {
      precision: ratio(right, called),
      recall: ratio(right, support),
      // Of the counts, not of the two ratios: rounded once.
      fScore: ratio(2 * right, support + called),
      support,
    }
  })
  const occurring = perClass.filter((_, label) => supports[label]! + calls[label]! > 0)
  const mean = (of: keyof ClassMeasures) => total(occurring.map((measures) => measures[of])) / occurring.length
  return {
    count: truth.length,
    accuracy: total(confusion.map((row, label) => row[label]!)) / truth.length,
    macro: { precision: mean('precision'), recall: mean('recall'), fScore: mean('fScore') },
    perClass,
    confusion,
  }
}

const total = (values: number[]) => values.reduce((sum, value) => sum + value, 0)
const ratio = (part: number, whole: number) => (whole === 0 ? 0 : part / whole)
