import { describe, expect, test } from 'vitest'
import { presetParams } from '../../../src/shared/experiments/index.ts'
import { idsOf, metricChoices, paramDiff, suggestions } from '../../../src/renderer/components/compare/comparison.ts'
import { makeRun } from '../../make-run.ts'

describe('parameters side by side', () => {
  const wgan = { kind: 'wgan-gp', params: presetParams('wgan-gp') }
  const dcgan = { kind: 'dcgan', params: presetParams('dcgan') }
  test('say where they differ, and where a kind has no such parameter', () => {
    const rows = paramDiff([wgan, dcgan])
    const row = (name: string) => rows.find((r) => r.name === name)
    expect(row('width')).toMatchObject({ values: [64, 64], differs: false })
    expect(row('beta2')).toMatchObject({ values: [0.9, 0.999], differs: true })
    expect(row('criticSteps')).toMatchObject({ values: [5, undefined], differs: true })
    expect(row('lrD')!.label).toBe('Critic learning rate / Discriminator learning rate')
  })
  test('of runs alike differ nowhere', () => {
    expect(paramDiff([dcgan, dcgan]).some((r) => r.differs)).toBe(false)
  })
})

test('metrics of all runs are offered once, logged ones that no kind lists too', () => {
  const names = metricChoices([
    { kind: 'wgan-gp', metrics: { extra: 1 } },
    { kind: 'dcgan', metrics: {} },
  ])
  expect(names.filter((m) => m.loss).map((m) => m.name)).toEqual(['criticLoss', 'generatorLoss', 'discriminatorLoss'])
  expect(names.filter((m) => m.name === 'imagesPerSecond')).toHaveLength(1)
  expect(names.find((m) => m.name === 'extra')).toMatchObject({ title: 'Extra', loss: false })
})

describe('suggestions', () => {
  const run = (id: string, kind: string, createdAt: number, tags: string[] = []) =>
    makeRun({ id, kind, createdAt, tags })
  test('are the newest run of each kind under a tag, then the two newest', () => {
    const runs = [
      run('w1', 'wgan-gp', 1, ['pair']),
      run('d1', 'dcgan', 2, ['pair']),
      run('d2', 'dcgan', 3, ['pair', 'good@4']),
      run('x', 'dcgan', 9),
    ]
    expect(suggestions(runs).map((s) => [s.tag, s.runs.map((r) => r.id)])).toEqual([
      ['pair', ['w1', 'd2']],
      [null, ['x', 'd2']],
    ])
  })
  test('are none for one run, and each pair once', () => {
    expect(suggestions([run('a', 'dcgan', 1, ['t'])])).toEqual([])
    expect(suggestions([run('a', 'dcgan', 1, ['t', 'u']), run('b', 'wgan-gp', 2, ['t', 'u'])])).toHaveLength(1)
  })
})

test('ids come out of the address once each', () => {
  expect(idsOf('a, b,a,')).toEqual(['a', 'b'])
  expect(idsOf(undefined)).toEqual([])
  expect(idsOf(['a,b', 'c'])).toEqual(['a', 'b', 'c'])
})
