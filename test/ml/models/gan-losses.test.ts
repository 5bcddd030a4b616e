import { describe, expect, it } from 'vitest'
import { ganLosses } from '../../../src/ml/models/gan-losses.ts'
import type { GanLoss } from '../../../src/ml/models/gan-losses.ts'

const probability = (s: number) => 1 / (1 + Math.exp(-s))

describe.each(Object.entries(ganLosses) as [string, GanLoss][])('the %s loss', (_, loss) => {
  it.each(['real', 'fake', 'generator'] as const)('has the slope of its value for %s', (part) => {
    for (const s of [-30, -3.3, -0.7, 0.2, 1.6, 30]) {
      const { value, slope } = loss[part]
      const h = 1e-4
      expect(slope(s)).toBeCloseTo((value(s + h) - value(s - h)) / (2 * h), 6)
    }
  })

  it('falls where the discriminator is right, and for the generator where it is fooled', () => {
    expect(loss.real.value(0.9)).toBeLessThan(loss.real.value(0.1))
    expect(loss.fake.value(0.1)).toBeLessThan(loss.fake.value(0.9))
    expect(loss.generator.value(0.9)).toBeLessThan(loss.generator.value(0.1))
  })
})

it('the log losses are those of the probability, and stay finite', () => {
  const { nonSaturating, saturating } = ganLosses
  expect(nonSaturating.real.value(0.4)).toBeCloseTo(-Math.log(probability(0.4)), 10)
  expect(nonSaturating.fake.value(0.4)).toBeCloseTo(-Math.log(1 - probability(0.4)), 10)
  expect(nonSaturating.generator.value(0.4)).toBeCloseTo(-Math.log(probability(0.4)), 10)
  expect(saturating.generator.value(0.4)).toBeCloseTo(Math.log(1 - probability(0.4)), 10)
  expect(nonSaturating.real.value(-1000)).toBe(1000)
  // The saturating loss gives a generator that is found out nearly no gradient, the other a full one.
  expect(saturating.generator.slope(-10)).toBeCloseTo(0, 3)
  expect(nonSaturating.generator.slope(-10)).toBeCloseTo(-1, 3)
})
