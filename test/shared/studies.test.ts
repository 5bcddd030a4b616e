import { describe, expect, it } from 'vitest'
import { fieldsOf, presetParams } from '../../src/shared/experiments/index.ts'
import {
  expandStudy,
  parseAxis,
  semiSupervisedMethods,
  semiSupervisedStudy,
  specKey,
  sweepCommand,
} from '../../src/shared/studies.ts'

const field = (name: string, kind = 'vae-svm') => fieldsOf(kind).find((each) => each.name === name)!
const entry = (axes: Record<string, (string | number | boolean)[]>, params = {}) => ({
  kind: 'vae-svm',
  preset: 'quick',
  params,
  axes,
})

describe('the values that a text names', () => {
  it.each([
    ['labels', '100', [100]],
    ['labels', '100,600, 1000', [100, 600, 1000]],
    ['labelSeed', '0..4', [0, 1, 2, 3, 4]],
    ['labelSeed', '0..2,10,20..21', [0, 1, 2, 10, 20, 21]],
    ['c', '0.1,1,1e3', [0.1, 1, 1000]],
    ['kernel', 'linear,rbf', ['linear', 'rbf']],
    ['transductive', 'true,false', [true, false]],
    ['dataset', 'mnist, fashion-mnist', ['mnist', 'fashion-mnist']],
    ['model', '/a,b/model.safetensors', ['/a,b/model.safetensors']],
  ])('%s %s', (name, text, values) => expect(parseAxis(field(name), text)).toEqual(values))

  it.each([
    ['labels', 'many'],
    ['labels', ''],
    ['labelSeed', '4..0'],
    ['labelSeed', '0..100000'],
    ['c', '0..4'],
    ['transductive', 'yes'],
  ])('that can not be read stay a text for the check to refuse: %s "%s"', (name, text) => {
    const values = parseAxis(field(name), text)
    expect(values).toEqual([text])
    const expanded = expandStudy([entry({ [name]: values })])
    expect(expanded).toMatchObject({ ok: false, errors: [{ name, message: expect.stringContaining(`"${text}"`) }] })
  })
})

describe('the runs of a study', () => {
  it('are all combinations, each once, the last axis fastest, with complete parameters', () => {
    const expanded = expandStudy([entry({ labels: [100, 600], labelSeed: [0, 1, 1] }), entry({ labels: [100] })])
    if (!expanded.ok) throw new Error('it is not wrong')
    expect(expanded.specs.map(({ params }) => [params.labels, params.labelSeed])).toEqual([
      [100, 0],
      [100, 1],
      [600, 0],
      [600, 1],
    ])
    expect(expanded.specs[0]!.params).toEqual(presetParams('vae-svm', 'quick'))
  })

  it('are refused with each error once', () => {
    const wrong = expandStudy([entry({ labels: [0, 100], labelSeed: [0, 1] }), { ...entry({}), kind: 'gan' }])
    expect(wrong).toMatchObject({
      ok: false,
      errors: [
        { name: 'labels', message: expect.stringContaining('not 0') },
        { name: 'kind', message: expect.stringContaining('no experiment "gan"') },
      ],
    })
    expect(expandStudy([{ ...entry({}), preset: 'fast' }])).toMatchObject({ errors: [{ name: 'kind' }] })
    const many = Array.from({ length: 101 }, (_, i) => i)
    expect(expandStudy([entry({ labelSeed: many, seed: many })])).toMatchObject({
      errors: [{ message: expect.stringContaining('more than 10000 runs') }],
    })
  })

  it('are known by kind and parameters, those of before a parameter came included', () => {
    const params = presetParams('vae-svm')
    const { kernel: _, ...earlier } = params
    const reversed = Object.fromEntries(Object.entries(params).toReversed())
    expect(specKey('vae-svm', earlier)).toBe(specKey('vae-svm', params))
    expect(specKey('vae-svm', reversed)).toBe(specKey('vae-svm', params))
    expect(specKey('vae-svm', { ...params, labelSeed: 1 })).not.toBe(specKey('vae-svm', params))
    expect(specKey('m1-m2', params)).not.toBe(specKey('vae-svm', params))
    expect(specKey('of-another-version', { x: 1 })).toBe(specKey('of-another-version', { x: 1 }))
  })
})

describe('semi-supervised learning', () => {
  it('is two data sets, four budgets and four methods, with five labelled sets or, quick, one', () => {
    for (const [quick, seeds] of [
      [true, 1],
      [false, 5],
    ] as const) {
      const expanded = expandStudy(semiSupervisedStudy({ quick }).entries)
      if (!expanded.ok) throw new Error(expanded.errors.map(({ message }) => message).join())
      expect(expanded.specs).toHaveLength(2 * 4 * semiSupervisedMethods.length * seeds)
      const keys = new Set(expanded.specs.map(({ kind, params }) => specKey(kind, params)))
      expect(keys.size).toBe(expanded.specs.length)
    }
  })

  it('can be cut down to a part', () => {
    const { entries } = semiSupervisedStudy({
      quick: true,
      datasets: ['mnist'],
      labels: [100],
      methods: ['vae-svm-transductive'],
      seed: 3,
    })
    const expanded = expandStudy(entries)
    expect(expanded).toMatchObject({
      ok: true,
      specs: [
        { kind: 'vae-svm', params: { dataset: 'mnist', labels: 100, transductive: true, kernel: 'rbf', seed: 3 } },
      ],
    })
    expect(sweepCommand(entries[0]!)).toContain('npx atelier run vae-svm --preset quick')
  })
})
