import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { attempts, checkpointOf, endOf, metricOf, ofType, start, train, until } from './attempts.ts'
import type { Params } from '../../../src/shared/experiments/index.ts'
import { decodeSafetensors } from '../../../src/shared/safetensors.ts'

const { attempt, resumed } = attempts('checkpoints')

const everyStep = { checkpointEvery: '1 step' }
/** Small runs of every kind of loop; the steps to go on from lie within an epoch, or between two measures. */
const kinds: Record<string, { params: Params; total: number; from: number[]; metric: string }> = {
  'wgan-gp': {
    params: { limit: 128, batch: 16, width: 4, epochs: 2, criticSteps: 3, ...everyStep },
    total: 6,
    from: [1, 4],
    metric: 'criticLoss',
  },
  dcgan: {
    params: { limit: 64, batch: 16, width: 4, epochs: 2, ...everyStep },
    total: 8,
    from: [3, 7],
    metric: 'dReal',
  },
  vae: {
    params: { limit: 128, batch: 32, hidden: 16, layers: 1, latent: 4, epochs: 2, ...everyStep },
    total: 8,
    from: [3, 5],
    metric: 'loss',
  },
  m2: {
    params: { limit: 140, batch: 20, labels: 40, units: 12, classLatent: 3, epochs: 2, ...everyStep },
    total: 10,
    from: [2, 8],
    metric: 'loss',
  },
  gan2d: {
    params: { steps: 40, width: 6, batch: 20, pace: 0, measureEvery: 25, ...everyStep },
    total: 40,
    from: [1, 24, 39],
    metric: 'discriminatorLoss',
  },
}
/** What a checkpoint holds, byte for byte but for the parameters in its header. */
const stateAt = (folder: string, step: number) => decodeSafetensors(readFileSync(checkpointOf(folder, step))).state

describe.each(Object.entries(kinds))('%s', { timeout: 180_000 }, (kind, { params, total, from, metric }) => {
  it('goes on bit for bit from a checkpoint at any step', async () => {
    const whole = attempt(`${kind}-whole`, kind, params)
    expect(await train(whole)).toBe(0)
    expect(endOf(whole)).toMatchObject({ status: 'done', step: total })
    expect(ofType(whole, 'checkpoint').map(({ step }) => step)).toEqual(Array.from({ length: total }, (_, i) => i + 1))
    for (const step of from) {
      const rest = resumed(`${kind}-${step}`, kind, params, whole, step)
      expect(await train(rest)).toBe(0)
      expect(endOf(rest)).toMatchObject({ status: 'done', step: total })
      expect(metricOf(rest, metric)).toEqual(metricOf(whole, metric).slice(step))
      expect(stateAt(rest, total)).toEqual(stateAt(whole, total))
    }
  })
})

describe('by minutes', { timeout: 180_000 }, () => {
  it('checkpoints lie where the clock says, and change nothing of what is trained', async () => {
    const params = { steps: 400, width: 6, batch: 20, measureEvery: 100, framesPerSecond: 0 }
    const [whole, timed] = [
      attempt('untimed', 'gan2d', { ...params, pace: 0, checkpointEvery: 1000 }),
      attempt('timed', 'gan2d', { ...params, pace: 40, checkpointEvery: '0.1 minutes' }),
    ]
    await Promise.all([train(whole), train(timed)])
    expect(ofType(whole, 'checkpoint').map(({ step }) => step)).toEqual([400])
    const [first, ...others] = ofType(timed, 'checkpoint').map(({ step }) => step)
    expect(others).toContain(400)
    expect(stateAt(timed, 400)).toEqual(stateAt(whole, 400))
    const rest = resumed('timed-rest', 'gan2d', { ...params, pace: 0, checkpointEvery: '0.1 minutes' }, timed, first!)
    await train(rest)
    expect(stateAt(rest, 400)).toEqual(stateAt(whole, 400))
    for (const name of ['discriminatorLoss', 'slicedWasserstein', 'wasserstein'])
      expect([...metricOf(timed, name).filter((at) => parseInt(at) <= first!), ...metricOf(rest, name)]).toEqual(
        metricOf(whole, name),
      )
  })
})

describe('stopped by a signal, or paused, in the middle of an epoch', { timeout: 180_000 }, () => {
  it.each(['SIGTERM', 'SIGINT', 'pause'] as const)('a run goes on bit for bit (%s)', async (how) => {
    const { params, metric, total } = {
      ...kinds['gan2d']!,
      params: { ...kinds['gan2d']!.params, steps: 600, checkpointEvery: 1000 },
      total: 600,
    }
    const whole = attempt(`${how}-whole`, 'gan2d', params)
    await train(whole)
    const first = attempt(`${how}-first`, 'gan2d', { ...params, pace: 100 })
    const { child, ended } = start(first)
    await until(() => metricOf(first, metric).length > 5)
    if (how === 'pause') writeFileSync(path.join(first, 'control.json'), '{"command":"pause"}')
    else child.kill(how)
    expect(await ended).toBe(0)
    const { step, status } = endOf(first)!
    expect([status, step < total]).toEqual([how === 'pause' ? 'paused' : 'interrupted', true])
    const second = resumed(`${how}-second`, 'gan2d', params, first, step)
    await train(second)
    expect([...metricOf(first, metric), ...metricOf(second, metric)]).toEqual(metricOf(whole, metric))
    expect(stateAt(second, total)).toEqual(stateAt(whole, total))
  })
})
