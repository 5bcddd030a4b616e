/** One cell of a confusion matrix, or everything beside its diagonal. */
export type Choice = { actual: number; predicted: number } | 'wrong'

export const sameChoice = (a: Choice | null, b: Choice): boolean => JSON.stringify(a) === JSON.stringify(b)

/**
 * Places of the images that a choice stands for, in file order.
 * @param actual class of each image
 * @param predicted class that each image was taken for
 */
export function imagesOf(choice: Choice, actual: ArrayLike<number>, predicted: ArrayLike<number>): number[] {
  const found: number[] = []
  const count = Math.min(actual.length, predicted.length)
  for (let i = 0; i < count; i++) {
    const fits =
      choice === 'wrong' ? actual[i] !== predicted[i] : actual[i] === choice.actual && predicted[i] === choice.predicted
    if (fits) found.push(i)
  }
  return found
}

/** [actual][predicted] as shares of the actual class; a class without images has zeros. */
export function rowShares(confusion: readonly (readonly number[])[]): number[][] {
  return confusion.map((row) => {
    const all = row.reduce((sum, n) => sum + n, 0)
    return row.map((n) => (all ? n / all : 0))
  })
}

/** Images beside the diagonal. */
export const wrongCount = (confusion: readonly (readonly number[])[]): number =>
  confusion.reduce((sum, row, i) => sum + row.reduce((s, n, j) => s + (i === j ? 0 : n), 0), 0)

/** The most frequent mistakes, largest first. */
export function commonMistakes(
  confusion: readonly (readonly number[])[],
  most: number,
): { actual: number; predicted: number; count: number }[] {
  return confusion
    .flatMap((row, actual) => row.map((count, predicted) => ({ actual, predicted, count })))
    .filter(({ actual, predicted, count }) => actual !== predicted && count > 0)
    .sort((a, b) => b.count - a.count || a.actual - b.actual || a.predicted - b.predicted)
    .slice(0, most)
}

/** The cell that an arrow key leads to, or null for another key; stays within `n` × `n`. */
export function movedCell(
  key: string,
  { actual, predicted }: { actual: number; predicted: number },
  n: number,
): { actual: number; predicted: number } | null {
  const to = {
    ArrowLeft: [actual, predicted - 1],
    ArrowRight: [actual, predicted + 1],
    ArrowUp: [actual - 1, predicted],
    ArrowDown: [actual + 1, predicted],
    Home: [actual, 0],
    End: [actual, n - 1],
  }[key]
  if (!to) return null
  const within = (i: number) => Math.min(n - 1, Math.max(0, i))
  return { actual: within(to[0]!), predicted: within(to[1]!) }
}
