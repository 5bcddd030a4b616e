import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { confusionMatrix, measureClassification } from '../../../src/ml/measures/classification.ts'

interface Recorded {
  name: string
  classes: number
  truth: number[]
  predicted: number[]
  confusion: number[][]
  accuracy: number
  precision: number[]
  recall: number[]
  fScore: number[]
  support: number[]
  macro: [precision: number, recall: number, fScore: number]
}

const file = new URL('../../fixtures/svm/measures.json', import.meta.url)
const cases = JSON.parse(readFileSync(file, 'utf8')) as Recorded[]

const expectClose = (found: number[], expected: number[]) => {
  expect(found).toHaveLength(expected.length)
  for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 12)
}

describe("measures are scikit-learn's", () => {
  test.each(cases)('$name', ({ truth, predicted, classes, ...expected }) => {
    const found = measureClassification(truth, predicted, classes)
    expect(found.confusion).toEqual(expected.confusion)
    expect(found.count).toBe(truth.length)
    expect(found.accuracy).toBe(expected.accuracy)
    for (const measure of ['precision', 'recall', 'fScore'] as const)
      expectClose(
        found.perClass.map((of) => of[measure]),
        expected[measure],
      )
    expect(found.perClass.map((of) => of.support)).toEqual(expected.support)
    expectClose([found.macro.precision, found.macro.recall, found.macro.fScore], expected.macro)
  })
})

test('typed arrays are measured like lists', () => {
  const { truth, predicted, classes } = cases[0]!
  expect(measureClassification(Uint8Array.from(truth), Int32Array.from(predicted), classes)).toEqual(
    measureClassification(truth, predicted, classes),
  )
})

test('what can not be measured is refused', () => {
  expect(() => confusionMatrix([0, 1], [0], 2)).toThrow('There are 1 predictions for 2 true classes.')
  expect(() => confusionMatrix([], [], 2)).toThrow('nothing to measure')
  expect(() => confusionMatrix([0, 2], [0, 1], 2)).toThrow('Item 1 has the class 2; there are classes 0 to 1.')
  expect(() => confusionMatrix([0, 1], [0, -1], 2)).toThrow('Item 1 has the class -1')
  expect(() => confusionMatrix([0, 1], [0, 0.5], 2)).toThrow('Item 1 has the class 0.5')
})
