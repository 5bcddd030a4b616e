import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import type { WorkerSpec } from '../../../../src/shared/events.ts'
import { checkParams } from '../../../../src/shared/experiments/index.ts'
import type { Params } from '../../../../src/shared/experiments/index.ts'
import type { DivergencesFound } from '../../../../src/shared/plane/divergences.ts'
import { attempts, ofType, start } from '../../run/attempts.ts'

const small: Params = { thetaSteps: 5, steps: 15, seeds: 2, samples: 64, batch: 8, descentSteps: 3 }
/** Five values of θ, and seven points that learn. */
const steps = 12

const place = attempts('divergences')
const attempt = (name: string, params: Params = {}, more: Partial<WorkerSpec> = {}) =>
  place.attempt(name, 'divergences', { ...small, ...params }, more)
const resumedFrom = (name: string, other: string, step: number, params: Params = {}) =>
  place.resumed(name, 'divergences', { ...small, ...params }, other, step)

function train(folder: string, onStart: (kill: () => void) => void = () => {}): Promise<number | null> {
  const { child, ended } = start(folder)
  onStart(() => child.kill('SIGKILL'))
  return ended
}
const resultsOf = (folder: string) => ofType(folder, 'result').map((e) => e.value as DivergencesFound)
const lastResult = (folder: string) => JSON.stringify(resultsOf(folder).at(-1))

describe('a sweep over θ', { timeout: 60_000 }, () => {
  it('grows: exact curves first, then θ by θ, then the points that learn', async () => {
    const folder = attempt('whole')
    expect(await train(folder)).toBe(0)
    expect(ofType(folder, 'ended')).toMatchObject([{ status: 'done', step: steps, problem: null }])
    expect(ofType(folder, 'hello')[0]!.engine.backend).toBe('javascript')

    const results = resultsOf(folder)
    expect(results.map((r) => r.measured).filter((m, i, all) => m !== all[i - 1])).toEqual([0, 1, 2, 3, 4, 5])
    expect(results[0]!.exact.klPQ.value).toEqual(['Infinity', 'Infinity', 0, 'Infinity', 'Infinity'])
    const last = results.at(-1)!
    expect(last.theta).toEqual([-1, -0.5, 0, 0.5, 1])
    expect(last.exact.wasserstein).toEqual({ value: [1, 0.5, 0, 0.5, 1], slope: [-1, -1, null, 1, 1] })
    expect(last.exact.js.slope).toEqual([0, 0, null, 0, 0])
    expect(last.exact.klQP.slope).toEqual([null, null, null, null, null])
    for (const { mean, sd } of [
      last.learned.wasserstein.value,
      last.learned.js.slope,
      last.estimates['neighbours.js'],
    ]) {
      expect(mean.length).toBe(5)
      expect(sd.every((value) => typeof value === 'number' && value >= 0)).toBe(true)
    }
    // An independent sample of a segment is not where another one is, but near.
    expect(last.estimates['samples.wasserstein'].mean[2]).toBeGreaterThan(0)
    expect(last.estimates['samples.wasserstein'].mean[4]).toBeCloseTo(1, 1)

    expect(last.descents.map((d) => `${d.source} ${d.divergence}`)).toEqual([
      ...['klPQ', 'klQP', 'js', 'wasserstein'].map((name) => `exact ${name}`),
      ...['wasserstein', 'js', 'klPQ'].map((name) => `learned ${name}`),
    ])
    expect(last.descents.every((d) => d.theta.length === 4 && d.theta[0] === 0.8)).toBe(true)
    expect(last.descents[0]!.theta.at(-1)).toBe(0.8)
    expect(last.descents[3]!.theta.at(-1)).toBeCloseTo(0.8 - 0.06 * 2, 12)

    const thetas = ofType(folder, 'metrics').filter((e) => e.step <= 5)
    expect(thetas.map((e) => e.step)).toEqual([1, 2, 3, 4, 5])
    expect(thetas.map((e) => e.values[0])).toEqual([-1, -0.5, 0, 0.5, 1])
    const lines = ofType(folder, 'log').map((e) => e.message)
    expect(lines.at(-1)).toMatch(/^The discriminator’s JS is within .* % of the exact one where \|θ\| ≥ 0\.1\.$/)
  })

  it('goes on from every checkpoint to the same result, bit for bit', async () => {
    const whole = path.join(place.root, 'whole')
    for (const step of [1, 3, 5, 7, 11]) {
      const resumed = resumedFrom(`from-${step}`, whole, step)
      await train(resumed)
      expect(ofType(resumed, 'metrics').every((e) => e.step > step)).toBe(true)
      expect(lastResult(resumed)).toBe(lastResult(whole))
    }
    await train(attempt('other', { seed: 1 }))
    expect(lastResult(path.join(place.root, 'other'))).not.toBe(lastResult(whole))
  })

  it('pauses in the middle of a θ or of a descent, and is killed, and ends the same', async () => {
    const params = { steps: 300, thetaSteps: 3 }
    const whole = attempt('long', params)
    await train(whole)
    // Paused at once, again and again, each time after a single piece.
    let [from, step, pauses] = [null as string | null, 0, 0]
    for (; pauses < 4; pauses++) {
      const folder = from ? resumedFrom(`pause-${pauses}`, from, step, params) : attempt('pause-0', params)
      setTimeout(() => writeFileSync(path.join(folder, 'control.json'), '{"command":"pause"}'), 900 + 500 * pauses)
      await train(folder)
      const end = ofType(folder, 'ended')[0]!
      if (end.status === 'done') break
      expect(end.status).toBe('paused')
      ;[from, step] = [folder, end.step]
    }
    expect(pauses).toBeGreaterThan(0)
    const last = resumedFrom('after-pauses', from!, step, params)
    await train(last)
    expect(lastResult(last)).toBe(lastResult(whole))

    const killed = attempt('killed', params)
    await train(killed, (kill) => {
      const look = setInterval(() => {
        if (!ofType(killed, 'checkpoint').length) return
        clearInterval(look)
        kill()
      }, 20)
    })
    expect(ofType(killed, 'ended')).toEqual([])
    const after = resumedFrom('after-kill', killed, ofType(killed, 'checkpoint').at(-1)!.step, params)
    await train(after)
    expect(lastResult(after)).toBe(lastResult(whole))
  })

  it('takes drawings and points in P’s and Q’s place, and leaves KL out where there is no density', async () => {
    const [drawn, points] = ['set:0123456789abcdef', 'set:fedcba9876543210']
    const folder = attempt(
      'sets',
      { p: drawn, q: points, move: 'rotation', thetaSteps: 2, seeds: 1, descentSteps: 1 },
      { sets: { [drawn]: 'drawn.json', [points]: 'points.json' } },
    )
    const strokes = [{ width: 0.2, points: [[-0.5, 0], [0.5, 0.2]] }] // prettier-ignore
    const set = { version: 1, centre: [0, 0], scale: 1, points: [0.1, 0.2, 0.3, -0.4] }
    writeFileSync(
      path.join(folder, 'drawn.json'),
      JSON.stringify({ type: 'drawing', drawing: { version: 1, strokes } }),
    )
    writeFileSync(path.join(folder, 'points.json'), JSON.stringify({ type: 'points', set }))
    await train(folder)
    expect(ofType(folder, 'ended')).toMatchObject([{ status: 'done', problem: null }])
    const { exact, learned } = resultsOf(folder).at(-1)!
    expect(exact.klPQ.value).toEqual([null, null])
    expect(exact.wasserstein.value.every((w) => Number(w) > 0)).toBe(true)
    expect(learned.js.value.sd).toEqual([null, null])
  })

  it('refuses a checkpoint of another shape', async () => {
    const folder = resumedFrom('misfit', path.join(place.root, 'whole'), 5, { thetaSteps: 3 })
    await train(folder)
    expect(ofType(folder, 'ended')[0]!.problem!.message).toContain('its "exact" does not fit these parameters')
  })
})

describe('bad parameters', () => {
  it.each([
    [{ steps: 0 }, 'steps must be a whole number from 1 to 1000000, not 0.'],
    [{ thetaMin: -1.5 }, 'thetaMin must be a number from -1 to 1, not -1.5.'],
    [{ thetaMax: 2 }, 'thetaMax must be a number from -1 to 1, not 2.'],
    [{ thetaMin: 0.5, thetaMax: 0.5 }, 'thetaMax must be above thetaMin (0.5), not 0.5.'],
    [{ thetaSteps: 1 }, 'thetaSteps must be a whole number from 2 to 1001, not 1.'],
    [{ seeds: 0 }, 'seeds must be a whole number from 1 to 100, not 0.'],
    [{ samples: 5 }, 'samples must be a whole number from 32 to 100000, not 5.'],
    [{ descentFrom: 3 }, 'descentFrom must be a number from -1 to 1, not 3.'],
    [{ p: 'circle' }, 'p must be one of line, parabola'],
    [{ q: 'set:1' }, 'q must be one of line, parabola'],
  ])('%o', (params, message) => {
    const checked = checkParams('divergences', params)
    expect(checked.ok).toBe(false)
    expect(!checked.ok && checked.errors[0]!.message).toContain(message)
  })
})
