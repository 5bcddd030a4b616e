import type { Points } from '../../../shared/plane/geometry.ts'
import type { PlaneSource } from '../../datasets/plane/source.ts'
import { seedWords, streamNumber } from '../../engine/philox.ts'
import { normals, uniforms } from '../../engine/random.ts'
import { gridDivergences } from '../../measures/plane/histogram.ts'
import { modeCoverage } from '../../measures/plane/modes.ts'
import { slicedWasserstein, wasserstein } from '../../measures/plane/wasserstein.ts'
import { drawIndex } from './params.ts'
import type { PlaneGanTrainer } from './step.ts'

/** Points of each side that are counted on the grid; linear in cost. */
const gridPoints = 4096
/** Points of each side that are sorted along directions. */
const slicedPoints = 512
/** Points of each side that are assigned. */
const exactPoints = 500

/** Real points for step `step`: another batch at each call, each a function of the source's seed, the step and the call. */
export function realBatches(source: PlaneSource, batch: number, step: number): () => Points {
  let call = 0
  return () => source.sample('real', drawIndex(step, call++), batch)
}

/** Real points P and generated points Q of their own draws, as many of both. */
function samples(trainer: PlaneGanTrainer, source: PlaneSource, step: number, count: number): [p: Points, q: Points] {
  const { noise, seed, latent } = trainer.params
  const words = seedWords(seed, streamNumber('measures noise'), step)
  const z = (noise === 'normal' ? normals : uniforms)(words, count * latent)
  return [source.sample('measures', step, count), trainer.generate(z)]
}

/**
 * How far the generated distribution Q is from the real one P after `step` steps, by measures cheap enough to be taken often
 * (about 4 ms): `klPQ`, `klQP`, `js` (nats; 4096 points a side on a grid of 24 × 24), `sliced` (512 points), and, if the
 * modes are known, `modes` and `good`; and what the discriminator itself says:
 *   `estimate` of the log losses is the lower bound on JS, log 2 − L_D / 2 without penalty (Goodfellow et al. 2014, theorem 1),
 *   of the Wasserstein losses E_P[f] − E_Q[f] (Arjovsky et al. 2017, equation 2); the other losses have none.
 */
export function cheapMeasures(trainer: PlaneGanTrainer, source: PlaneSource, step: number): Record<string, number> {
  const [p, q] = samples(trainer, source, step, gridPoints)
  const [someP, someQ] = [p.subarray(0, 2 * slicedPoints), q.subarray(0, 2 * slicedPoints)]
  const values: Record<string, number> = {
    ...gridDivergences(p, q),
    sliced: slicedWasserstein(someP, someQ, trainer.params.seed).distance,
  }
  if (source.modes) {
    const { covered, good } = modeCoverage(q, source.modes)
    values['modes'] = covered
    values['good'] = good
  }
  const estimate = ownEstimate(trainer, someP, someQ)
  if (estimate !== null) values['estimate'] = estimate
  return values
}

/** The exact 1-Wasserstein distance of 500 points a side (about 30 ms); not finite points make it NaN. */
export function exactMeasure(trainer: PlaneGanTrainer, source: PlaneSource, step: number): number {
  const [p, q] = samples(trainer, source, step, exactPoints)
  return q.every(Number.isFinite) ? wasserstein(p, q).distance : NaN
}

function ownEstimate(trainer: PlaneGanTrainer, p: Points, q: Points): number | null {
  const mean = (values: Float32Array) => values.reduce((a, b) => a + b, 0) / values.length
  const { loss } = trainer.params
  const [onP, onQ] = [trainer.score(p), trainer.score(q)]
  if (loss === 'wganGp' || loss === 'wganClip') return mean(onP) - mean(onQ)
  if (loss !== 'nonSaturating' && loss !== 'saturating') return null
  const softplus = (s: number) => Math.max(s, 0) + Math.log1p(Math.exp(-Math.abs(s)))
  return Math.LN2 - (mean(onP.map((s) => softplus(-s))) + mean(onQ.map(softplus))) / 2
}
