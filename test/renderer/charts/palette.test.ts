import { describe, expect, test } from 'vitest'
import { allotSlots, darkPalette, lightPalette, withAlpha } from '../../../src/renderer/charts/palette.ts'
import { contrast, deficiencies, distance, seen } from '../colour-vision.ts'

describe.each([
  ['light', lightPalette, '#ffffff'],
  ['dark', darkPalette, '#09090b'],
] as const)('the %s palette', (_, palette, ground) => {
  test('stands at least 3:1 against its ground', () => {
    for (const colour of palette) expect(contrast(colour, ground), colour).toBeGreaterThanOrEqual(3)
  })
  test.each(Object.entries(deficiencies))('its first four are well apart, all eight apart, under %s', (_name, m) => {
    for (let i = 0; i < palette.length; i++)
      for (let j = 0; j < i; j++)
        expect(distance(seen(palette[i]!, m), seen(palette[j]!, m)), `${palette[i]} ${palette[j]}`).toBeGreaterThan(
          i < 4 ? 20 : 11,
        )
  })
})

test('a run keeps its colour when others come and go', () => {
  const first = allotSlots(['a', 'b', 'c'], new Map())
  const later = allotSlots(['x', 'c', 'b'], first)
  expect(later.get('b')).toBe(first.get('b'))
  expect(later.get('c')).toBe(first.get('c'))
  expect(new Set(later.values()).size).toBe(3)
})

test('eight keys have eight colours', () => {
  expect(new Set(allotSlots([...'abcdefgh'], new Map()).values()).size).toBe(8)
})

test('withAlpha', () => {
  expect(withAlpha('#ff8000', 0.5)).toBe('rgba(255, 128, 0, 0.5)')
})

test('the first two runs get the colours that differ most', () => {
  expect([...allotSlots(['x', 'y'], new Map()).values()]).toEqual([0, 1])
})

test('a new run does not take the colour that one elsewhere holds while others are free', () => {
  const held = new Map([
    ['a', 0],
    ['b', 1],
  ])
  expect(allotSlots(['a', 'c'], held).get('c')).toBe(2)
})
