import { describe, expect, test } from 'vitest'
import { allotSlots, darkPalette, lightPalette, withAlpha } from '../../../src/renderer/charts/palette.ts'

type Rgb = [number, number, number]
const linear = (hex: string): Rgb =>
  [1, 3, 5].map((i) => {
    const c = Number.parseInt(hex.slice(i, i + 2), 16) / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  }) as Rgb
const luminance = ([r, g, b]: Rgb) => 0.2126 * r + 0.7152 * g + 0.0722 * b
const contrast = (a: string, b: string) => {
  const [low, high] = [luminance(linear(a)), luminance(linear(b))].sort((x, y) => x - y)
  return (high! + 0.05) / (low! + 0.05)
}
// Full deuteranopia and protanopia after Machado, Oliveira and Fernandes 2009, table of severity 1.
const deficiencies: Record<string, number[][]> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
}
const seen = (hex: string, m: number[][]): Rgb => {
  const c = linear(hex)
  return m.map((row) =>
    Math.min(
      1,
      Math.max(
        0,
        row.reduce((a, w, i) => a + w * c[i]!, 0),
      ),
    ),
  ) as Rgb
}
const lab = ([r, g, b]: Rgb): Rgb => {
  const f = (t: number) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116)
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505)
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b)
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089)
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}
const distance = (a: Rgb, b: Rgb) => Math.hypot(...lab(a).map((v, i) => v - lab(b)[i]!))

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
