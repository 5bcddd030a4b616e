import { describe, expect, it } from 'vitest'
import {
  formatBytes,
  formatDuration,
  formatEpoch,
  formatMoment,
  formatNumber,
  formatParam,
  formatSpeed,
} from '../../src/renderer/format.ts'

describe('numbers in words', () => {
  it.each([
    [0, '0'],
    [1.23456, '1.235'],
    [-14.07, '−14.07'],
    [0.41904, '0.4190'],
    [-0.0667, '−0.0667'],
    [0.00123, '1.23e-3'],
    [-2e-7, '−2e-7'],
    [12345.6, '12,346'],
    [1.5e9, '1.5e9'],
    ['NaN', 'NaN'],
    ['Infinity', '+∞'],
    ['-Infinity', '−∞'],
    [null, '–'],
  ] as const)('%s is %s', (value, text) => expect(formatNumber(value)).toBe(text))

  it.each([
    [960, '1.0 s'],
    [59_700, '1 m 00 s'],
    [59_400, '59 s'],
    [185_000, '3 m 05 s'],
    [3_599_700, '1 h 00 m'],
    [7_620_000, '2 h 07 m'],
    [86_399_000, '1 d 00 h'],
    [273_600_000, '3 d 04 h'],
    [null, '–'],
  ])('%s ms are %s', (ms, text) => expect(formatDuration(ms)).toBe(text))

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_536, '1.5 KB'],
    [999_600, '1.0 MB'],
    [123_400_000, '123 MB'],
  ])('%s bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text))

  it('shows a moment as far as it is not understood', () => {
    const now = new Date(2026, 4, 20, 15, 0).getTime()
    expect(formatMoment(new Date(2026, 4, 20, 9, 5).getTime(), now)).toBe('09:05')
    expect(formatMoment(new Date(2026, 4, 18, 9, 5).getTime(), now)).toBe('Mon 09:05')
    expect(formatMoment(new Date(2026, 1, 3, 9, 5).getTime(), now)).toBe('3 Feb 09:05')
    expect(formatMoment(new Date(2025, 1, 3, 9, 5).getTime(), now)).toBe('3 Feb 2025 09:05')
  })

  it('tells speed by the step when a step takes long', () => {
    expect(formatSpeed(11.42)).toBe('11.4 steps/s')
    expect(formatSpeed(0.25)).toBe('4.00 s/step')
    expect(formatSpeed(null)).toBe('–')
    expect(formatEpoch(3.5, 12)).toBe('3.5 / 12')
    expect(formatParam(0.0002)).toBe('2e-4')
  })
})
