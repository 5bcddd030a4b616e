import { describe, expect, test } from 'vitest'
import {
  axesOf,
  draftOf,
  families,
  groupsOf,
  planOf,
  sweptWords,
} from '../../../src/renderer/components/launch/launch-form.ts'
import { loadableRuns, suppliesOf } from '../../../src/renderer/components/launch/model-runs.ts'
import { experimentKinds, presetParams } from '../../../src/shared/experiments/index.ts'
import type { Run } from '../../../src/shared/run.ts'
import { makeRun } from '../../make-run.ts'

const svm = (over = {}) => ({ ...presetParams('vae-svm', 'quick'), ...over })
const vae = (id: string, over: Partial<Run> = {}, params = {}) =>
  makeRun({ id, kind: 'vae', params: { ...presetParams('vae', 'quick'), ...params }, ...over })

describe('what a run builds on', () => {
  const supply = (runs: Run[], params = svm()) => suppliesOf('vae-svm', params, runs)[0]!
  test('is a VAE that has to be trained while the library has none', () => {
    expect(supply([])).toMatchObject({ state: 'missing', run: null, need: { kind: 'vae', params: { epochs: 6 } } })
  })
  test('is the VAE that was trained just so, whatever it kept of itself', () => {
    const fitting = vae('fits', {}, { sampleEvery: 2, checkpointEvery: 1 })
    const others = [
      vae('seed', {}, { seed: 1 }),
      vae('set', {}, { dataset: 'fashion-mnist' }),
      vae('long', {}, { epochs: 7 }),
    ]
    expect(supply([...others, fitting])).toMatchObject({ state: 'done', run: { id: 'fits' } })
    expect(supply(others).state).toBe('missing')
  })
  test('is waited for while it trains; a failed one is no help', () => {
    expect(supply([vae('now', { status: 'running' })])).toMatchObject({ state: 'underWay', run: { id: 'now' } })
    expect(supply([vae('broken', { status: 'failed' })]).state).toBe('missing')
    expect(supply([vae('now', { status: 'queued' }), vae('done')])).toMatchObject({ state: 'done' })
  })
  test('is nothing where a saved model is loaded, or for a kind of its own', () => {
    expect(suppliesOf('vae-svm', svm({ mode: 'load', model: 'r1' }), [])).toEqual([])
    expect(suppliesOf('vae', presetParams('vae'), [])).toEqual([])
  })
})

test('models to load are those of done runs of the kind on the data set, the newest first', () => {
  const runs = [
    vae('old', { createdAt: 1 }),
    vae('new', { createdAt: 2 }, { epochs: 50, latent: 2 }),
    vae('running', { status: 'running' }),
    vae('other set', {}, { dataset: 'fashion-mnist' }),
    makeRun({ id: 'other kind', kind: 'm2' }),
  ]
  expect(loadableRuns('vae', 'mnist', runs).map((run) => run.id)).toEqual(['new', 'old'])
})

describe('the form', () => {
  test('has every kind in one family', () => {
    expect(families().flatMap(({ kinds }) => kinds.map((k) => k.kind)).toSorted()).toEqual([...experimentKinds.keys()].toSorted()) // prettier-ignore
    expect(families().find(({ family }) => family === 'semi-supervised')!.kinds.map((k) => k.kind)).toEqual(['vae', 'vae-svm', 'm2', 'm1-m2']) // prettier-ignore
  })
  test('asks for a saved model only in mode load', () => {
    const names = (mode: string) =>
      groupsOf('vae', { ...draftOf(presetParams('vae')), mode }).flatMap(({ fields }) => fields.map((f) => f.name))
    expect(names('train')).not.toContain('model')
    expect(names('load')).toContain('model')
    expect(names('train')).toContain('mode')
  })
})

describe('sweeps of labels', () => {
  const draft = (over = {}) => ({ ...draftOf(svm()), ...over })
  test('are lists and ranges; a plain number sweeps nothing', () => {
    expect(axesOf('vae-svm', draft())).toEqual({})
    expect(axesOf('vae-svm', draft({ labels: '100, 600', labelSeed: '0..2' }))).toEqual({
      labels: [100, 600],
      labelSeed: [0, 1, 2],
    })
  })
  test('make a run of each combination, each with all its parameters', () => {
    const plan = planOf('vae-svm', 'quick', draft({ labels: '100,600', labelSeed: '0..2' }))
    if (!plan.ok) throw new Error('expected a plan')
    expect(plan.all.map((p) => [p.labels, p.labelSeed])).toEqual([
      [100, 0], [100, 1], [100, 2], [600, 0], [600, 1], [600, 2],
    ]) // prettier-ignore
    expect(plan.all[4]).toEqual(svm({ labels: 600, labelSeed: 1 }))
    expect(sweptWords(plan.axes, plan.all[4]!)).toBe('labels 600 · labelSeed 1')
  })
  test('are checked at every value', () => {
    const plan = planOf('vae-svm', 'quick', draft({ labels: '100,0,many' }))
    expect(plan.ok ? [] : [...plan.errors.keys()]).toEqual(['labels'])
    const beyond = planOf('vae-svm', 'quick', draft({ labels: '100,2000', limit: '1000' }))
    expect(beyond.ok ? '' : beyond.errors.get('labels')).toContain('at most the number of training images')
  })
  test('are none where a model is loaded, which has its labels already', () => {
    const plan = planOf('vae-svm', 'quick', draft({ mode: 'load', model: 'r1', labels: '100,600' }))
    expect(plan.ok ? [] : [...plan.errors.keys()]).toEqual(['labels'])
  })
  test('belong to labels alone: elsewhere a list is no number', () => {
    const plan = planOf('vae-svm', 'quick', draft({ hidden: '100,600' }))
    expect(plan.ok ? [] : [...plan.errors.keys()]).toEqual(['hidden'])
  })
})
