import { divergenceNames } from '../../../shared/plane/closed-forms.ts'
import { descend } from '../../../shared/plane/descent.ts'
import type { Slope } from '../../../shared/plane/descent.ts'
import { learnedNames } from '../../../shared/plane/divergences.ts'
import type { DivergencesParams } from '../../../shared/experiments/divergences.ts'
import { exactSlope } from './descent.ts'
import { descentKinds } from './findings.ts'
import type { Findings } from './findings.ts'
import { learnedAt, learnedSlope } from './learned.ts'
import { estimatesAt, exactAt } from './pair.ts'
import type { Pair } from './pair.ts'

/** What is being done, for a person. */
export interface Work {
  message: string
}

/** A network that has diverged pulls nowhere. */
const finiteSlope = (at: Slope): Slope => (at.slope === null || Number.isFinite(at.slope) ? at : { ...at, slope: null })

const fixed = (theta: number) => theta.toFixed(2).replace('-', '−')

/**
 * Does what `findings` lack, a piece at a time: says what comes next, does it, and so on. A piece takes from nothing to a
 * few seconds, and is a function of its place alone, so that it does not matter how often this was begun anew.
 */
export function* work(pair: Pair, params: DivergencesParams, findings: Findings): Generator<Work> {
  const { steps, samples, batch, seed, descentFrom, descentRate } = params
  const { thetas, seeds, descentSteps } = findings.shape
  const settings = { batch, seed }

  // The exact curves first: they take next to nothing, and everything else is read against them.
  const slopes = divergenceNames.map((name) => exactSlope(pair, name))
  for (let i = findings.exact.length; i < thetas.length; i++) {
    const theta = thetas[i]!
    yield { message: `Exact divergences at θ = ${fixed(theta)}` }
    const exact = exactAt(pair, theta)
    findings.exact.push(divergenceNames.flatMap((name, n) => [exact[name] ?? NaN, slopes[n]!(theta).slope ?? NaN]))
  }

  for (let k = findings.seeds.length; k < thetas.length * seeds; k++) {
    const [theta, index] = [thetas[Math.floor(k / seeds)]!, k % seeds]
    yield { message: `θ = ${fixed(theta)}, seed ${index + 1} of ${seeds}` }
    const { histogram, neighbours, wasserstein } = estimatesAt(pair, theta, index, samples)
    const learned = learnedAt(pair, theta, index, steps, settings)
    findings.seeds.push([
      histogram.klPQ,
      histogram.klQP,
      histogram.js,
      neighbours.klPQ,
      neighbours.klQP,
      neighbours.js,
      wasserstein,
      ...learnedNames.flatMap((name) => [learned[name].value, learned[name].slope ?? NaN]),
    ])
  }

  if (!descentSteps) return
  for (const [i, { source, divergence }] of descentKinds.entries()) {
    const path = findings.descents[i]!
    const slopeAt =
      source === 'exact' ? exactSlope(pair, divergence) : learnedSlope(pair, divergence, steps, 0, settings)
    // What is recorded is not computed again: a step is a function of where the last one led.
    const recordedOr = (theta: number, step: number): Slope => path[step] ?? finiteSlope(slopeAt(theta, step))
    const points = descend({ start: descentFrom, steps: descentSteps, rate: descentRate }, recordedOr)
    for (let step = 0; step <= descentSteps; step++) {
      if (step >= path.length)
        yield { message: `A point that learns: ${source} ${divergence}, step ${step} of ${descentSteps}` }
      const { value: point, done } = points.next()
      if (!done && step >= path.length) path.push(point)
    }
  }
}
