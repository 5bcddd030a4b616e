/** What the table can show of a classification; the metrics of these names are what every classifier logs at its end. */
export const measures = ['accuracy', 'precision', 'recall', 'fScore'] as const
export type Measure = (typeof measures)[number]

export const measureTitles: Record<Measure, string> = {
  accuracy: 'Accuracy',
  precision: 'Precision',
  recall: 'Recall',
  fScore: 'F-score',
}

/** A fraction as per cent with two decimals, as papers print it: 0.96671 → "96.67". */
export const percent = (fraction: number): string => (100 * fraction).toFixed(2)
