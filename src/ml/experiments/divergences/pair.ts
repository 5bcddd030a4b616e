import { segmentForms } from '../../../shared/plane/closed-forms.ts'
import type { DivergenceName } from '../../../shared/plane/closed-forms.ts'
import { thetaTransform } from '../../../shared/plane/geometry.ts'
import type { ThetaKind } from '../../../shared/plane/geometry.ts'
import { hash32 } from '../../datasets/shuffle.ts'
import type { PlaneSource } from '../../datasets/plane/source.ts'
import { transformed } from '../../datasets/plane/source.ts'
import { densityDivergences } from '../../measures/plane/densities.ts'
import { gridDivergences } from '../../measures/plane/histogram.ts'
import { neighbourJs, neighbourKl } from '../../measures/plane/neighbours.ts'
import { wasserstein } from '../../measures/plane/wasserstein.ts'
import { createCritic, createDiscriminator, usualJudge } from './judge.ts'
import type { JudgeOptions } from './judge.ts'

/** P, and Q before θ moves it. */
export interface Pair {
  p: PlaneSource
  q: PlaneSource
  theta: ThetaKind
  /** Both are the segment {0} × U(0, 1) and θ shifts: closed forms are known. */
  closed: boolean
}

/** Q at θ. @throws RangeError if θ is not within [−1, 1] */
export function movedQ({ q, theta: kind }: Pair, theta: number): PlaneSource {
  if (!(theta >= -1 && theta <= 1)) throw new RangeError(`θ is ${theta}; it must be a number from -1 to 1.`)
  return transformed(q, thetaTransform(kind, theta))
}

/**
 * `count` values of θ evenly from `low` to `high`, both included.
 * @throws RangeError unless the count is a whole number of at least 2 and −1 ≤ low < high ≤ 1
 */
export function thetaValues(low: number, high: number, count: number): number[] {
  if (!Number.isInteger(count) || count < 2)
    throw new RangeError(`There are to be ${count} values of θ; expected a whole number of at least 2.`)
  if (!(low >= -1 && low < high && high <= 1))
    throw new RangeError(`θ is to go from ${low} to ${high}; expected a range within -1 to 1.`)
  // Rounded, so that a value that is meant to be 0 is: there the divergences differ from all around.
  return Array.from({ length: count }, (_, i) => Number((low + ((high - low) * i) / (count - 1)).toFixed(12)) + 0)
}

export interface ExactDivergences {
  /** In nats; null where neither a closed form nor both densities are known. */
  klPQ: number | null
  klQP: number | null
  js: number | null
  /** Standard errors of the three; 0 for closed forms. */
  errors: Record<'klPQ' | 'klQP' | 'js', number>
  wasserstein: number
}

/** Points of each side for densities, and for the assignment. */
const densityPoints = 4000
const assignedPoints = 500

/**
 * The divergences at θ without training: closed forms for two segments; otherwise KL and JS from the densities by Monte
 * Carlo, and W₁ of 500 points a side by assignment. Where P and Q are the same source before θ moves it, the same points
 * stand for both, and W₁ is free of the noise between two samples: |θ| exactly for a shift, 0 at θ = 0.
 */
export function exactAt(pair: Pair, theta: number): ExactDivergences {
  const q = movedQ(pair, theta)
  if (pair.closed) {
    const value = (name: DivergenceName) => segmentForms[name].value(theta)
    const errors = { klPQ: 0, klQP: 0, js: 0 }
    return { klPQ: value('klPQ'), klQP: value('klQP'), js: value('js'), errors, wasserstein: value('wasserstein') }
  }
  const distance = wasserstein(pair.p.sample('exact', 0, assignedPoints), q.sample('exact', 0, assignedPoints)).distance
  const { logDensity: logP } = pair.p
  const { logDensity: logQ } = q
  if (!logP || !logQ)
    return { klPQ: null, klQP: null, js: null, errors: { klPQ: 0, klQP: 0, js: 0 }, wasserstein: distance }
  const samples = [pair.p, q].map((source) => source.sample('exact', 1, densityPoints))
  return { ...densityDivergences(samples[0]!, samples[1]!, logP, logQ), wasserstein: distance }
}

export interface SampleEstimates {
  histogram: Record<'klPQ' | 'klQP' | 'js', number>
  neighbours: Record<'klPQ' | 'klQP' | 'js', number>
  /** Exact, of two independent samples. */
  wasserstein: number
}

/** At most so many points of each side for neighbours, and for the assignment: both grow with more than their square. */
const neighbourPoints = 512
const matchedPoints = 256

/**
 * What estimates from samples say at θ: a histogram of all `samples` points a side, nearest neighbours of up to 512 and the
 * assignment of up to 256. Where the supports are disjoint both are finite for KL; the histogram says how many points
 * there were, and sees no distance but the width of its cells; the neighbours see the logarithm of the distance.
 * @param seedIndex tells repeats apart
 */
export function estimatesAt(pair: Pair, theta: number, seedIndex: number, samples = 4096): SampleEstimates {
  const p = pair.p.sample('estimate P', seedIndex, samples)
  const q = movedQ(pair, theta).sample('estimate Q', seedIndex, samples)
  const [someP, someQ] = [p.subarray(0, 2 * neighbourPoints), q.subarray(0, 2 * neighbourPoints)]
  return {
    histogram: gridDivergences(p, q),
    neighbours: {
      klPQ: neighbourKl(someP, someQ),
      klQP: neighbourKl(someQ, someP),
      js: neighbourJs(someP, someQ),
    },
    wasserstein: wasserstein(p.subarray(0, 2 * matchedPoints), q.subarray(0, 2 * matchedPoints)).distance,
  }
}

/** Points of each side that an estimate is taken from after training. */
const heldOut = 2048

/**
 * A discriminator or a critic trained at one θ from one seed, with points of both that it has not seen.
 * @param settings other than the usual; `seed` is the run's, which `seedIndex` makes one of its own of
 * @throws RangeError for zero steps, or θ outside [−1, 1]
 */
export function trainedJudge(
  pair: Pair,
  theta: number,
  seedIndex: number,
  steps: number,
  which: 'discriminator' | 'critic',
  settings: Partial<JudgeOptions> = {},
) {
  if (!Number.isInteger(steps) || steps < 1)
    throw new RangeError(`An estimate is to be trained for ${steps} steps; expected a whole number of at least 1.`)
  const q = movedQ(pair, theta)
  const example = new Float32Array(2 * 2 * 1024)
  example.set(pair.p.sample('example P', seedIndex, 1024))
  example.set(q.sample('example Q', seedIndex, 1024), 2 * 1024)
  const create = which === 'critic' ? createCritic : createDiscriminator
  const judge = create({ ...usualJudge, ...settings, seed: hash32(settings.seed ?? 0, 0, seedIndex) }, example)
  const batches = (source: PlaneSource, name: string) => (index: number, count: number) =>
    source.sample(`${name} ${seedIndex}`, index, count)
  judge.train(batches(pair.p, 'train P'), batches(q, 'train Q'), 0, steps)
  const p = pair.p.sample('held-out P', seedIndex, heldOut)
  return { judge, p, q: q.sample('held-out Q', seedIndex, heldOut) }
}
