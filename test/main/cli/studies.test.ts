import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import type { Study } from '../../../src/shared/api.ts'
import type { Artifact } from '../../../src/shared/results.ts'
import type { Run } from '../../../src/shared/run.ts'
import { decodeModel } from '../../../src/shared/saved-model.ts'
import { makePlace, until } from '../support.ts'
import { atelier, json, start } from './atelier.ts'

interface Outcome {
  study: Study
  runs: Run[]
}
const vaesOf = (runs: Run[]) => runs.filter(({ kind }) => kind === 'vae')

it('queues the semi-supervised study, follows it to its end, and nothing is missing then', async () => {
  const place = makePlace()
  const args = ['study', 'semi-supervised', '--quick', '--dataset', 'mnist', '--labels', '100,600']
  place.behave({ stepMs: 0 })
  const { study, runs } = await json<Outcome>(place, ...args, '--method', 'vae-svm,m2', '--label-seed', '0..1')
  expect(study).toMatchObject({
    name: 'Semi-supervised learning (quick), dataset mnist, labels 100,600, method vae-svm,m2, label-seed 0..1',
    total: 8,
    missing: 0,
  })
  expect(runs.map(({ kind, status, params }) => [kind, status, params.labels, params.labelSeed])).toEqual(
    ['vae-svm', 'm2'].flatMap((kind) =>
      [100, 600].flatMap((labels) => [0, 1].map((labelSeed) => [kind, 'done', labels, labelSeed])),
    ),
  )
  expect(vaesOf(await json<Run[]>(place, 'runs'))).toHaveLength(1)
  const { stdout, stderr, status } = await atelier(place, 'study', study.name.toLowerCase())
  expect(status).toBe(0)
  expect(stderr).toContain('8 runs, of which 0 were queued now')
  expect(stdout.split('\n')[0]).toMatch(/^ID +NAME +KIND +STATUS .*labels +labelSeed.* ACCURACY$/)
  expect(await json<Study[]>(place, 'study')).toEqual([study])
}, 120_000)

it('sweeps a kind over all combinations of several values, as a saved study', async () => {
  const place = makePlace()
  const args = ['run', 'dcgan', '--preset', 'quick', '--epochs', '1,2', '--seed', '0..1', '--tag', 'mine']
  const { study, runs } = await json<Outcome>(place, ...args)
  expect(study).toMatchObject({ name: 'dcgan --preset quick --epochs 1,2 --seed 0..1', total: 4, missing: 0 })
  expect(runs.map(({ params, tags, metrics }) => [params.epochs, params.seed, tags, metrics.count])).toEqual([
    [1, 0, ['mine'], 10],
    [1, 1, ['mine'], 10],
    [2, 0, ['mine'], 20],
    [2, 1, ['mine'], 20],
  ])
  const named = await json<Outcome>(place, ...args, '--name', 'twice')
  expect(named).toMatchObject({ study: { name: 'twice', missing: 0 }, runs: runs.map(({ id }) => ({ id })) })
  expect(await json<Run[]>(place, 'runs')).toHaveLength(4)
}, 60_000)

it('ends with status 1 when a run of it fails, says which, and queues it again', async () => {
  const place = makePlace()
  place.behave({ kind: 'vae', failAt: 5 })
  const sweep = ['run', 'vae-svm', '--vae-epochs', '1', '--labels', '100,600', '--name', 'budgets']
  const failed = await atelier(place, ...sweep)
  expect(failed.status).toBe(1)
  expect(failed.stdout).toMatch(/failed.*\n.*failed/)
  expect(failed.stderr).toContain('whose model this run needs, failed.')
  expect(failed.stderr).toMatch(/2 of 2 runs are not done: .*`atelier study "budgets"` queues what is missing/)
  place.behave({})
  const again = await json<Outcome>(place, 'study', 'bud')
  expect(again.runs.map(({ status }) => status)).toEqual(['done', 'done'])
  expect(await json<Run[]>(place, 'runs')).toHaveLength(6)
}, 60_000)

it('stops what is left of it at the first Ctrl-C, with the auto-encoder that only it needs', async () => {
  const place = makePlace()
  place.behave({ stepMs: 200 })
  const { child, outcome, err } = start(place, ['run', 'vae-svm', '--labels', '100,600', '--vae-epochs', '100'])
  await until('the auto-encoder to begin', () => err().includes('running'))
  child.kill('SIGINT')
  const { status, stderr } = await outcome
  expect(status).toBe(1)
  expect(stderr).toContain('Stopping all of them')
  expect((await json<Run[]>(place, 'runs')).map((run) => [run.kind, run.status])).toEqual(
    expect.arrayContaining([
      ['vae', 'stopped'],
      ['vae-svm', 'stopped'],
      ['vae-svm', 'stopped'],
    ]),
  )
}, 60_000)

it('shows what a single run waits for, and stops that with it, too', async () => {
  const place = makePlace()
  place.behave({ stepMs: 200 })
  const { child, outcome, err } = start(place, ['run', 'vae-svm', '--vae-epochs', '50'])
  await until('the auto-encoder to begin', () => /waits for vae \d+ \(\w+\): running/.test(err()))
  child.kill('SIGINT')
  expect((await outcome).status).toBe(1)
  expect((await json<Run[]>(place, 'runs')).map(({ status }) => status)).toEqual(['stopped', 'stopped'])
}, 60_000)

it('lists what a run has left, exports it, and loads the file again', async () => {
  const place = makePlace()
  const vae = await json<Run>(place, 'run', 'vae', '--epochs', '1', '--name', 'mine')
  const [model] = await json<Artifact[]>(place, 'artifacts', 'mine')
  expect(model).toMatchObject({ name: 'model', step: 10 })
  const out = path.join(place.directory, 'vae.safetensors')
  const written = await atelier(place, 'artifacts', vae.id, 'model', '--out', 'vae.safetensors')
  expect(written).toMatchObject({ status: 0, stdout: expect.stringContaining(`is in ${out}`) })
  expect(decodeModel(readFileSync(out)).header).toMatchObject({ kind: 'vae', params: vae.params })
  const show = await json<{ results: unknown[]; artifacts: unknown[] }>(place, 'show', vae.id)
  expect(show).toMatchObject({ results: [], artifacts: [model] })

  const load = ['run', 'vae', '--epochs', '1', '--mode', 'load', '--model']
  const loaded = await json<Run>(place, ...load, 'vae.safetensors')
  expect(loaded).toMatchObject({ status: 'done', params: { model: out }, inputs: [] })
  const byId = await json<Run>(place, ...load, vae.id)
  expect(byId).toMatchObject({ status: 'done', inputs: [{ role: 'model', runId: vae.id }] })
  writeFileSync(path.join(place.directory, 'cut'), readFileSync(out).subarray(0, 100))
  for (const [args, message] of [
    [['artifacts', vae.id, 'model'], /--out FILE/],
    [['artifacts', vae.id, 'nothing', '--out', 'x'], /has left no "nothing". It has: model/],
    [[...load, 'cut'], /damaged/],
    [[...load, './none'], /There is no file/],
    [['run', 'm2', '--mode', 'load', '--model', vae.id], /of kind vae; M2 loads/],
  ] as const) {
    const { status, stderr } = await atelier(place, ...args)
    expect({ args, status }).toEqual({ args, status: 2 })
    expect(stderr).toMatch(message)
  }
}, 90_000)

it('says what is wrong with a study, with status 2, and makes nothing', async () => {
  const place = makePlace()
  const semi = ['study', 'semi-supervised']
  const cases = [
    [['study', 'nobody'], /no study "nobody". None is saved yet; and there is semi-supervised/],
    [['study', 'nobody', '--quick'], /only --detach goes with it/],
    [[...semi, '--method', 'svm'], /--method must be some of vae-svm, vae-svm-transductive, m2, m1-m2, not "svm"/],
    [[...semi, '--labels', '100,many'], /--labels must be a whole number.*not "many"/],
    [[...semi, '--labels', '5'], /--labels must be at least 10, one for each class of mnist, not 5/],
    [[...semi, '--seed', '0..2'], /--seed must be one number/],
    [[...semi, '--dataset', 'cats'], /no data set "cats"/],
    [['run', 'dcgan', '--batch', '1,64', '--seed', '0..1'], /--batch must be a whole number from 2 to 4096, not 1/],
    [['run', 'dcgan', '--seed', '0..999', '--epochs', '1,2,3,4,5,6,7,8,9,10,11'], /more than 10000 runs/],
    [['run', 'm2', '--labels', '100', '--limit', '50'], /--labels must be at most/],
    [['run', 'vae', '--mode', 'load', '--model', './none'], /There is no file .*none/],
    [['run', 'vae', '--mode', 'load', '--seed', '0..1', '--model', '.'], /is no file/],
    [['run', 'vae', '--mode', 'load'], /--model must name a run or a model file/],
  ] as const
  const answers = await Promise.all(cases.map(([args]) => atelier(place, ...args)))
  for (const [i, { status, stderr }] of answers.entries()) {
    expect({ args: cases[i]![0], status, stderr }).toMatchObject({ args: cases[i]![0], status: 2 })
    expect(stderr).toMatch(cases[i]![1])
  }
  expect(existsSync(place.library)).toBe(false)
}, 120_000)
