import { describe, expect, test } from 'vitest'
import { cellColours, luminance } from '../../../src/renderer/components/classification/cell-colours.ts'
import {
  commonMistakes,
  imagesOf,
  movedCell,
  rowShares,
  wrongCount,
} from '../../../src/renderer/components/classification/confusion.ts'
import { classificationOf, percent } from '../../../src/renderer/components/classification/measures.ts'
import type { Result } from '../../../src/shared/results.ts'

const actual = Uint8Array.of(0, 1, 2, 1, 0, 1)
const predicted = Uint8Array.of(0, 2, 2, 2, 1, 1)
const confusion = [
  [1, 1, 0],
  [0, 1, 2],
  [0, 0, 1],
]

describe('the images behind a confusion matrix', () => {
  test('of a cell are those of its class that were taken for the other, in file order', () => {
    expect(imagesOf({ actual: 1, predicted: 2 }, actual, predicted)).toEqual([1, 3])
    expect(imagesOf({ actual: 0, predicted: 2 }, actual, predicted)).toEqual([])
  })
  test('add up to the matrix, cell by cell', () => {
    for (const [i, row] of confusion.entries())
      for (const [j, count] of row.entries())
        expect(imagesOf({ actual: i, predicted: j }, actual, predicted)).toHaveLength(count)
  })
  test('that are misclassified are as many as lie beside the diagonal', () => {
    expect(imagesOf('wrong', actual, predicted)).toEqual([1, 3, 4])
    expect(wrongCount(confusion)).toBe(3)
  })
})

test('shares are of the row, and a class without images has none', () => {
  expect(rowShares(confusion)[1]).toEqual([0, 1 / 3, 2 / 3])
  expect(rowShares([[0, 0], [0, 4]])[0]).toEqual([0, 0]) // prettier-ignore
})

test('the most frequent mistakes come first, and only mistakes', () => {
  expect(commonMistakes(confusion, 5)).toEqual([
    { actual: 1, predicted: 2, count: 2 },
    { actual: 0, predicted: 1, count: 1 },
  ])
  expect(commonMistakes(confusion, 1)).toHaveLength(1)
})

test('arrow keys walk from cell to cell and stay inside', () => {
  expect(movedCell('ArrowDown', { actual: 0, predicted: 1 }, 3)).toEqual({ actual: 1, predicted: 1 })
  expect(movedCell('ArrowUp', { actual: 0, predicted: 1 }, 3)).toEqual({ actual: 0, predicted: 1 })
  expect(movedCell('End', { actual: 2, predicted: 0 }, 3)).toEqual({ actual: 2, predicted: 2 })
  expect(movedCell('a', { actual: 2, predicted: 0 }, 3)).toBeNull()
})

describe.each(['light', 'dark'] as const)('a cell on %s ground', (theme) => {
  const rgb = (css: string) => css.match(/\d+/g)!.map(Number)
  const contrast = (a: number, b: number) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
  const shares = [0, 0.001, 0.01, 0.05, 0.1, 0.3, 0.5, 0.8, 1]
  test('has a number that can be read at every share', () => {
    for (const diagonal of [true, false])
      for (const share of shares) {
        const { background, ink } = cellColours(share, diagonal, theme)
        expect(contrast(luminance(rgb(background)), ink === '#000000' ? 0 : 1)).toBeGreaterThan(4.5)
      }
  })
  test('stands out more the larger its share, a percent already from none', () => {
    for (const diagonal of [true, false]) {
      const ground = luminance(rgb(cellColours(0, diagonal, theme).background))
      const away = shares.map((share) =>
        contrast(luminance(rgb(cellColours(share, diagonal, theme).background)), ground),
      )
      expect(away).toEqual([...away].sort((a, b) => a - b))
      expect(away[2]!).toBeGreaterThan(1.08)
    }
  })
})

test('percentages never round a miss away', () => {
  expect(percent(0.97421)).toBe('97.42 %')
  expect(percent(1)).toBe('100.00 %')
  expect(percent(0.99999)).toBe('99.99 %')
  expect(percent(0.00001)).toBe('< 0.01 %')
  expect(percent(0)).toBe('0.00 %')
})

test('a run’s measures are its result of that name', () => {
  const value = (accuracy: number): Result['value'] => ({
    type: 'classification',
    dataset: 'mnist',
    split: 'test',
    count: 1,
    classes: ['a'],
    accuracy,
    precision: 1,
    recall: 1,
    fScore: 1,
    perClass: [],
    confusion: [[1]],
  })
  const results = [
    { name: 'classification', step: 1, time: 0, value: value(0.5) },
    { name: 'other', step: 2, time: 0, value: value(0.6) },
  ]
  expect(classificationOf(results)?.accuracy).toBe(0.5)
  expect(classificationOf(results.slice(1))?.accuracy).toBe(0.6)
  expect(classificationOf([])).toBeNull()
})
