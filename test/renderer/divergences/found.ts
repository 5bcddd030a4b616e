import { divergenceNames, segmentForms } from '../../../src/shared/plane/closed-forms.ts'
import { estimateNames, learnedNames } from '../../../src/shared/plane/divergences.ts'
import type { DivergencesFound } from '../../../src/shared/plane/divergences.ts'
import { toMetricValue } from '../../../src/shared/run.ts'

const record = <K extends string, T>(names: readonly K[], of: (name: K) => T) =>
  Object.fromEntries(names.map((name) => [name, of(name)])) as Record<K, T>

/** What a sweep over two segments finds: its critic 2 % above |θ|, its discriminator 0.001 below log 2. */
export function makeFound(theta = [-1, -0.5, 0, 0.5, 1], measured = theta.length): DivergencesFound {
  const at = theta.slice(0, measured)
  const spread = (of: (t: number) => number) => ({ mean: at.map((t) => toMetricValue(of(t))), sd: at.map(() => 0.01) })
  const values = {
    wasserstein: (t: number) => 1.02 * Math.abs(t),
    js: (t: number) => (t ? Math.LN2 - 0.001 : 0),
    klPQ: () => 11,
  }
  const slopes = { wasserstein: (t: number) => Math.sign(t), js: () => 0.0004, klPQ: () => 0.001 }
  return {
    type: 'divergences',
    theta,
    measured,
    seeds: 3,
    exact: record(divergenceNames, (name) => ({
      value: theta.map((t) => toMetricValue(segmentForms[name].value(t))),
      slope: theta.map((t) => segmentForms[name].derivative(t)),
    })),
    estimates: record(estimateNames, (name) => spread((t) => (name === 'samples.wasserstein' ? Math.abs(t) : 6))),
    learned: record(learnedNames, (name) => ({ value: spread(values[name]), slope: spread(slopes[name]) })),
    descents: [
      { source: 'exact', divergence: 'klPQ', theta: [0.8, 0.8], value: ['Infinity', 'Infinity'], slope: [null, null] },
      {
        source: 'learned',
        divergence: 'wasserstein',
        theta: [0.8, 0.3, 0.01],
        value: [0.8, 0.3, 0.01],
        slope: [1, 1, 1],
      },
    ],
  }
}
