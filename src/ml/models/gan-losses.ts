/** A loss of one score and its derivative. */
export interface ScoreLoss {
  value(score: number): number
  slope(score: number): number
}

/** What the discriminator pays for its score of a real and of a generated point, and the generator for the latter. */
export interface GanLoss {
  real: ScoreLoss
  fake: ScoreLoss
  generator: ScoreLoss
}

const logistic = (s: number) => 1 / (1 + Math.exp(-s))
const softplus = (s: number) => Math.max(s, 0) + Math.log1p(Math.exp(-Math.abs(s)))

/** −log D and −log(1 − D) of the logit s, D = logistic(s). */
const labelledReal: ScoreLoss = { value: (s) => softplus(-s), slope: (s) => -logistic(-s) }
const labelledFake: ScoreLoss = { value: softplus, slope: logistic }
const falling: ScoreLoss = { value: (s) => -s, slope: () => -1 }
const rising: ScoreLoss = { value: (s) => s, slope: () => 1 }
const towards = (target: number): ScoreLoss => ({ value: (s) => (s - target) ** 2 / 2, slope: (s) => s - target })
/** max(0, 1 + sign · s) */
const hinge = (sign: 1 | -1): ScoreLoss => ({
  value: (s) => Math.max(0, 1 + sign * s),
  slope: (s) => (1 + sign * s > 0 ? sign : 0),
})
const wasserstein: GanLoss = { real: falling, fake: rising, generator: falling }

/**
 * Losses by name. Goodfellow et al. 2014 (section 3: non-saturating, and equation 1: saturating), Mao et al. 2017 (least
 * squares, with labels 0 and 1), Gulrajani et al. 2017 and Arjovsky et al. 2017 (Wasserstein with gradient penalty or
 * clipped weights), Lim and Ye 2017 (hinge).
 */
export const ganLosses = {
  nonSaturating: { real: labelledReal, fake: labelledFake, generator: labelledReal },
  saturating: {
    real: labelledReal,
    fake: labelledFake,
    generator: { value: (s) => -softplus(s), slope: (s) => -logistic(s) },
  },
  leastSquares: { real: towards(1), fake: towards(0), generator: towards(1) },
  wganGp: wasserstein,
  wganClip: wasserstein,
  hinge: { real: hinge(-1), fake: hinge(1), generator: falling },
} satisfies Record<string, GanLoss>

export type GanLossName = keyof typeof ganLosses
