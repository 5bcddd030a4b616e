import { describe, expect, it } from 'vitest'
import { createMlp, initialMlp, weightCount } from '../../../src/ml/models/mlp.ts'
import type { Activation, MlpShape } from '../../../src/ml/models/mlp.ts'
import { normals } from '../engine/finite-differences.ts'

const batch = 4
const activations: Activation[] = ['relu', 'leakyRelu', 'tanh', 'sigmoid', 'softplus']
const shapeOf = (activation: Activation): MlpShape => ({ sizes: [2, 5, 4, 3], activation })

const vector = (seed: number, length: number) => {
  const normal = normals(seed)
  return Float32Array.from({ length }, normal)
}

/** The same network in float64, straight from the definition. */
function reference({ sizes, activation }: MlpShape, weights: number[], x: number[]): number[] {
  const f = {
    relu: (z: number) => Math.max(0, z),
    leakyRelu: (z: number) => (z > 0 ? z : 0.2 * z),
    tanh: Math.tanh,
    sigmoid: (z: number) => 1 / (1 + Math.exp(-z)),
    softplus: (z: number) => Math.log(1 + Math.exp(z)),
  }[activation]
  let at = 0
  let h = x
  for (let i = 1; i < sizes.length; i++) {
    const [inputs, outputs] = [sizes[i - 1]!, sizes[i]!]
    const kernel = weights.slice(at, at + inputs * outputs)
    const bias = weights.slice(at + inputs * outputs, at + (inputs + 1) * outputs)
    at += (inputs + 1) * outputs
    h = bias.map((b, o) => h.reduce((sum, value, k) => sum + value * kernel[o * inputs + k]!, b))
    if (i < sizes.length - 1) h = h.map(f)
  }
  return h
}

const rows = (values: Float32Array, width: number) =>
  Array.from({ length: values.length / width }, (_, n) => [...values.subarray(n * width, (n + 1) * width)])

/** Central differences in float64. */
function differences(f: (at: number[]) => number, at: number[], h = 1e-5): number[] {
  return at.map((_, i) => {
    const moved = (by: number) => f(at.map((value, j) => (i === j ? value + by : value)))
    return (moved(h) - moved(-h)) / (2 * h)
  })
}

function expectClose(actual: ArrayLike<number>, expected: number[], tolerance = 2e-5): void {
  expect(actual.length).toBe(expected.length)
  expected.forEach((value, i) => expect(Math.abs(actual[i]! - value)).toBeLessThan(tolerance * (1 + Math.abs(value))))
}

describe.each(activations)('a perceptron with %s', (activation) => {
  const shape = shapeOf(activation)
  const weights = vector(1, weightCount(shape))
  const inputs = vector(2, batch * 2)
  const dOutputs = vector(3, batch * 3)

  it('computes its definition', () => {
    const outputs = createMlp(shape, weights, batch).forward(inputs)
    expectClose(
      outputs,
      rows(inputs, 2).flatMap((x) => reference(shape, [...weights], x)),
    )
  })

  it('has the gradients of finite differences', () => {
    const loss = (w: number[], x: number[]) =>
      rows(Float64Array.from(x) as never, 2).reduce((sum, row, n) => {
        const outputs = reference(shape, w, row)
        return sum + outputs.reduce((inner, y, o) => inner + y * dOutputs[3 * n + o]!, 0)
      }, 0)
    const net = createMlp(shape, weights, batch)
    net.forward(inputs)
    const gradients = new Float32Array(weights.length)
    const dInputs = net.backward(dOutputs, gradients)
    expectClose(
      dInputs,
      differences((x) => loss([...weights], x), [...inputs]),
      1e-4,
    )
    expectClose(
      gradients,
      differences((w) => loss(w, [...inputs]), [...weights]),
      1e-4,
    )
    // Gradients are added to what is there.
    net.backward(dOutputs, gradients)
    expectClose(
      gradients.map((value) => value / 2),
      differences((w) => loss(w, [...inputs]), [...weights]),
      1e-4,
    )
  })

  it('differentiates its input gradient along directions with respect to the weights', () => {
    const directions = vector(4, batch * 2)
    /** Σ of the outputs' derivatives along the directions, in float64. */
    const along = (w: number[]) =>
      rows(inputs, 2).reduce((sum, x, n) => {
        const h = 1e-4
        const total = (by: number) =>
          reference(
            shape,
            w,
            x.map((value, i) => value + by * directions[2 * n + i]!),
          ).reduce((a, b) => a + b, 0)
        return sum + (total(h) - total(-h)) / (2 * h)
      }, 0)
    const net = createMlp(shape, weights, batch)
    net.forward(inputs)
    const gradients = new Float32Array(weights.length)
    net.backwardAlong(directions, gradients)
    expectClose(gradients, differences(along, [...weights], 1e-4), 2e-4)
  })
})

it('penalises slopes that are not 1, with the gradient of finite differences', () => {
  const shape: MlpShape = { sizes: [2, 6, 5, 1], activation: 'tanh' }
  const weights = vector(5, weightCount(shape))
  const inputs = vector(6, batch * 2)
  /** 3 · mean (‖∇f‖ − 1)² in float64. */
  const penalty = (w: number[]) =>
    rows(inputs, 2).reduce((sum, x) => {
      const slopes = differences((at) => reference(shape, w, at)[0]!, x)
      return sum + (3 * (Math.hypot(...slopes) - 1) ** 2) / batch
    }, 0)
  const net = createMlp(shape, weights, batch)
  net.forward(inputs)
  const gradients = new Float32Array(weights.length).fill(1)
  expect(net.penaliseSlopes(3, gradients)).toBeCloseTo(penalty([...weights]), 4)
  const expected = differences(penalty, [...weights], 1e-4)
  expectClose(
    gradients,
    expected.map((value) => value + 1),
    1e-3,
  )
})

it('starts uniform in ±1/√inputs, as a function of the seed', () => {
  const shape: MlpShape = { sizes: [4, 500, 1], activation: 'relu' }
  const { data } = initialMlp(shape, 1, 'net')
  const first = [...data.subarray(0, 2500)]
  const last = [...data.subarray(2500)]
  for (const [values, limit] of [
    [first, 1 / 2],
    [last, 1 / Math.sqrt(500)],
  ] as const) {
    const largest = Math.max(...values.map(Math.abs))
    expect(largest).toBeLessThanOrEqual(limit)
    expect(largest).toBeGreaterThan(0.98 * limit)
  }
  expect(initialMlp(shape, 1, 'net').data).toEqual(data)
  expect(initialMlp(shape, 2, 'net').data).not.toEqual(data)
})

it('refuses weights of another shape', () => {
  expect(() => createMlp({ sizes: [2, 8, 1], activation: 'relu' }, new Float32Array(5), 1)).toThrow(
    'A network of 2-8-1 has 33 weights, not 5.',
  )
})
