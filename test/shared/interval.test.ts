import { describe, expect, it } from 'vitest'
import { checkParams, expected, fieldsOf, presetParams } from '../../src/shared/experiments/index.ts'
import { readInterval } from '../../src/shared/experiments/interval.ts'
import { parseAxis } from '../../src/shared/studies.ts'

const kinds = ['wgan-gp', 'dcgan', 'vae', 'm2', 'm1-m2', 'gan2d']
const field = (kind: string) => fieldsOf(kind).find(({ name }) => name === 'checkpointEvery')!
const checked = (kind: string, checkpointEvery: unknown) => {
  const result = checkParams(kind, { checkpointEvery })
  return result.ok ? result.params.checkpointEvery : result.errors.map(({ message }) => message)
}

describe('an interval', () => {
  it.each([
    [7, { every: 7, unit: 'epochs' }],
    ['7', { every: 7, unit: 'epochs' }],
    [' 500 Steps ', { every: 500, unit: 'steps' }],
    ['1step', { every: 1, unit: 'steps' }],
    ['2 epoch', { every: 2, unit: 'epochs' }],
    ['10 minutes', { every: 10, unit: 'minutes' }],
    ['0.5 min', { every: 0.5, unit: 'minutes' }],
  ])('is read from %j', (text, interval) => expect(readInterval(text, 'epochs')).toEqual(interval))

  it.each([
    '',
    'soon',
    '10m',
    '500s',
    '10 seconds',
    '5 m',
    '-1 steps',
    '0',
    '0 steps',
    '1.5 steps',
    '1.5',
    '0 minutes',
    '1e3 steps',
    '5 steps 2',
    'NaN minutes',
    '10081 minutes',
    '100000001 steps',
    '100001 epochs',
    '٣ steps',
  ])('is not read from %j', (text) => expect(readInterval(text, 'epochs')).toBeNull())
})

describe.each(kinds)('how often %s saves a checkpoint', (kind) => {
  const own = kind === 'gan2d' ? 'steps' : 'epochs'

  it('is a number in its own unit as it always was, or a text in another', () => {
    expect(presetParams(kind).checkpointEvery).toBe(field(kind).default)
    expect(field(kind)).toMatchObject({ type: 'integer', unit: own, minimum: 1 })
    expect(checked(kind, 3)).toBe(3)
    expect(checked(kind, '3')).toBe(3)
    expect(checked(kind, `3 ${own}`)).toBe(3)
    expect(checked(kind, '10min')).toBe('10 minutes')
    expect(checked(kind, '1 minutes')).toBe('1 minute')
    if (own === 'epochs') expect(checked(kind, '500 steps')).toBe('500 steps')
    // What the parameters of a run hold reads as itself.
    expect(checked(kind, checked(kind, '10min'))).toBe('10 minutes')
  })

  it.each(['soon', '0 steps', 0, 1.5, true, null, own === 'steps' ? '2 epochs' : '500s'])('is never %j', (value) => {
    const examples = own === 'steps' ? '"10 minutes"' : '"500 steps" or "10 minutes"'
    expect(checked(kind, value)).toEqual([
      `checkpointEvery must be a whole number from 1 to ${field(kind).maximum}, or with another unit ${examples}, ` +
        `not ${JSON.stringify(value)}.`,
    ])
  })

  it('is a flag, and may be swept', () => {
    expect(expected(field(kind))).toContain('or with another unit')
    expect(parseAxis(field(kind), '10 minutes')).toEqual(['10 minutes'])
    expect(parseAxis(field(kind), '5,10 minutes')).toEqual([5, '10 minutes'])
  })
})
