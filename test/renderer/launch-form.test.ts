import { describe, expect, it } from 'vitest'
import {
  checkDraft,
  draftOf,
  groupsOf,
  marksOf,
  rangeOf,
  seedsFrom,
  stepText,
  textOf,
  valueOf,
  withNameAndTags,
} from '../../src/renderer/components/launch/launch-form.ts'
import { experimentKinds, fieldsOf, presetParams } from '../../src/shared/experiments/index.ts'

const field = (name: string) => fieldsOf('wgan-gp').find((f) => f.name === name)!
const quick = () => draftOf(presetParams('wgan-gp', 'quick'))

describe('the draft of a launch', () => {
  it('says the same as the parameters it was made of, for every kind and preset', () => {
    for (const [kind, { presets }] of experimentKinds)
      for (const preset of [null, ...Object.keys(presets)]) {
        const params = presetParams(kind, preset)
        expect(checkDraft(kind, draftOf(params))).toEqual({ ok: true, params })
      }
  })

  it('gives each wrong field one message of what is expected', () => {
    const check = checkDraft('wgan-gp', { ...quick(), batch: '1', lrG: 'fast', width: '', epochs: '2.5' })
    if (check.ok) throw new Error('expected errors')
    expect([...check.errors.keys()].toSorted()).toEqual(['batch', 'epochs', 'lrG', 'width'])
    expect(check.errors.get('batch')).toContain('from 2 to 4096')
    expect(check.errors.get('lrG')).toContain('"fast"')
  })

  it('checks fields against each other as the core does', () => {
    const check = checkDraft('wgan-gp', { ...quick(), limit: '10', batch: '64' })
    expect(check.ok ? [] : [...check.errors.keys()]).toEqual(['limit'])
  })

  it('reads numbers as people write them', () => {
    expect(valueOf(field('lrG'), ' 2e-4 ')).toBe(2e-4)
    expect(valueOf(field('lrG'), '0,001')).toBe(0.001)
    expect(valueOf(field('size'), '32')).toBe(32)
    expect(valueOf(field('batch'), '')).toBe('')
    expect(valueOf(field('dataset'), ' mnist ')).toBe('mnist')
    expect(textOf(2e-4)).toBe('2e-4')
    expect(textOf(0.001)).toBe('0.001')
  })
})

describe('marks', () => {
  it('tell what was changed by hand from what the preset brings', () => {
    const marks = marksOf('wgan-gp', 'quick', { ...quick(), seed: '4' })
    expect(marks.get('seed')).toMatchObject({ changed: true, base: 0, byPreset: false })
    expect(marks.get('width')).toMatchObject({
      changed: false,
      base: presetParams('wgan-gp', 'quick').width,
      byPreset: true,
      default: field('width').default,
    })
    expect(marks.get('latent')).toMatchObject({ changed: false, byPreset: false })
  })

  it('do not mind how a number is written', () => {
    const written = `${Number(quick().lrG).toFixed(7)}0`
    expect(marksOf('wgan-gp', 'quick', { ...quick(), lrG: written }).get('lrG')?.changed).toBe(false)
  })

  it('see a return to the default as a change of the preset', () => {
    expect(marksOf('wgan-gp', 'quick', { ...quick(), width: '64' }).get('width')?.changed).toBe(true)
  })
})

describe('stepping with the arrow keys', () => {
  it('moves on the raster of the step', () => {
    expect(stepText(field('limit'), '6400', true)).toBe('7000')
    expect(stepText(field('limit'), '6400', false)).toBe('6000')
    expect(stepText(field('limit'), '6000', true)).toBe('7000')
    expect(stepText(field('beta1'), '0.5', true)).toBe('0.55')
  })

  it('goes through 1, 2, 5, 10 where ratios count', () => {
    expect(stepText(field('lrG'), '1e-4', true)).toBe('2e-4')
    expect(stepText(field('lrG'), '2e-4', true)).toBe('5e-4')
    expect(stepText(field('lrG'), '5e-4', true)).toBe('0.001')
    expect(stepText(field('lrG'), '1e-4', false)).toBe('5e-5')
    expect(stepText(field('lrG'), '3e-4', false)).toBe('2e-4')
  })

  it('stays in range and leaves alone what is no number', () => {
    expect(stepText(field('batch'), '2', false)).toBe('2')
    expect(stepText(field('batch'), '4096', true)).toBe('4096')
    expect(stepText(field('beta1'), '0.96', true)).toBe('0.96')
    expect(stepText(field('lrG'), '1', true)).toBe('1')
    expect(stepText(field('batch'), 'many', true)).toBe('many')
  })
})

it('says a range at a glance, with its open ends', () => {
  expect(rangeOf(field('batch'))).toBe('2 – 4,096')
  expect(rangeOf(field('lrG'))).toBe('> 0, ≤ 1')
  expect(rangeOf(field('beta1'))).toBe('≥ 0, < 1')
  expect(rangeOf(field('size'))).toBe('')
})

it('shows every field of every kind once', () => {
  for (const kind of experimentKinds.keys())
    expect(
      groupsOf(kind)
        .flatMap(({ fields }) => fields.map((f) => f.name))
        .toSorted(),
    ).toEqual(
      fieldsOf(kind)
        .map((f) => f.name)
        .toSorted(),
    )
})

it('quotes names and tags for a shell', () => {
  expect(withNameAndTags('run', '', [])).toBe('run')
  expect(withNameAndTags('run', "Ada's; rm -rf", ['a', 'b c'])).toBe(
    `run --name 'Ada'\\''s; rm -rf' --tag a --tag 'b c'`,
  )
})

it('counts seeds up from the first, within what the schema takes', () => {
  expect(seedsFrom(3, 3)).toEqual([3, 4, 5])
  expect(seedsFrom(2_147_483_647, 2)).toEqual([2_147_483_647, 0])
})
