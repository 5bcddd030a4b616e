import { experimentKinds } from './experiments/index.ts'
import type { MetricInfo } from './experiments/index.ts'
import type { Run } from './run.ts'

/**
 * The metrics that say at a glance how a run does, of those that have a value, in the order in which its kind lists them: the
 * losses; of a classifier, once it has seen the test images, its accuracy alone. None of a kind that is not known.
 */
export function headlineMetrics({ kind, metrics }: Pick<Run, 'kind' | 'metrics'>): MetricInfo[] {
  const known = (experimentKinds.get(kind)?.metrics ?? []).filter(({ name }) => metrics[name] !== undefined)
  const accuracy = known.filter(({ name }) => name === 'accuracy')
  return accuracy.length > 0 ? accuracy : known.filter(({ loss }) => loss)
}
