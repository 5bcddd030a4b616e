import { describe, expect, it } from 'vitest'
import { facet, filterRuns, isFiltering, noFilter } from '../../src/renderer/components/runs/run-filter.ts'
import { presetParams } from '../../src/shared/experiments/index.ts'
import { makeRun } from '../make-run.ts'

const runs = [
  makeRun({
    id: 'a',
    name: 'Baseline',
    tags: ['lr sweep'],
    params: { ...presetParams('wgan-gp'), seed: 3, lrG: 1e-3 },
  }),
  makeRun({ id: 'b', name: 'wide', kind: 'dcgan', status: 'running', metrics: { generatorLoss: 2.5 } }),
  makeRun({
    id: 'c',
    name: 'broken',
    notes: 'mode collapse at 8s',
    status: 'failed',
    metrics: { generatorLoss: 'NaN' },
  }),
]
const found = (over: Partial<ReturnType<typeof noFilter>>) =>
  filterRuns(runs, { ...noFilter(), ...over }).map((r) => r.id)

describe('filtering runs', () => {
  it('shows all without a filter, in the order given', () => {
    expect(found({})).toEqual(['a', 'b', 'c'])
    expect(isFiltering(noFilter())).toBe(false)
    expect(isFiltering({ ...noFilter(), text: '  ' })).toBe(false)
    expect(isFiltering({ ...noFilter(), tag: ['x'] })).toBe(true)
  })

  it('looks for every word in names, tags, notes and kind, whatever the case', () => {
    expect(found({ text: 'BASE' })).toEqual(['a'])
    expect(found({ text: 'collapse' })).toEqual(['c'])
    expect(found({ text: 'sweep base' })).toEqual(['a'])
    expect(found({ text: 'sweep wide' })).toEqual([])
    expect(found({ text: 'dcgan' })).toEqual(['b'])
  })

  it('compares parameters and metrics as numbers', () => {
    expect(found({ text: 'seed=3' })).toEqual(['a'])
    expect(found({ text: 'seed!=3' })).toEqual(['b', 'c'])
    expect(found({ text: 'LRG>=0.001' })).toEqual(['a'])
    expect(found({ text: 'lrG<1e-3' })).toEqual(['b', 'c'])
    expect(found({ text: 'generatorLoss<=2.5' })).toEqual(['b'])
  })

  it('finds a loss that is not a number by its name', () => {
    expect(found({ text: 'generatorLoss=nan' })).toEqual(['c'])
  })

  it('takes any of the chosen values of a property, and all of the properties', () => {
    expect(found({ status: ['running', 'failed'] })).toEqual(['b', 'c'])
    expect(found({ status: ['running', 'failed'], kind: ['dcgan'] })).toEqual(['b'])
    expect(found({ tag: ['lr sweep', 'unknown'] })).toEqual(['a'])
  })

  it('counts the values that occur', () => {
    expect(facet(runs, (r) => [r.kind])).toEqual([
      { value: 'dcgan', count: 1 },
      { value: 'wgan-gp', count: 2 },
    ])
    expect(facet(runs, (r) => r.tags)).toEqual([{ value: 'lr sweep', count: 1 }])
  })
})
