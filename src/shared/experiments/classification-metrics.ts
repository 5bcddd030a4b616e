import type { MetricInfo } from './kind.ts'

/** Metrics that every classifier logs once at its end, on all test images; the results table is made of them. */
export const classificationMetrics: MetricInfo[] = [
  { name: 'accuracy', title: 'Accuracy', description: 'Fraction of the test images that got their class' },
  { name: 'precision', title: 'Precision', description: 'True among those taken for a class, mean over the classes' },
  { name: 'recall', title: 'Recall', description: 'Found among those of a class, mean over the classes' },
  { name: 'fScore', title: 'F-score', description: 'Harmonic mean of precision and recall, mean over the classes' },
]
