import { expect, test } from 'vitest'
import { DatasetError } from '../../../src/ml/datasets/errors.ts'
import { chooseLabelled } from '../../../src/ml/datasets/label-split.ts'

const ten = Array.from({ length: 10 }, (_, i) => String(i))
/** Ten classes in a jumbled order, none of the same size. */
const labels = Uint8Array.from({ length: 5000 }, (_, i) => Math.floor(10 * (((i * 2654435761) % 4096) / 4096) ** 1.2))

const countsOf = (chosen: Uint32Array, of = labels) => {
  const counts = ten.map(() => 0)
  for (const i of chosen) counts[of[i]!]!++
  return counts
}
const problem = (work: () => unknown) => {
  try {
    work()
  } catch (error) {
    if (error instanceof DatasetError && error.badInput) return `${error.message} ${error.hint ?? ''}`.trim()
    throw error
  }
  throw new Error('Nothing was thrown.')
}

test('each class gets the same number, and no image comes twice', () => {
  for (const budget of [10, 100, 600, 1000, 3000]) {
    const chosen = chooseLabelled(labels, ten, budget, 3)
    expect(new Set(chosen).size).toBe(budget)
    expect([...chosen].every((image, i) => i === 0 || image > chosen[i - 1]!)).toBe(true)
    expect(countsOf(chosen)).toEqual(ten.map(() => budget / 10))
  }
})

test('a budget that the classes do not divide gives one more to the first of a seeded order', () => {
  const counts = countsOf(chooseLabelled(labels, ten, 107, 0))
  expect(counts.toSorted()).toEqual([10, 10, 10, 11, 11, 11, 11, 11, 11, 11])
  expect(countsOf(chooseLabelled(labels, ten, 107, 0))).toEqual(counts)
  const who = Array.from({ length: 8 }, (_, seed) => countsOf(chooseLabelled(labels, ten, 11, seed)).join())
  expect(new Set(who).size).toBeGreaterThan(3)
})

test('the choice is a function of the label seed, the same in every version of Atelier', () => {
  const small = Uint8Array.from({ length: 40 }, (_, i) => i % 4)
  const four = ten.slice(0, 4)
  // Results are compared over months: these values may never change.
  expect([...chooseLabelled(small, four, 6, 0)]).toEqual([9, 11, 12, 19, 26, 29])
  expect([...chooseLabelled(small, four, 6, 1)]).toEqual([5, 13, 18, 24, 30, 39])
})

test('a smaller budget is part of a larger one, and more images leave the choice among the old ones as it was', () => {
  let smaller = new Set<number>()
  for (const budget of [10, 11, 57, 100, 600, 1000, 3000]) {
    const chosen = new Set(chooseLabelled(labels, ten, budget, 5))
    expect([...smaller].every((image) => chosen.has(image))).toBe(true)
    smaller = chosen
  }
  const all = chooseLabelled(labels, ten, 100, 5)
  const half = new Set(chooseLabelled(labels.subarray(0, 2500), ten, 100, 5))
  expect([...all].filter((image) => image < 2500).every((image) => half.has(image))).toBe(true)
})

test('seeds give unrelated sets', () => {
  const [a, b] = [chooseLabelled(labels, ten, 1000, 0), new Set(chooseLabelled(labels, ten, 1000, 1))]
  const common = a.filter((image) => b.has(image)).length
  // Expected: Σ 100² / n over classes of about 500 images, about 210.
  expect(common).toBeGreaterThan(130)
  expect(common).toBeLessThan(290)
})

test('a budget that can not be met is refused, with what can be done', () => {
  expect(problem(() => chooseLabelled(labels, ten, 9, 0))).toBe(
    '9 labels are too few for 10 classes: each class needs one. Choose at least 10 labels.',
  )
  expect(problem(() => chooseLabelled(labels, ten, 5001, 0))).toContain(
    'There are only 5,000 training images, fewer than the 5,001 labels asked for.',
  )
  for (const budget of [0, -10, 10.5, NaN])
    expect(problem(() => chooseLabelled(labels, ten, budget, 0))).toContain('is no number of labels')
  const least = Math.min(...countsOf(Uint32Array.from(labels.keys())))
  expect(problem(() => chooseLabelled(labels, ten, 4900, 0))).toContain(
    `Choose at most ${(10 * least).toLocaleString('en-US')} labels`,
  )
  expect(chooseLabelled(labels, ten, 10 * least, 0)).toHaveLength(10 * least)
})

test('a class without images and labels without a class are refused', () => {
  const withoutSeven = labels.filter((label) => label !== 7)
  expect(problem(() => chooseLabelled(withoutSeven, ten, 100, 0))).toContain('The class "7" has no training images')
  expect(problem(() => chooseLabelled(labels, ten.slice(0, 5), 100, 0))).toContain('but there are only 5 classes')
  expect(problem(() => chooseLabelled(new Uint8Array(20), ['all'], 10, 0))).toContain('at least two classes')
})
