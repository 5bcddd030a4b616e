import { describe, expect, test } from 'vitest'
import { decisionValues, fitLinearSvm, predictLinearSvm } from '../../../src/ml/models/linear-svm/index.ts'
import type { LabelledFeatures, LinearSvm } from '../../../src/ml/models/linear-svm/index.ts'
import { makeDataset, recorded, specs } from '../../fixtures/svm/datasets.ts'

const datasets = specs.map((spec, number) => ({
  ...spec,
  data: makeDataset(number, spec),
  expected: recorded[number]!,
}))
const named = (name: string) => datasets.find((dataset) => dataset.name === name)!

/** ½‖w‖² + C Σ max(0, 1 − y w·x)² of each binary problem, written down anew. */
function objectivesOf(svm: LinearSvm, { x, rows, features, labels }: LabelledFeatures, C: number): number[] {
  const positives = svm.classes.length === 2 ? [svm.classes[1]] : svm.classes
  return positives.map((positive, t) => {
    const w = svm.weights.subarray(t * features, (t + 1) * features)
    const b = svm.intercepts[t]!
    let objective = (b * b + w.reduce((sum, value) => sum + value * value, 0)) / 2
    for (let i = 0; i < rows; i++) {
      const score = w.reduce((sum, value, j) => sum + value * x[i * features + j]!, b)
      objective += C * Math.max(0, 1 - (labels[i] === positive ? 1 : -1) * score) ** 2
    }
    return objective
  })
}

function expectObjectives(found: number[], expected: number[]): void {
  expect(found).toHaveLength(expected.length)
  for (const [t, objective] of expected.entries())
    expect(Math.abs(found[t]! - objective) / objective, `objective of problem ${t}`).toBeLessThanOrEqual(1e-6)
}

test('the data sets are those that the reference saw', () => {
  expect(recorded.map(({ name }) => name)).toEqual(specs.map(({ name }) => name))
  for (const { data, expected } of datasets)
    expect(data.x.reduce((sum, value) => sum + Math.floor(Math.abs(value) * 1024), 0)).toBe(expected.checksum)
})

describe("the optimum is scikit-learn's", () => {
  test.each(datasets)('$name', ({ data, expected, C = 1 }) => {
    const { svm, objective, converged, iterations } = fitLinearSvm(data, { C })
    expect(converged).toBe(true)
    expect(svm.classes).toEqual(expected.classes)
    expect(iterations).toHaveLength(expected.objective.length)
    expectObjectives(objectivesOf(svm, data, C), expected.objective)
    expectObjectives(objective, expected.objective)
    const predicted = predictLinearSvm(svm, data.x, data.rows)
    const different = predicted.filter((label, i) => label !== expected.classes[Number(expected.predicted[i])]).length
    expect(different).toBeLessThanOrEqual(0.001 * data.rows)
  })
})

describe('each solver finds it', () => {
  const easy = ['two classes, one feature', 'more features than rows', 'sparse, more features than rows']
  test.each(easy)('dual descent: %s', (name) => {
    const { data, expected, C = 1 } = named(name)
    const { svm, converged } = fitLinearSvm(data, { C, solver: 'dual', tolerance: 1e-7, maxIterations: 100_000 })
    expect(converged).toBe(true)
    expectObjectives(objectivesOf(svm, data, C), expected.objective)
  })
  test.each(['more features than rows', 'sparse, more features than rows', 'unbalanced, 1 : 40'])(
    'primal: %s',
    (name) => {
      const { data, expected, C = 1 } = named(name)
      const { svm, converged } = fitLinearSvm(data, { C, solver: 'primal' })
      expect(converged).toBe(true)
      expectObjectives(objectivesOf(svm, data, C), expected.objective)
    },
  )
  test('dual descent that runs out of iterations says so, and auto goes on in the primal', () => {
    const { data, expected } = named('more features than rows')
    expect(fitLinearSvm(data, { solver: 'dual', maxIterations: 2 }).converged).toBe(false)
    const { svm, converged } = fitLinearSvm(data, { maxIterations: 20 })
    expect(converged).toBe(true)
    expectObjectives(objectivesOf(svm, data, 1), expected.objective)
  })
})

test('a fit repeats bit for bit; the seed orders the dual solver alone', () => {
  for (const { data } of [named('ten classes, 20 features'), named('more features than rows')])
    expect(fitLinearSvm(data, { seed: 3 })).toEqual(fitLinearSvm(data, { seed: 3 }))
  const wide = named('more features than rows').data
  const [a, b] = [0, 1].map((seed) => fitLinearSvm(wide, { seed }).svm.weights)
  expect(a).not.toEqual(b)
  const tall = named('ten classes, 20 features').data
  expect(fitLinearSvm(tall, { seed: 0 }).svm).toEqual(fitLinearSvm(tall, { seed: 1 }).svm)
})

test('two classes have one row of weights, positive for the larger label', () => {
  const data = { x: Float32Array.of(-2, -1, 1, 2), rows: 4, features: 1, labels: [5, 5, -1, -1] }
  const { svm } = fitLinearSvm(data)
  expect(svm.classes).toEqual([-1, 5])
  expect([svm.weights.length, svm.intercepts.length]).toEqual([1, 1])
  expect(decisionValues(svm, Float32Array.of(-1), 1)[0]).toBeGreaterThan(0)
  expect([...predictLinearSvm(svm, data.x, 4)]).toEqual([5, 5, -1, -1])
})

test('progress ends with all problems solved', () => {
  for (const name of ['ten classes, 20 features', 'more features than rows', '300 features, beyond the exact solver']) {
    const { data, expected } = named(name)
    const calls: [number, number][] = []
    fitLinearSvm(data, { onProgress: (done, of) => calls.push([done, of]) })
    expect(calls.at(-1)).toEqual([expected.objective.length, expected.objective.length])
    expect(calls.every(([done], i) => i === 0 || done >= calls[i - 1]![0])).toBe(true)
  }
})

describe('bad input is refused before fitting', () => {
  const good = { x: Float32Array.of(0, 1, 2, 3), rows: 2, features: 2, labels: [0, 1] }
  const cases: [string, Partial<LabelledFeatures>, string][] = [
    ['a feature that is not a number', { x: Float32Array.of(0, 1, NaN, 3) }, 'Feature 0 of row 1 is NaN'],
    ['an infinite feature', { x: Float32Array.of(0, -Infinity, 2, 3) }, 'Feature 1 of row 0 is -Infinity'],
    ['too few numbers', { x: Float32Array.of(0, 1, 2) }, 'hold 3 numbers; 2 rows of 2 features are 4'],
    ['too few labels', { labels: [1] }, 'There are 1 labels for 2 rows'],
    ['one class', { labels: [4, 4] }, 'All 2 labels are 4; a classifier needs at least two classes.'],
    ['a label that is no whole number', { labels: [0, 0.5] }, 'Label 1 is 0.5'],
    ['no rows', { x: new Float32Array(0), rows: 0, labels: [] }, 'There are no labelled rows'],
    ['no features', { x: new Float32Array(0), features: 0 }, '0 is no number of features'],
  ]
  test.each(cases)('%s', (_, change, message) => {
    expect(() => fitLinearSvm({ ...good, ...change })).toThrow(message)
  })
  test('options out of range', () => {
    for (const C of [0, -1, NaN, Infinity]) expect(() => fitLinearSvm(good, { C })).toThrow(`C is ${C}`)
    expect(() => fitLinearSvm(good, { tolerance: 0 })).toThrow('tolerance is 0')
    expect(() => fitLinearSvm(good, { maxIterations: 0.5 })).toThrow('maxIterations is 0.5')
    expect(() => fitLinearSvm(good, { solver: 'best' as 'auto' })).toThrow("The solver is 'best'")
  })
  test('features of another dimension to predict', () => {
    const { svm } = fitLinearSvm(good)
    expect(() => predictLinearSvm(svm, new Float32Array(6), 2)).toThrow('hold 6 numbers; 2 rows of 2 features are 4')
  })
})
