import { expect, it } from 'vitest'
import { gaussianKl, segmentForms } from '../../../src/shared/plane/closed-forms.ts'

it('gives the table of two segments', () => {
  const at = (theta: number) =>
    Object.fromEntries(Object.entries(segmentForms).map(([name, form]) => [name, form.value(theta)]))
  expect(at(0)).toEqual({ klPQ: 0, klQP: 0, js: 0, wasserstein: 0 })
  for (const theta of [-1, -0.01, 0.3])
    expect(at(theta)).toEqual({ klPQ: Infinity, klQP: Infinity, js: Math.LN2, wasserstein: Math.abs(theta) })
})

it('only Wasserstein has a slope, and it points to P', () => {
  expect(segmentForms.wasserstein.derivative(0.5)).toBe(1)
  expect(segmentForms.wasserstein.derivative(-0.5)).toBe(-1)
  expect(segmentForms.js.derivative(0.5)).toBe(0)
  expect(segmentForms.klPQ.derivative(0.5)).toBeNull()
  for (const form of Object.values(segmentForms)) expect(form.derivative(0)).toBeNull()
})

it('KL of round Gaussians: half the squared distance at equal spread', () => {
  expect(gaussianKl(2, 1, 1)).toBe(2)
  expect(gaussianKl(0, 1, 2)).toBeCloseTo(2 * (Math.log(2) + 1 / 8 - 1 / 2), 12)
})
