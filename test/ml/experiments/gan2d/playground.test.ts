import { describe, expect, it } from 'vitest'
import { namedSource } from '../../../../src/ml/datasets/plane/source.ts'
import { cheapMeasures, exactMeasure, realBatches } from '../../../../src/ml/experiments/gan2d/measures.ts'
import type { PlaneGanParams } from '../../../../src/ml/experiments/gan2d/params.ts'
import { pictureNoise, snapshot } from '../../../../src/ml/experiments/gan2d/snapshot.ts'
import { createPlaneGanTrainer } from '../../../../src/ml/experiments/gan2d/step.ts'
import type { PlaneGanTrainer, StepPart } from '../../../../src/ml/experiments/gan2d/step.ts'
import { ganLosses } from '../../../../src/ml/models/gan-losses.ts'
import type { GanLossName } from '../../../../src/ml/models/gan-losses.ts'
import { decodeFrame, encodeFrame } from '../../../../src/shared/plane/frame.ts'
import { reference } from './reference.ts'

interface ParamChange {
  step: number
  params: Partial<PlaneGanParams>
}

const small: PlaneGanParams = { ...reference, batch: 40 }
const source = namedSource('parabola', 1)
const names = Object.keys(ganLosses) as GanLossName[]

function train(trainer: PlaneGanTrainer, from: number, to: number, changes: ParamChange[] = []): void {
  for (let step = from; step < to; step++) {
    for (const change of changes) if (change.step === step) trainer.change(change.params)
    trainer.step(step, realBatches(source, trainer.params.batch, step))
  }
}

describe('a step in parts', () => {
  it.each(names)('does with %s what the whole step does', (loss) => {
    const params = { ...small, loss, discriminatorSteps: 2, generatorSteps: 2 }
    const [whole, walked] = [createPlaneGanTrainer(params), createPlaneGanTrainer(params)]
    for (let step = 0; step < 3; step++) {
      const losses = whole.step(step, realBatches(source, 40, step))
      const walk = walked.parts(step, realBatches(source, 40, step))
      const seen: string[] = []
      let result = walk.next()
      for (; !result.done; result = walk.next()) seen.push(`${result.value.part} ${result.value.update}`)
      expect(result.value).toEqual(losses)
      expect(seen).toEqual([
        ...[0, 1].flatMap((k) => [`discriminatorForward ${k}`, `discriminatorUpdate ${k}`]),
        ...[0, 1].flatMap((k) => [`generatorForward ${k}`, `pointGradients ${k}`, `generatorUpdate ${k}`]),
      ])
    }
    expect(walked.state()).toEqual(whole.state())
  })

  it('shows what happens: scores of the points, gradients of the loss, weights that move', () => {
    const trainer = createPlaneGanTrainer(small)
    const before = trainer.state()
    const found = new Map<string, StepPart>()
    for (const part of trainer.parts(0, realBatches(source, 40, 0))) {
      found.set(part.part, structuredClone(part))
      if (part.part === 'discriminatorForward') {
        expect(part.real).toEqual(realBatches(source, 40, 0)())
        expect(trainer.score(part.real)).toEqual(part.realScores)
        expect(trainer.score(part.fake)).toEqual(part.fakeScores)
      }
      if (part.part === 'generatorForward') expect(trainer.score(part.fake)).toEqual(part.scores)
      if (part.part === 'pointGradients')
        trainer.pull(part.fake).forEach((value, i) => expect(value / 40).toBeCloseTo(-part.gradients[i]!, 8))
      if (part.part === 'discriminatorUpdate') expect(part.gradientNorm).toBeGreaterThan(0)
    }
    expect(found.size).toBe(5)
    expect(trainer.state()['generator/weights']!.data).not.toEqual(before['generator/weights']!.data)
  })

  it('lets nothing else happen until its end', () => {
    const trainer = createPlaneGanTrainer(small)
    const start = trainer.state()
    const walk = trainer.parts(0, realBatches(source, 40, 0))
    walk.next()
    const message = 'The trainer is in the middle of a step; walk through its parts to the end first.'
    expect(() => trainer.state()).toThrow(message)
    expect(() => trainer.change({ lrG: 1 })).toThrow(message)
    expect(() => trainer.step(1, realBatches(source, 40, 1))).toThrow(message)
    // Or give it up.
    trainer.load(start)
    expect(trainer.state()).toEqual(start)
  })
})

describe('parameters changed while it runs', () => {
  const changes: ParamChange[] = [
    { step: 3, params: { lrG: 5e-3, discriminatorSteps: 2 } },
    { step: 5, params: { loss: 'wganGp', activation: 'tanh', batch: 30 } },
    { step: 5, params: { discriminatorHidden: [6, 5, 4] } },
    { step: 7, params: { optimiser: 'sgd', noise: 'normal' } },
    { step: 9, params: { optimiser: 'adam', latent: 1, discriminatorSteps: 1 } },
  ]

  it('repeat, and go on from any checkpoint, bit for bit', () => {
    const straight = createPlaneGanTrainer(small)
    const states = []
    for (let step = 0; step < 12; step++) {
      states.push(structuredClone(straight.state()))
      train(straight, step, step + 1, changes)
    }
    for (const step of [0, 2, 3, 4, 5, 6, 8, 9, 10]) {
      const before = changes.filter((change) => change.step < step).map(({ params }) => params)
      const resumed = createPlaneGanTrainer(Object.assign({}, small, ...before) as PlaneGanParams)
      resumed.load(states[step]!)
      train(resumed, step, 12, changes)
      expect(resumed.state()).toEqual(straight.state())
    }
    expect(straight.params).toEqual(Object.assign({}, small, ...changes.map(({ params }) => params)))
  })

  it('keep weights and moments, except in a network of another shape, and say which', () => {
    const trainer = createPlaneGanTrainer(small)
    train(trainer, 0, 4)
    const before = trainer.state()
    const kept = { lrD: 0.1, loss: 'hinge', activation: 'tanh', batch: 7, optimiser: 'sgd', noise: 'normal' } as const
    expect(trainer.change(kept)).toEqual([])
    expect(trainer.state()).toEqual(before)
    expect(trainer.change({ latent: 1 })).toEqual(['generator'])
    const after = trainer.state()
    expect(after['generator/updates']!.data[0]).toBe(0)
    expect(after['discriminator/m']).toEqual(before['discriminator/m'])
    expect(trainer.change({ discriminatorHidden: [16] })).toEqual(['discriminator'])
    train(trainer, 4, 6)
  })

  it('have the effect of a network that had them from the start', () => {
    const [changed, other] = [createPlaneGanTrainer(small), createPlaneGanTrainer({ ...small, loss: 'leastSquares' })]
    changed.change({ loss: 'leastSquares' })
    train(changed, 0, 3)
    train(other, 0, 3)
    expect(changed.state()).toEqual(other.state())
  })

  it('refuse another seed and impossible sizes, and then nothing has changed', () => {
    const trainer = createPlaneGanTrainer(small)
    expect(() => trainer.change({ seed: 2, lrG: 1 })).toThrow('The seed is 1 for the whole run')
    expect(() => trainer.change({ batch: 1.5, lrG: 1 })).toThrow('batch is 1.5')
    expect(trainer.params).toEqual(small)
  })

  it('SGD takes the plain step', () => {
    const trainer = createPlaneGanTrainer({ ...small, optimiser: 'sgd', lrD: 0, lrG: 0.5 })
    const before = trainer.state()['generator/weights']!.data as Float32Array
    let norm = 0
    for (const part of trainer.parts(0, realBatches(source, 40, 0)))
      if (part.part === 'generatorUpdate') norm = part.gradientNorm
    const after = trainer.state()['generator/weights']!.data
    const moved = Math.hypot(...before.map((value, i) => value - after[i]!))
    expect(moved).toBeCloseTo(0.5 * norm, 5)
    expect(Math.max(...trainer.state()['generator/m']!.data)).toBe(0)
  })
})

describe('the picture', () => {
  it('shows probabilities under the log losses and scores under others, where the squares are', () => {
    const trainer = createPlaneGanTrainer(small)
    train(trainer, 0, 5)
    const frame = snapshot(trainer, 5, { map: 4, points: 12, manifold: 3, extent: 2 })
    expect(frame).toMatchObject({ step: 5, output: 'probability', extent: 2, map: { side: 4 } })
    // Second row from below, third square: (0.5, −0.5).
    const score = trainer.score(Float32Array.of(0.5, -0.5))[0]!
    expect(frame.map!.values[6]).toBeCloseTo(1 / (1 + Math.exp(-score)), 6)
    trainer.change({ loss: 'wganGp' })
    const other = snapshot(trainer, 5, { map: 4, points: 12, manifold: 3, extent: 2 })
    expect(other.output).toBe('value')
    expect(other.map!.values[6]).toBeCloseTo(score, 6)
  })

  it.each(names)("arrows of %s lower each point's own loss", (loss) => {
    const trainer = createPlaneGanTrainer({ ...small, loss, activation: 'tanh' })
    train(trainer, 0, 5)
    const { fake, arrows } = snapshot(trainer, 5, { map: 0, points: 12, manifold: 0, extent: 1 })
    const lossAt = (points: Float32Array) => [...trainer.score(points)].map(ganLosses[loss].generator.value)
    const h = 1e-2
    for (const axis of [0, 1]) {
      const moved = (by: number) => lossAt(fake!.map((value, i) => value + (i % 2 === axis ? by : 0)))
      const [up, down] = [moved(h), moved(-h)]
      up.forEach((value, n) => expect(arrows![2 * n + axis]).toBeCloseTo(-(value - down[n]!) / (2 * h), 3))
    }
  })

  it('follows the same noise from frame to frame, and carries its grid along', () => {
    const trainer = createPlaneGanTrainer(small)
    const { fake, manifold } = snapshot(trainer, 0)
    expect(fake).toEqual(trainer.generate(pictureNoise(small, 150)))
    expect(manifold).toMatchObject({ rows: 21, columns: 21 })
    const corner = trainer.generate(Float32Array.of(1, 0))
    expect([...manifold!.points.subarray(40, 42)]).toEqual([...corner])
    trainer.change({ latent: 1, noise: 'normal' })
    const curve = snapshot(trainer, 0).manifold!
    expect(curve).toMatchObject({ rows: 1, columns: 168 })
    expect([...curve.points.subarray(0, 2)]).toEqual([...trainer.generate(Float32Array.of(-2))])
  })

  it('is a few kilobytes when recorded, and does not disturb training', () => {
    const [watched, alone] = [createPlaneGanTrainer(small), createPlaneGanTrainer(small)]
    for (let step = 0; step < 4; step++) {
      const bytes = encodeFrame(snapshot(watched, step))
      expect(bytes.length).toBeLessThan(5000)
      expect(decodeFrame(bytes).step).toBe(step)
      cheapMeasures(watched, source, step)
      train(watched, step, step + 1)
      train(alone, step, step + 1)
    }
    expect(watched.state()).toEqual(alone.state())
  })
})

describe('measures of a training', () => {
  it('fall as the points reach the parabola', () => {
    const hidden = { generatorHidden: [16, 16], discriminatorHidden: [16, 16] }
    const rates = { lrG: 1e-3, lrD: 3e-3, beta1: 0.5 }
    const trainer = createPlaneGanTrainer({ ...reference, ...hidden, ...rates, activation: 'leakyRelu' })
    const measure = (step: number): Record<string, number> => {
      return { ...cheapMeasures(trainer, source, step), exact: exactMeasure(trainer, source, step) }
    }
    const before = measure(0)
    train(trainer, 0, 1500)
    const after = measure(1500)
    expect(after['sliced']).toBeLessThan(0.3 * before['sliced']!)
    expect(after['exact']).toBeLessThan(0.3 * before['exact']!)
    expect(after['js']).toBeLessThan(0.8 * before['js']!)
    // A lower bound on JS, up to its own sampling error.
    expect(after['estimate']).toBeLessThan(after['js']! + 0.05)
    expect(Object.keys(after)).toEqual(['klPQ', 'klQP', 'js', 'sliced', 'estimate', 'exact'])
  })

  it('count modes where they are known, repeat, and survive a generator that has diverged', () => {
    const grid = namedSource('grid-25', 1)
    const trainer = createPlaneGanTrainer({ ...small, loss: 'hinge' })
    const values = cheapMeasures(trainer, grid, 3)
    expect(Object.keys(values)).toEqual(['klPQ', 'klQP', 'js', 'sliced', 'modes', 'good'])
    expect(cheapMeasures(trainer, grid, 3)).toEqual(values)
    expect(cheapMeasures(trainer, grid, 4)).not.toEqual(values)
    const state = trainer.state()
    state['generator/weights']!.data.fill(NaN)
    trainer.load(state)
    expect(exactMeasure(trainer, grid, 0)).toBeNaN()
    expect(cheapMeasures(trainer, grid, 0)).toMatchObject({ modes: 0, good: 0, sliced: NaN })
    expect(cheapMeasures(trainer, grid, 0)['js']).toBeCloseTo(Math.LN2, 6)
  })
})
