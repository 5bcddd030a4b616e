import { describe, expect, test } from 'vitest'
import { appendAxis, interpolate, toStep, toX } from '../../../src/renderer/charts/step-axis.ts'
import {
  logScaleFor,
  niceTicks,
  scaleNote,
  transform,
  untransform,
  xTicks,
  yTicks,
} from '../../../src/renderer/charts/y-scale.ts'
import { formatTick, formatValue, formatDuration, formatX } from '../../../src/renderer/charts/formats.ts'

const axis = { step: [0, 100, 300], epoch: [0, 1, 3], time: [5_000, 15_000, 65_000] }

describe('step, epoch and time', () => {
  test('interpolates between marks', () => {
    expect(toX(axis, 'epoch', 150)).toBe(1.5)
    expect(toX(axis, 'time', 200)).toBe(35)
    expect(toX(axis, 'step', 17)).toBe(17)
  })
  test('goes on beyond the last mark as before', () => {
    expect(toX(axis, 'epoch', 400)).toBe(4)
    expect(toX(axis, 'time', 400)).toBe(85)
  })
  test('there and back', () => {
    for (const mode of ['step', 'epoch', 'time'] as const)
      for (const step of [0, 33, 100, 250, 300]) expect(toStep(axis, mode, toX(axis, mode, step))).toBeCloseTo(step, 9)
  })
  test('without marks there is no position', () => {
    expect(toX({ step: [], epoch: [], time: [] }, 'epoch', 3)).toBeNaN()
    expect(interpolate([], [], 1)).toBeNaN()
  })
  test('new marks are appended and replace those they overtake', () => {
    expect(appendAxis(axis, { step: [300, 400], epoch: [3.1, 4], time: [66_000, 70_000] })).toEqual({
      step: [0, 100, 300, 400],
      epoch: [0, 1, 3.1, 4],
      time: [5_000, 15_000, 66_000, 70_000],
    })
  })
})

describe('logarithmic scales', () => {
  test('positive values get log10', () => {
    const scale = logScaleFor([1, 100, NaN])
    expect(scale.kind).toBe('log')
    expect(transform(scale, 100)).toBe(2)
    expect(scaleNote(scale)).toBeNull()
  })
  test('a value at or below zero makes it symmetric, and the reader is told', () => {
    const scale = logScaleFor([-50, 0, 3, 70])
    expect(scale.kind).toBe('symlog')
    expect(transform(scale, 0)).toBe(0)
    expect(transform(scale, -50)).toBe(-transform(scale, 50))
    expect(scaleNote(scale)).toMatch(/zero or below/)
  })
  test('transform and back, in order', () => {
    for (const scale of [logScaleFor([1]), logScaleFor([-1, 100, 1e5])]) {
      let before = -Infinity
      for (const y of scale.kind === 'log' ? [1e-6, 0.2, 5, 1e9] : [-1e6, -2, -1e-9, 0, 0.3, 12, 1e9]) {
        const t = transform(scale, y)
        expect(t).toBeGreaterThan(before)
        expect(untransform(scale, t)).toBeCloseTo(y, 6 - Math.log10(Math.abs(y) + 1))
        before = t
      }
    }
  })
  test('a value that log10 cannot show is a gap', () => {
    expect(transform({ kind: 'log' }, 0)).toBeNaN()
  })
  test('ticks are decades, with zero between on the symmetric scale', () => {
    expect(yTicks({ kind: 'log' }, -2, 2, 6)).toEqual([0.01, 0.1, 1, 10, 100])
    const scale = { kind: 'symlog', linearWithin: 1 } as const
    const ticks = yTicks(scale, transform(scale, -1000), transform(scale, 1000), 8)
    expect(ticks).toContain(0)
    expect(ticks).toContain(100)
    expect(ticks).toContain(-100)
    expect(ticks).toEqual([...ticks].sort((a, b) => a - b))
  })
  test('less than a decade is ticked linearly', () => {
    expect(yTicks({ kind: 'log' }, Math.log10(2), Math.log10(4), 4)).toContain(3)
  })
})

describe('ticks', () => {
  test('are multiples of 1, 2 or 5 without binary crumbs', () => {
    expect(niceTicks(0, 0.5, 5)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5])
    expect(niceTicks(-3, 7, 5)).toEqual([-2, 0, 2, 4, 6])
    expect(niceTicks(3, 3, 5)).toEqual([3])
  })
  test('steps are whole', () => {
    expect(xTicks('step', 0, 3, 10)).toEqual([0, 1, 2, 3])
  })
  test('times are what people count in', () => {
    expect(xTicks('time', 0, 300, 5)).toEqual([0, 60, 120, 180, 240, 300])
    expect(xTicks('time', 0, 4 * 3600, 5)).toEqual([0, 3600, 7200, 10800, 14400])
  })
})

describe('numbers', () => {
  test('have four significant digits and a true minus', () => {
    expect(formatValue(-0.043124)).toBe('−0.04312')
    expect(formatValue(12_345.6)).toBe('12,346')
    expect(formatValue(3.21e8)).toBe('3.21e+8')
    expect(formatValue(NaN)).toBe('NaN')
    expect(formatValue(-Infinity)).toBe('−∞')
  })
  test('ticks are short', () => {
    expect([0, 0.25, -2, 20_000, 1e7].map(formatTick)).toEqual(['0', '0.25', '−2', '20,000', '1e7'])
  })
  test('durations', () => {
    expect([8, 125, 3725, 90_000].map((s) => formatDuration(s))).toEqual(['8 s', '2:05', '1:02:05', '1 d 1 h'])
    expect(formatX('epoch', 3.456)).toBe('3.46')
  })
})
