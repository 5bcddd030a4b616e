import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeEvents } from '../../../src/shared/event-log.ts'
import type { WorkerEvent, WorkerSpec } from '../../../src/shared/events.ts'
import { presetParams } from '../../../src/shared/experiments/index.ts'
import type { Params } from '../../../src/shared/experiments/index.ts'
import { decodeSafetensors } from '../../../src/shared/safetensors.ts'
import { decodeModel, encodeModel } from '../../../src/shared/saved-model.ts'

const root = mkdtempSync(path.join(os.tmpdir(), 'atelier-loops-'))
const worker = path.resolve('src/ml/worker.ts')
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** Small enough for a test; the test images are all 10,000. */
const vaeParams: Params = { limit: 320, hidden: 16, layers: 1, latent: 4 }
const conditional: Params = { labels: 40, units: 12, classLatent: 3, learningRate: 0.02, alpha: 10, epochs: 3 }
const kinds: Record<string, Params> = {
  vae: { ...vaeParams, batch: 32, epochs: 3, checkpointEvery: 2 },
  'vae-svm': { ...vaeParams, labels: 40 },
  m2: { ...conditional, limit: 140, batch: 20, checkpointEvery: 2 },
  'm1-m2': { ...vaeParams, ...conditional, batch: 40, checkpointEvery: 2 },
}

interface Given {
  inputs?: Record<string, string>
  resume?: WorkerSpec['resume']
}

function attempt(name: string, kind: string, params: Params, { inputs = {}, resume = null }: Given = {}): string {
  const folder = path.join(root, name)
  mkdirSync(folder, { recursive: true })
  const spec: Partial<WorkerSpec> = {
    kind,
    preset: null,
    params: { ...presetParams(kind), ...kinds[kind], ...params },
    runId: name,
    attempt: resume ? 2 : 1,
    cacheDirectory: path.join(root, 'cache'),
    engine: 'auto',
    threads: null,
    resume,
    inputs: Object.fromEntries(Object.entries(inputs).map(([role, file]) => [role, { file, runId: null }])),
  }
  writeFileSync(path.join(folder, 'spec.json'), JSON.stringify(spec))
  return folder
}

function start(folder: string): Promise<number | null> {
  const child = spawn(process.execPath, [worker, 'run', folder], { stdio: 'ignore' })
  return new Promise((resolve) => child.on('exit', resolve))
}

const eventsOf = (folder: string): WorkerEvent[] => {
  const file = path.join(folder, 'events.log')
  return existsSync(file) ? decodeEvents(readFileSync(file)).events : []
}
const endOf = (folder: string) => eventsOf(folder).find((e) => e.type === 'ended')
/** Values by step of the metrics with the given name. */
function metricOf(folder: string, name: string): [step: number, value: number][] {
  const sets = new Map<number, string[]>()
  const found: [number, number][] = []
  for (const e of eventsOf(folder)) {
    if (e.type === 'series') sets.set(e.set, e.names)
    if (e.type !== 'metrics') continue
    const at = sets.get(e.set)!.indexOf(name)
    if (at >= 0) found.push([e.step, e.values[at]!])
  }
  return found
}
const artifactOf = (folder: string, name: string) => {
  const found = eventsOf(folder).find((e) => e.type === 'artifact' && e.name === name) as { file: string } | undefined
  if (!found) throw new Error(`There is no artifact ${name} in ${folder}.`)
  return path.join(folder, found.file)
}
const bytesOf = (folder: string, name: string) => readFileSync(artifactOf(folder, name))
const weightsOf = (folder: string) => decodeModel(bytesOf(folder, 'model')).state
const resultOf = (folder: string) => {
  const found = eventsOf(folder).find((e) => e.type === 'result')
  return found?.type === 'result' ? found.value : null
}
const samplesOf = (folder: string) =>
  eventsOf(folder).flatMap((e) => (e.type === 'sample' ? [`${e.name} ${e.epoch}`] : []))

let vaeModel: string
const givenTo = (kind: string): Given => (kind === 'm1-m2' || kind === 'vae-svm' ? { inputs: { vae: vaeModel } } : {})

beforeAll(async () => {
  const folder = attempt('vae-whole', 'vae', {})
  expect(await start(folder)).toBe(0)
  expect(endOf(folder)).toMatchObject({ status: 'done', step: 30, problem: null })
  vaeModel = artifactOf(folder, 'model')
}, 120_000)

describe('a run of the VAE', () => {
  const folder = path.join(root, 'vae-whole')

  it('records each step, the test images’ bound and samples of each epoch, its model and features', () => {
    expect(metricOf(folder, 'loss').map(([step]) => step)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1))
    const [reconstruction, kl, elbo] = ['reconstruction', 'kl', 'elbo'].map((name) => metricOf(folder, name)[7]![1])
    expect(elbo).toBeCloseTo(-reconstruction! - kl!, 3)
    const testLoss = metricOf(folder, 'testLoss')
    expect(testLoss.map(([step]) => step)).toEqual([10, 20, 30])
    expect(testLoss[2]![1]).toBeLessThan(testLoss[0]![1])
    expect(samplesOf(folder)).toEqual([0, 1, 2, 3].flatMap((epoch) => [`samples ${epoch}`, `reconstructions ${epoch}`]))
    const { header, state } = decodeModel(bytesOf(folder, 'model'))
    expect(header).toMatchObject({ kind: 'vae', dataset: 'mnist', height: 28, width: 28, channels: 1 })
    expect(Object.keys(state).sort()).toEqual(
      ['decoder1', 'decoder2', 'encoder1', 'encoder2'].flatMap((layer) => [`${layer}/bias`, `${layer}/kernel`]),
    )
    const { features } = decodeSafetensors(bytesOf(folder, 'test-features')).state
    expect(features!.shape).toEqual([10_000, 4])
  })

  it('draws the manifold of two latent dimensions', async () => {
    const flat = attempt('vae-flat', 'vae', { latent: 2, epochs: 1 })
    expect(await start(flat)).toBe(0)
    expect(samplesOf(flat)).toContain('manifold 1')
  })

  it('measures a saved model without training it', async () => {
    const loaded = attempt('vae-loaded', 'vae', { mode: 'load', model: 'x' }, { inputs: { model: vaeModel } })
    expect(await start(loaded)).toBe(0)
    expect(endOf(loaded)).toMatchObject({ status: 'done', step: 0 })
    expect(metricOf(loaded, 'testLoss')).toEqual([[0, metricOf(folder, 'testLoss')[2]![1]]])
    expect(weightsOf(loaded)).toEqual(weightsOf(folder))
    expect(bytesOf(loaded, 'test-features')).toEqual(bytesOf(folder, 'test-features'))
  })
})

describe.each(['vae', 'm2', 'm1-m2'])('a run of %s', (kind) => {
  const whole = path.join(root, `${kind}-whole`)
  beforeAll(async () => {
    if (kind !== 'vae') expect(await start(attempt(`${kind}-whole`, kind, {}, givenTo(kind)))).toBe(0)
  }, 120_000)

  it('goes on after a pause bit for bit as if there had been none', async () => {
    const { step: total } = endOf(whole) as { step: number }
    const first = attempt(`${kind}-first`, kind, {}, givenTo(kind))
    const running = start(first)
    while (metricOf(first, 'loss').length < 2) await new Promise((resolve) => setTimeout(resolve, 10))
    writeFileSync(path.join(first, 'control.json'), JSON.stringify({ command: 'pause' }))
    expect(await running).toBe(0)
    const paused = endOf(first) as { status: string; step: number }
    expect(paused.status).toBe('paused')
    expect(paused.step).toBeLessThan(total)
    const resume = { file: 'resume.safetensors', step: paused.step }
    const second = attempt(`${kind}-second`, kind, {}, { ...givenTo(kind), resume })
    copyFileSync(
      path.join(first, `checkpoints/step-${paused.step}.safetensors`),
      path.join(second, 'resume.safetensors'),
    )
    expect(await start(second)).toBe(0)
    expect([...metricOf(first, 'loss'), ...metricOf(second, 'loss')]).toEqual(metricOf(whole, 'loss'))
    expect(weightsOf(second)).toEqual(weightsOf(whole))
  })
})

describe.each(['vae-svm', 'm2', 'm1-m2'])('a classifier of kind %s', (kind) => {
  const whole = path.join(root, `${kind}-whole`)
  beforeAll(async () => {
    if (!endOf(whole)) expect(await start(attempt(`${kind}-whole`, kind, {}, givenTo(kind)))).toBe(0)
  }, 120_000)

  it('measures all test images, and leaves its predictions and model', () => {
    expect(endOf(whole)).toMatchObject({ status: 'done', problem: null })
    const result = resultOf(whole)!
    expect(result).toMatchObject({ type: 'classification', dataset: 'mnist', split: 'test', count: 10_000 })
    if (result.type !== 'classification') throw new Error('unreachable')
    // Above chance: it has learnt from what it was given.
    expect(result.accuracy).toBeGreaterThan(0.15)
    expect(metricOf(whole, 'accuracy').at(-1)![1]).toBe(result.accuracy)
    const predictions = bytesOf(whole, 'test-predictions')
    expect(predictions.length).toBe(10_000)
    const called = result.confusion.reduce(
      (sums, row) => sums.map((sum, i) => sum + row[i]!),
      Array<number>(10).fill(0),
    )
    for (const [label, count] of called.entries())
      expect(predictions.filter((p) => p === label).length, `class ${label}`).toBe(count)
    if (kind !== 'vae-svm') expect(samplesOf(whole)).toContain('analogies 3')
  })

  it('gives the identical figures when its saved model is loaded', async () => {
    const inputs = { model: artifactOf(whole, 'model') }
    const loaded = attempt(`${kind}-loaded`, kind, { mode: 'load', model: 'x' }, { inputs })
    expect(await start(loaded)).toBe(0)
    expect(endOf(loaded)).toMatchObject({ status: 'done', problem: null })
    expect(resultOf(loaded)).toEqual(resultOf(whole))
    expect(bytesOf(loaded, 'test-predictions')).toEqual(bytesOf(whole, 'test-predictions'))
    expect(weightsOf(loaded)).toEqual(weightsOf(whole))
  })
})

describe('before it trains, a run says what is wrong with', () => {
  const failure = async (name: string, kind: string, params: Params, given: Given) => {
    const folder = attempt(name, kind, params, given)
    expect(await start(folder)).toBe(0)
    expect(metricOf(folder, 'loss')).toEqual([])
    expect(endOf(folder)).toMatchObject({ status: 'failed' })
    return (endOf(folder) as { problem: { message: string } }).problem.message
  }

  it('its labels', async () => {
    expect(await failure('few', 'm2', { labels: 9 }, {})).toBe(
      '9 labels are too few for 10 classes: each class needs one.',
    )
    const many = await failure('many', 'm1-m2', { labels: 300, limit: 320 }, givenTo('m1-m2'))
    expect(many).toMatch(/The class ".+" has \d+ training images; 300 balanced labels need 30 of each class\./)
  })

  it('the model it is given', async () => {
    const model = decodeModel(readFileSync(vaeModel))
    const file = (name: string, content: Uint8Array) => {
      writeFileSync(path.join(root, name), content)
      return { inputs: { vae: path.join(root, name), model: path.join(root, name) } }
    }
    expect(await failure('none', 'm1-m2', {}, {})).toContain('was given no saved model as its "vae"')
    const foreign = file('foreign', encodeModel({ ...model, header: { ...model.header, dataset: 'fashion-mnist' } }))
    expect(await failure('foreign-set', 'vae-svm', {}, foreign)).toContain('was trained on fashion-mnist, not on mnist')
    expect(await failure('kind', 'm2', { mode: 'load', model: 'x' }, foreign)).toContain('is of kind vae')
    expect(await failure('latent', 'm1-m2', { latent: 5 }, givenTo('m1-m2'))).toContain('has latent 4, not 5')
    const large = file('large.model', encodeModel({ ...model, header: { ...model.header, width: 32 } }))
    expect(await failure('size', 'vae-svm', {}, large)).toContain('images of 32×28×1; those of MNIST have 28×28×1')
    expect(await failure('damaged', 'vae-svm', {}, file('cut', readFileSync(vaeModel).subarray(0, 999)))).toContain(
      "can't be used",
    )
    const state = structuredClone(model.state)
    state['encoder1/kernel']!.data[5] = NaN
    const strange = file('strange.model', encodeModel({ ...model, state }))
    expect(await failure('nan', 'vae-svm', {}, strange)).toContain("numbers in 'encoder1/kernel' that are not finite")
    delete state['encoder1/kernel']
    expect(await failure('part', 'm1-m2', {}, file('incomplete', encodeModel({ ...model, state })))).toContain(
      "has no 'encoder1/kernel'",
    )
  })
})
