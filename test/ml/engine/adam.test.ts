import { beforeAll, describe, expect, it } from 'vitest'
import { portableParameters } from '../../../src/ml/engine/adam-portable.ts'
import { createParameters } from '../../../src/ml/engine/adam.ts'
import { openEngine } from '../../../src/ml/engine/open.ts'
import type { Tf } from '../../../src/ml/engine/open.ts'
import type { Parameters } from '../../../src/ml/engine/parameters.ts'
import { enginesHere, normals } from './finite-differences.ts'

const engines = await enginesHere()
const options = { learningRate: 0.01, beta1: 0.5, beta2: 0.9 }

const initial = () => {
  const normal = normals(1)
  return {
    kernel: { shape: [7, 5], data: Float32Array.from({ length: 35 }, normal) },
    bias: { shape: [5], data: Float32Array.from({ length: 5 }, normal) },
  }
}
type Name = keyof ReturnType<typeof initial>

const gradientsAt = (step: number) => {
  const normal = normals(100 + step)
  return {
    kernel: Array.from({ length: 35 }, normal),
    bias: Array.from({ length: 5 }, () => 1e-7 * normal()),
  }
}

function applySteps(tf: Tf, parameters: Parameters<Name>, from: number, to: number): void {
  for (let step = from; step < to; step++)
    tf.tidy(() => {
      const { kernel, bias } = gradientsAt(step)
      parameters.apply({ kernel: tf.tensor(kernel, [7, 5]), bias: tf.tensor1d(bias) }, options)
    })
}

/** Algorithm 1 of Kingma and Ba 2015 as printed, in float64. */
function algorithm1(theta: number[], gradients: number[][], { learningRate, beta1, beta2 }: typeof options): number[] {
  let m = theta.map(() => 0)
  let v = theta.map(() => 0)
  gradients.forEach((g, index) => {
    const t = index + 1
    m = m.map((mi, i) => beta1 * mi + (1 - beta1) * g[i]!)
    v = v.map((vi, i) => beta2 * vi + (1 - beta2) * g[i]! ** 2)
    const mHat = m.map((mi) => mi / (1 - beta1 ** t))
    const vHat = v.map((vi) => vi / (1 - beta2 ** t))
    theta = theta.map((value, i) => value - (learningRate * mHat[i]!) / (Math.sqrt(vHat[i]!) + 1e-8))
  })
  return theta
}

describe.each(engines)('Adam on the %s engine', (prefer) => {
  let tf: Tf
  beforeAll(async () => {
    tf = (await openEngine({ prefer })).tf
  })

  it('follows algorithm 1, also where ε counts against a tiny gradient', () => {
    const parameters = createParameters(tf, initial())
    const steps = 8
    applySteps(tf, parameters, 0, steps)
    const state = parameters.state()
    for (const name of ['kernel', 'bias'] as const) {
      const gradients = Array.from({ length: steps }, (_, step) => gradientsAt(step)[name])
      const expected = algorithm1([...initial()[name].data], gradients, options)
      expected.forEach((value, i) => expect(Math.abs(state[name]!.data[i]! - value)).toBeLessThan(2e-6))
    }
    expect(parameters.updates).toBe(steps)
    parameters.dispose()
  })

  it('reads what it holds, and applies in place without leaving tensors', () => {
    const parameters = createParameters(tf, initial())
    const before = tf.memory().numTensors
    applySteps(tf, parameters, 0, 3)
    const weights = parameters.read()
    expect(weights.kernel.shape).toEqual([7, 5])
    expect(weights.kernel.dataSync()).toEqual(parameters.state()['kernel']!.data)
    // A tensor that was read earlier keeps its numbers through later updates.
    const read = weights.bias.dataSync().slice()
    applySteps(tf, parameters, 3, 4)
    expect(weights.bias.dataSync()).toEqual(read)
    expect(parameters.state()['bias']!.data).not.toEqual(read)
    tf.dispose(weights)
    expect(tf.memory().numTensors).toBe(before)
    parameters.dispose()
  })

  it('continues bit for bit from a saved state', () => {
    const straight = createParameters(tf, initial())
    applySteps(tf, straight, 0, 6)
    const interrupted = createParameters(tf, initial())
    applySteps(tf, interrupted, 0, 3)
    const saved = structuredClone(interrupted.state())
    interrupted.dispose()
    const resumed = createParameters(tf, initial())
    resumed.load(saved)
    applySteps(tf, resumed, 3, 6)
    expect(resumed.state()).toEqual(straight.state())
    straight.dispose()
    resumed.dispose()
  })

  it('does not write into the arrays that it was given', () => {
    const given = initial()
    const parameters = createParameters(tf, given)
    const saved = parameters.state()
    const copy = structuredClone(saved)
    parameters.load(saved)
    applySteps(tf, parameters, 0, 2)
    expect(given).toEqual(initial())
    expect(saved).toEqual(copy)
    parameters.dispose()
  })

  it('gives its memory back', () => {
    const before = tf.memory().numTensors
    createParameters(tf, initial()).dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('refuses gradients and states that do not fit, and changes nothing', () => {
    const parameters = createParameters(tf, initial())
    const before = parameters.state()
    const bias = tf.zeros([5])
    expect(() => parameters.apply({ bias } as never, options)).toThrow("There is no gradient for the weights 'kernel'.")
    expect(() => parameters.apply({ bias, kernel: bias }, options)).toThrow(
      "The gradient of 'kernel' has shape [5]; expected [7, 5].",
    )
    const { 'bias/m': _, ...incomplete } = parameters.state()
    expect(() => parameters.load(incomplete)).toThrow("The saved state has no 'bias/m'; it belongs to another network.")
    expect(parameters.state()).toEqual(before)
    bias.dispose()
    parameters.dispose()
  })
})

it.runIf(engines.includes('native'))('native and portable Adam agree', async () => {
  const { tf } = await openEngine({ prefer: 'native' })
  const native = createParameters(tf, initial())
  const portable = portableParameters(tf, initial())
  for (const parameters of [native, portable]) applySteps(tf, parameters, 0, 10)
  const expected = portable.state()
  for (const [name, { data }] of Object.entries(native.state()))
    data.forEach((value, i) => expect(Math.abs(value - expected[name]!.data[i]!)).toBeLessThan(2e-6))
})
