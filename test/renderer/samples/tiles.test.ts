import { describe, expect, test } from 'vitest'
import {
  cropOf,
  fittedScale,
  gridSides,
  naturalSize,
  neighbour,
  shownTiles,
} from '../../../src/renderer/components/samples/tiles.ts'
import { goodEpoch, withGoodEpoch } from '../../../src/renderer/components/samples/good-mark.ts'

const grid = { columns: 8, rows: 4, tileWidth: 28, tileHeight: 32 }

test('a tile is cut where it lies, row by row', () => {
  expect(cropOf(grid, 0)).toEqual({ x: 0, y: 0, width: 28, height: 32 })
  expect(cropOf(grid, 11)).toEqual({ x: 84, y: 32, width: 28, height: 32 })
})

test('fewer tiles are the corner of the grid, so that a tile keeps its number', () => {
  expect(shownTiles(grid, 2)).toEqual({ columns: 2, rows: 2, tiles: [0, 1, 8, 9] })
  expect(shownTiles(grid, 100).tiles).toHaveLength(32)
  expect(gridSides(grid)).toEqual([1, 2, 4, 8])
  expect(gridSides({ ...grid, columns: 10, rows: 10 })).toEqual([1, 2, 4, 8, 10])
})

test('gaps stand between tiles, not around them', () => {
  expect(naturalSize(grid, 2, 2)).toEqual({ width: 57, height: 65 })
})

describe('scale', () => {
  test('is a whole number of device pixels where that wastes little', () => {
    expect(fittedScale(231, 700, 1)).toBe(3)
    expect(fittedScale(100, 310, 2)).toBe(3)
  })
  test('fills the room otherwise', () => {
    expect(fittedScale(231, 400, 1)).toBeCloseTo(400 / 231)
    expect(fittedScale(231, 100, 1)).toBeCloseTo(100 / 231)
  })
})

test('arrow keys walk the tiles and stop at the edges', () => {
  const go = (i: number, key: string) => neighbour(i, key, 4, 8)
  expect([
    go(0, 'ArrowRight'),
    go(3, 'ArrowRight'),
    go(0, 'ArrowLeft'),
    go(1, 'ArrowDown'),
    go(5, 'ArrowDown'),
  ]).toEqual([1, 3, 0, 5, 5])
  expect([go(5, 'ArrowUp'), go(5, 'Home'), go(5, 'End'), go(5, 'x')]).toEqual([1, 0, 7, null])
})

describe('the mark of good samples', () => {
  test('is a tag that goes along with the others', () => {
    expect(withGoodEpoch(['a', 'good@3'], 23)).toEqual(['a', 'good@23'])
    expect(withGoodEpoch(['a', 'good@23'], null)).toEqual(['a'])
    expect(goodEpoch(['a', 'good@23'])).toBe(23)
  })
  test('other tags that look alike are left alone', () => {
    expect(goodEpoch(['good@', 'good@x', 'very good@3', 'good'])).toBeNull()
    expect(withGoodEpoch(['good@x'], 1)).toEqual(['good@x', 'good@1'])
  })
})
