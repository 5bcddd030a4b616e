import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { changeSchedule } from '../../../../src/ml/experiments/gan2d/live-changes.ts'
import type { WorkerSpec } from '../../../../src/shared/events.ts'
import type { Params } from '../../../../src/shared/experiments/index.ts'
import { decodeFrame } from '../../../../src/shared/plane/frame.ts'
import type { Change } from '../../../../src/shared/run.ts'
import { attempts, ofType, train } from '../../run/attempts.ts'

const small: Params = { steps: 300, width: 6, batch: 20, pace: 0, measureEvery: 100, checkpointEvery: 100 }
const place = attempts('plane')
const attempt = (name: string, params: Params, more: Partial<WorkerSpec> = {}) =>
  place.attempt(name, 'gan2d', { ...small, ...params }, more)

const control = (folder: string, command: 'run' | 'pause', params: Params = {}) =>
  writeFileSync(path.join(folder, 'control.json'), JSON.stringify({ command, params }))

const weights = (folder: string, step = 300) => readFileSync(path.join(folder, `checkpoints/step-${step}.safetensors`))

describe('a run on the plane', { timeout: 60_000 }, () => {
  it('needs no TensorFlow, and leaves losses, measures, pictures and a thumbnail', async () => {
    const folder = attempt('whole', { distribution: 'eight-gaussians' })
    expect(await train(folder)).toBe(0)
    expect(ofType(folder, 'ended')).toMatchObject([{ status: 'done', step: 300, problem: null }])
    expect(ofType(folder, 'hello')[0]!.engine.backend).toBe('javascript')
    const names = new Set(ofType(folder, 'series').flatMap((e) => e.names))
    for (const name of ['discriminatorLoss', 'slicedWasserstein', 'wasserstein', 'kl', 'js', 'modesCovered'])
      expect(names).toContain(name)
    const frames = ofType(folder, 'frame')
    expect(frames.map((f) => f.step)).toEqual(expect.arrayContaining([0, 100, 200, 300]))
    expect(decodeFrame(frames.at(-1)!.bytes)).toMatchObject({ step: 300, output: 'probability', map: { side: 30 } })
    expect(ofType(folder, 'sample').map((s) => s.step)).toEqual([0, 300])
  })

  it('goes on after a kill bit for bit, making the changes of before again', async () => {
    const changes: Change[] = [
      { step: 40, time: 1, params: { lrD: 0.02, loss: 'hinge' } },
      { step: 150, time: 2, params: { lrG: 0.01, optimiser: 'sgd' } },
    ]
    const whole = attempt('uninterrupted', {}, { changes })
    await train(whole)
    expect(ofType(whole, 'change').map(({ step, params }) => ({ step, params }))).toEqual(
      changes.map(({ step, params }) => ({ step, params })),
    )

    const resumed = attempt('resumed', {}, { changes, resume: { file: 'resume.safetensors', step: 100 } })
    copyFileSync(path.join(whole, 'checkpoints/step-100.safetensors'), path.join(resumed, 'resume.safetensors'))
    await train(resumed)
    expect(ofType(resumed, 'change').map((e) => e.step)).toEqual([150])
    expect(weights(resumed).equals(weights(whole))).toBe(true)

    await train(attempt('unchanged', {}))
    expect(weights(path.join(place.root, 'unchanged')).equals(weights(whole))).toBe(false)
  })

  it('takes a change while it trains, and keeps its pace', async () => {
    const folder = attempt('live', { steps: 60, pace: 30, framesPerSecond: 0 })
    control(folder, 'run', { lrD: 0.5, pace: 0 })
    await train(folder)
    expect(ofType(folder, 'change').map(({ params }) => params)).toEqual([{ lrD: 0.5, pace: 0 }])
    expect(ofType(folder, 'log').map((e) => e.message)).toContain('At step 0: lrD 0.003 → 0.5, pace 30 → 0.')
    control(folder, 'pause')
  })

  it('says what is wrong with a set that is missing or damaged', async () => {
    const name = 'set:0123456789abcdef'
    for (const text of [null, '{"type":"points"', '{"type":"drawing","drawing":{"version":1,"strokes":[]}}']) {
      const folder = attempt(`bad-${String(text).length}`, { distribution: name }, { sets: { [name]: 'set.json' } })
      if (text !== null) writeFileSync(path.join(folder, 'set.json'), text)
      await train(folder)
      const end = ofType(folder, 'ended')[0]!
      expect(end.status).toBe('failed')
      expect(end.problem!.message).toContain(`The distribution "${name}" can't be read`)
    }
  })
})

describe('changes over a run', () => {
  const change = (step: number, params: Params): Change => ({ step, time: 0, params })

  it('has those before the checkpoint in force and makes the later ones at their steps', () => {
    const schedule = changeSchedule(
      { a: 1, b: 1 },
      [change(5, { a: 2 }), change(10, { a: 3 }), change(20, { b: 9 })],
      10,
    )
    expect(schedule.params).toEqual({ a: 2, b: 1 })
    const live = { a: 3, b: 9 }
    expect(schedule.due(10, live)).toEqual([{ a: 3 }])
    expect(schedule.due(11, live)).toEqual([])
    expect(schedule.due(20, live)).toEqual([{ b: 9 }])
  })

  it('lets the user’s last word stand against a change of before', () => {
    const schedule = changeSchedule({ a: 1, b: 1 }, [change(20, { a: 2, b: 2 })], 0)
    expect(schedule.due(3, { a: 7, b: 2 })).toEqual([{ a: 7 }])
    expect(schedule.due(20, { a: 7, b: 2 })).toEqual([{ b: 2 }])
  })
})
