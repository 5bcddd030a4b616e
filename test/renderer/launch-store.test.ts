import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { useLaunch } from '../../src/renderer/stores/launch.ts'
import { presetParams } from '../../src/shared/experiments/index.ts'
import { makeRun } from '../make-run.ts'

const launched = vi.hoisted(() => [] as Record<string, unknown>[])
vi.mock('../../src/renderer/api.ts', () => ({
  follow: () => () => {},
  api: {
    runs: {
      launch: async (input: Record<string, unknown>) => {
        launched.push(input)
        return makeRun({ id: `r${launched.length}` })
      },
    },
  },
}))

describe('the launch form', () => {
  beforeEach(() => {
    launched.length = 0
    setActivePinia(createPinia())
  })

  it('starts valid, with nothing changed', () => {
    const form = useLaunch()
    expect(form.checked.ok).toBe(true)
    expect(form.changes).toEqual([])
    expect(form.command).toBe(`npx atelier run ${form.kind} --preset ${form.preset}`)
  })

  it('keeps the data set when another preset or kind is tried', () => {
    const form = useLaunch()
    form.set('dataset', 'flowers')
    form.usePreset('reference')
    expect(form.draft.dataset).toBe('flowers')
    form.useKind('dcgan', 'reference')
    expect(form.draft.dataset).toBe('flowers')
    expect(form.changes).toEqual(['dataset'])
  })

  it('takes over a run with all its parameters and shows how they differ from its preset', () => {
    const form = useLaunch()
    const run = makeRun({ kind: 'dcgan', preset: 'quick', tags: ['x'] })
    form.useRun({ ...run, params: { ...run.params, seed: 9 } })
    expect(form.kind).toBe('dcgan')
    expect(form.preset).toBe('quick')
    expect(form.tags).toEqual(['x'])
    expect(form.changes).toContain('seed')
    form.reset('seed')
    expect(form.changes).not.toContain('seed')
  })

  it('ignores a kind that does not exist', () => {
    const form = useLaunch()
    form.useKind('nothing')
    expect(form.kind).not.toBe('nothing')
  })

  it('queues one run a seed, each with its whole spec and a name of its own', async () => {
    const form = useLaunch()
    form.set('seed', '5')
    form.seedCount = 3
    form.name = ' sweep '
    await form.launch()
    expect(launched.map((input) => (input.params as Record<string, unknown>).seed)).toEqual([5, 6, 7])
    expect(launched.map((input) => input.name)).toEqual(['sweep · seed 5', 'sweep · seed 6', 'sweep · seed 7'])
    expect(launched[0]!.params).toEqual({ ...presetParams(form.kind, form.preset), seed: 5 })
  })

  it('queues every combination of what is swept and the seeds, and counts them before', async () => {
    const form = useLaunch()
    form.useKind('vae-svm', 'quick')
    form.set('labels', '100,600')
    form.set('labelSeed', '0..1')
    form.seedCount = 2
    form.name = 'budgets'
    expect(form.count).toBe(8)
    expect(form.command).toBe('npx atelier run vae-svm --preset quick --labels 100,600 --label-seed 0,1 --name budgets')
    await form.launch()
    expect(launched).toHaveLength(8)
    expect(launched[3]).toMatchObject({
      name: 'budgets · labels 100 · labelSeed 1 · seed 1',
      params: { labels: 100, labelSeed: 1, seed: 1 },
    })
  })

  it('leaves no saved model behind when it is to train after all', () => {
    const form = useLaunch()
    form.useKind('vae')
    form.set('mode', 'load')
    expect(form.errors.get('model')).toContain('is empty')
    form.set('model', 'r7')
    expect(form.checked.ok).toBe(true)
    form.set('mode', 'train')
    expect(form.draft.model).toBe('')
    expect(form.checked.ok).toBe(true)
  })

  it('takes over the parameters of a run whose model it is to load', () => {
    const form = useLaunch()
    form.useKind('vae', 'quick')
    form.set('mode', 'load')
    const run = makeRun({ id: 'r7', kind: 'vae' })
    form.loadModelOf({ ...run, params: { ...run.params, latent: 2, hidden: 300 } })
    expect(form.draft).toMatchObject({ latent: '2', hidden: '300', mode: 'load', model: 'r7' })
    expect(form.checked.ok).toBe(true)
  })

  it('launches nothing while a value is wrong', async () => {
    const form = useLaunch()
    form.set('batch', 'x')
    expect(form.command).toBeNull()
    expect(await form.launch()).toEqual([])
    expect(launched).toEqual([])
  })

  it('forgets what the core refused once that field is changed', () => {
    const form = useLaunch()
    form.refused = new Map([['dataset', 'There is no data set "x".']])
    expect(form.errors.get('dataset')).toContain('no data set')
    form.set('seed', '1')
    expect(form.errors.has('dataset')).toBe(true)
    form.set('dataset', 'mnist')
    expect(form.errors.has('dataset')).toBe(false)
  })
})
