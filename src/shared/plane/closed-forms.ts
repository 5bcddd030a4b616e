/** A divergence of two distributions as a function of θ. */
export interface ClosedForm {
  value(theta: number): number
  /** Its derivative; null where it has none. */
  derivative(theta: number): number | null
}

const kl: ClosedForm = {
  value: (theta) => (theta === 0 ? 0 : Infinity),
  // Infinite on both sides of θ: ∞ − ∞ over the distance says nothing.
  derivative: () => null,
}

/**
 * P = {0} × U(0, 1) and Q = {θ} × U(0, 1) (Arjovsky et al. 2017, "Wasserstein GAN", example 1), in nats: for θ ≠ 0 the
 * supports are disjoint, so KL is infinite either way and JS log 2, while mass moves |θ| far.
 */
export const segmentForms = {
  klPQ: kl,
  klQP: kl,
  js: {
    value: (theta) => (theta === 0 ? 0 : Math.LN2),
    derivative: (theta) => (theta === 0 ? null : 0),
  },
  wasserstein: {
    value: Math.abs,
    derivative: (theta) => (theta === 0 ? null : Math.sign(theta)),
  },
} satisfies Record<string, ClosedForm>

export const divergenceNames = ['klPQ', 'klQP', 'js', 'wasserstein'] as const
export type DivergenceName = (typeof divergenceNames)[number]

/** KL(N(m₁, s₁² I) ‖ N(m₂, s₂² I)) in `dimensions` dimensions, by the distance of the means, in nats. */
export function gaussianKl(distance: number, s1: number, s2: number, dimensions = 2): number {
  const ratio = (s1 / s2) ** 2
  return (distance ** 2 / s2 ** 2 + dimensions * (ratio - 1 - Math.log(ratio))) / 2
}
