import type { Run } from '../run.ts'
import { measures } from './measures.ts'
import type { Measure } from './measures.ts'
import { methodOf } from './methods.ts'

/** A run's final figure as a fraction, or null while it has none. */
export function figureOf(run: Run, measure: Measure): number | null {
  const value = run.status === 'done' ? Number(run.metrics[measure] ?? Number.NaN) : Number.NaN
  return Number.isFinite(value) ? value : null
}

/**
 * The runs whose figures go into the means: each training once.
 *
 * A spec that was run twice (a restart) gives the same figures again; the newest done run stands for it. A run in mode
 * `load` only measures a model that some run has trained. It counts where that training is not in the library (an
 * exported file of somebody else), and is left out where it would count a training twice: where a training run of the
 * same method, budget and seeds is there, or any run of the data set with exactly its four figures, whatever parameters
 * the loading run was given for the labels and seeds that it does not use.
 */
export function countedRuns(runs: readonly Run[], measure: Measure): ReadonlySet<Run> {
  const counted = new Map<string, Run>()
  const figures = new Set<string>()
  const done = runs.filter((run) => figureOf(run, measure) !== null)
  const newestFirst = done.toSorted((a, b) => endOf(b) - endOf(a) || (a.id < b.id ? 1 : -1))
  for (const run of newestFirst.filter((run) => run.params.mode !== 'load')) {
    const key = specKey(run)
    if (!counted.has(key)) counted.set(key, run)
    figures.add(figuresKey(run))
  }
  for (const run of newestFirst.filter((run) => run.params.mode === 'load')) {
    const key = specKey(run)
    if (counted.has(key) || figures.has(figuresKey(run))) continue
    counted.set(key, run)
    figures.add(figuresKey(run))
  }
  return new Set(counted.values())
}

const endOf = (run: Run) => run.endedAt ?? run.createdAt

const specKey = (run: Run) => {
  const { dataset, labels, labelSeed, seed } = run.params
  return JSON.stringify([methodOf(run).key, dataset, labels, labelSeed, seed])
}

const figuresKey = (run: Run) => JSON.stringify([run.params.dataset, ...measures.map((m) => run.metrics[m])])
