import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Params } from '../../../src/shared/experiments/index.ts'
import { decodeSafetensors, encodeSafetensors } from '../../../src/shared/safetensors.ts'
import type { NonFinitePolicy } from '../../../src/shared/settings.ts'
import { attempts, checkpointOf, endOf, metricOf, ofType, train } from '../run/attempts.ts'

const { attempt, resumed } = attempts('non-finite')

/** Runs whose learning rates are so large that they diverge within a few steps, and what they can be told to do. */
const kinds: Record<string, { params: Params; total: number; metric: string; hint: string }> = {
  vae: {
    params: { limit: 256, batch: 32, hidden: 64, layers: 3, latent: 32, epochs: 5, learningRate: 1 },
    total: 40,
    metric: 'loss',
    hint: 'smaller learning rate',
  },
  gan2d: {
    params: {
      steps: 300,
      width: 16,
      layers: 3,
      batch: 20,
      pace: 0,
      optimiser: 'sgd',
      loss: 'wgan-gp',
      lrD: 10,
      lrG: 10,
    },
    total: 300,
    metric: 'discriminatorLoss',
    hint: 'Lower its learning rates (lrD first, then lrG), which may be changed before it is resumed',
  },
}
const isFinal = (text: string) => Number.isFinite(Number(text.split(' ')[1]))

describe.each(Object.entries(kinds))('a run of %s that diverges', { timeout: 180_000 }, (kind, of) => {
  const params = { ...of.params, checkpointEvery: '1 step' }
  const run = async (policy: NonFinitePolicy) => {
    const folder = attempt(`${kind}-${policy}`, kind, params, { onNonFinite: policy })
    expect(await train(folder)).toBe(0)
    return folder
  }

  it.each([
    ['pause', 'paused'],
    ['stop', 'stopped'],
  ] as const)(
    'ends under %s, says why and what to do, and keeps the checkpoint from before',
    async (policy, status) => {
      const folder = await run(policy)
      const { problem, ...end } = endOf(folder)!
      expect(end.status).toBe(status)
      expect(end.step).toBeLessThan(of.total)
      expect(problem!.message).toMatch(
        /became (NaN|-?Infinity) at step \d+: the run has diverged and was (paused|stopped)\.$/,
      )
      expect(problem!.hint).toContain(of.hint)
      const saved = ofType(folder, 'checkpoint').map(({ step }) => step)
      if (saved.length > 0) expect(problem!.hint).toContain(`the checkpoint of step ${saved.at(-1)}`)
      for (const step of saved)
        for (const { data } of Object.values(decodeSafetensors(readFileSync(checkpointOf(folder, step))).state))
          expect(data.every((value) => Number.isFinite(value))).toBe(true)
      expect(metricOf(folder, of.metric).slice(0, -1).every(isFinal)).toBe(true)
    },
  )

  it('trains on under continue, having said so once', async () => {
    const folder = await run('continue')
    expect(endOf(folder)).toMatchObject({ status: 'done', step: of.total, problem: null })
    expect(metricOf(folder, of.metric).every(isFinal)).toBe(false)
    const said = ofType(folder, 'log').filter(
      ({ level, message }) => level === 'warning' && message.includes('diverged'),
    )
    expect(said.length).toBeGreaterThan(0)
    expect(new Set(said.map(({ message }) => message.split(' ')[0])).size).toBe(said.length)
  })
})

describe('a run of m2 that diverges', { timeout: 180_000 }, () => {
  const params: Params = {
    limit: 260,
    batch: 20,
    labels: 40,
    units: 64,
    classLatent: 20,
    epochs: 2,
    learningRate: 1,
    checkpointEvery: '1 step',
  }

  it.each([
    ['pause', 'paused'],
    ['stop', 'stopped'],
  ] as const)('ends under %s', async (policy, status) => {
    const folder = attempt(`m2-${policy}`, 'm2', params, { onNonFinite: policy })
    expect(await train(folder)).toBe(0)
    const end = endOf(folder)!
    expect(end.status).toBe(status)
    expect(end.step).toBeLessThan(12)
    expect(end.problem!.hint).toContain('smaller learning rate')
  })

  it('trains on under continue, though it can’t be measured, and fails at the end, where there is no class to be told', async () => {
    const folder = attempt('m2-continue', 'm2', params, { onNonFinite: 'continue' })
    expect(await train(folder)).toBe(0)
    expect(metricOf(folder, 'loss')).toHaveLength(22)
    expect(endOf(folder)).toMatchObject({ status: 'failed', problem: { hint: expect.any(String) as string } })
    expect(endOf(folder)!.problem!.message).toContain('the training went astray')
  })
})

describe('a run of divergences whose networks went astray', { timeout: 180_000 }, () => {
  const params = { thetaSteps: 3, steps: 15, seeds: 2, samples: 64, batch: 8, descentSteps: 3 }
  /** Its first θ is measured; the second has a training whose estimates are not finite. */
  async function astray(policy: NonFinitePolicy): Promise<string> {
    const whole = attempt(`divergences-whole-${policy}`, 'divergences', params)
    await train(whole)
    const folder = resumed(`divergences-${policy}`, 'divergences', params, whole, 1, { onNonFinite: policy })
    const { state, metadata } = decodeSafetensors(readFileSync(checkpointOf(whole, 1)))
    const { shape, data } = state['seeds']!
    const row = new Float64Array(shape[1]!).fill(NaN)
    state['seeds'] = {
      shape: [shape[0]! + 1, shape[1]!, 2],
      data: Int32Array.from([...data, ...new Int32Array(row.buffer)]),
    }
    writeFileSync(path.join(folder, 'resume.safetensors'), encodeSafetensors(state, metadata))
    expect(await train(folder)).toBe(0)
    return folder
  }

  it.each([
    ['pause', 'paused'],
    ['stop', 'stopped'],
  ] as const)('ends under %s', async (policy, status) => {
    const end = endOf(await astray(policy))!
    expect(end).toMatchObject({ status, step: 2 })
    expect(end.problem!.message).toContain('learnedW became NaN at step 2: the run has diverged')
    expect(end.problem!.hint).toContain('the checkpoint of step 1')
  })

  it('goes on under continue', async () => {
    const folder = await astray('continue')
    expect(endOf(folder)).toMatchObject({ status: 'done', step: 10, problem: null })
    expect(ofType(folder, 'log').filter(({ level }) => level === 'warning')).toHaveLength(2)
  })
})
