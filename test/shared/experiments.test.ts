import { describe, expect, it } from 'vitest'
import {
  checkParams,
  cliCommand,
  experimentKind,
  experimentKinds,
  expected,
  fieldsOf,
  presetParams,
  toFlag,
  toName,
} from '../../src/shared/experiments/index.ts'

const errorsOf = (kind: string, input: Record<string, unknown>) => {
  const checked = checkParams(kind, input)
  return checked.ok ? [] : checked.errors
}

describe('the parameters of experiments', () => {
  it.each([...experimentKinds.keys()])('%s: every field has a default inside its range and a text', (kind) => {
    for (const f of fieldsOf(kind)) {
      expect(f.label, f.name).toBeTruthy()
      expect(f.description, f.name).toBeTruthy()
      expect(toName(toFlag(f.name))).toBe(f.name)
    }
    expect(checkParams(kind, {})).toEqual({ ok: true, params: presetParams(kind) })
  })

  it.each([...experimentKinds.values()])('$kind: each preset is valid and its key parameters exist', (k) => {
    for (const preset of Object.keys(k.presets)) expect(errorsOf(k.kind, presetParams(k.kind, preset))).toEqual([])
    for (const name of k.keyParams) expect(fieldsOf(k.kind).map((f) => f.name)).toContain(name)
  })

  it('says what was wrong and what is expected, one line a field', () => {
    expect(errorsOf('wgan-gp', { batch: 0, lrG: 0, beta1: 1, size: 30, epochs: 1.5, criticSteps: '5' })).toEqual([
      { name: 'size', message: 'size must be one of 28, 32, 64, not 30.' },
      { name: 'batch', message: 'batch must be a whole number from 2 to 4096, not 0.' },
      { name: 'criticSteps', message: 'criticSteps must be a whole number from 1 to 100, not "5".' },
      { name: 'epochs', message: 'epochs must be a whole number from 1 to 100000, not 1.5.' },
      { name: 'lrG', message: 'lrG must be a number above 0 and up to 1, not 0.' },
      { name: 'beta1', message: 'beta1 must be a number from 0 and below 1, not 1.' },
    ])
  })

  it('refuses NaN, infinity and unknown names, and suggests a near one', () => {
    expect(errorsOf('dcgan', { lrG: NaN })).toHaveLength(1)
    expect(errorsOf('dcgan', { lrG: Infinity })).toHaveLength(1)
    expect(errorsOf('dcgan', { Batch: 3 })[0]!.message).toContain('Did you mean "batch"?')
    expect(errorsOf('dcgan', { criticSteps: 3 })[0]!.message).toContain('dcgan has no parameter "criticSteps"')
    expect(errorsOf('dcgan', JSON.parse('{"__proto__": 1}') as Record<string, unknown>)).toHaveLength(1)
  })

  it('checks what only makes sense together', () => {
    expect(errorsOf('dcgan', { limit: 10 })[0]!.name).toBe('limit')
    expect(errorsOf('dcgan', { epochs: 2, sampleEvery: 3 })[0]!.name).toBe('sampleEvery')
  })

  it('names the kinds and presets that there are', () => {
    expect(() => experimentKind('gan')).toThrow('The kinds are: wgan-gp, dcgan')
    expect(() => experimentKind('constructor')).toThrow('There is no experiment')
    expect(() => presetParams('dcgan', 'toString')).toThrow('Its presets are: quick, reference.')
  })

  it('spells a launch as a command, with only what differs from the preset', () => {
    const params = { ...presetParams('wgan-gp', 'quick'), lrG: 0.001, dataset: "my 'set'" }
    expect(cliCommand('wgan-gp', 'quick', params)).toBe(
      `npx atelier run wgan-gp --preset quick --dataset 'my '\\''set'\\''' --lr-g 0.001`,
    )
  })

  it('puts ranges into words', () => {
    const named = (name: string) => expected(fieldsOf('dcgan').find((f) => f.name === name)!)
    expect(named('beta2')).toBe('a number from 0 and below 1')
    expect(named('dataset')).toBe('a text')
  })
})
