import { expect, it } from 'vitest'
import { Pace } from '../../../src/ml/run/pace.ts'

it('tells the rate of the last ten seconds and the time left', () => {
  const pace = new Pace()
  expect(pace.stepsPerSecond()).toBeNull()
  pace.add(100, 0)
  expect(pace.stepsPerSecond()).toBeNull()
  pace.add(110, 1000)
  expect(pace.stepsPerSecond()).toBe(10)
  expect(pace.etaSeconds(160)).toBe(5)
  for (let s = 2; s <= 30; s++) pace.add(110 + 2 * (s - 1), s * 1000) // slower since
  expect(pace.stepsPerSecond()).toBeCloseTo(2, 5)
})
