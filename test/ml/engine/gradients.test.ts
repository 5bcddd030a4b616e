import type * as Tfjs from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { openEngine } from '../../../src/ml/engine/open.ts'
import type { Tf } from '../../../src/ml/engine/open.ts'
import { criticCases } from './critics.ts'
import type { CriticCase } from './critics.ts'
import { compareAlong, enginesHere, normalTensor, normals, unit } from './finite-differences.ts'

type T = Tfjs.Tensor

// In float32 the five-point stencil with this step is good to about 1e-4 of the slopes met here.
const step = 0.02
const relativeTolerance = 0.01
const absoluteTolerance = 0.002
const seedsToTry = 60

/** E over the batch of (‖∂D/∂x‖₂ − 1)², Gulrajani et al. 2017, eq. 3. */
function penalty(tf: Tf, net: CriticCase, weights: T[], x: T): Tfjs.Scalar {
  const slopes = tf.grad((at: T) => tf.sum(net.critic(tf, weights, at)))(x)
  const norms = tf.sqrt(tf.add(tf.sum(tf.square(tf.reshape(slopes, [x.shape[0]!, -1])), 1), 1e-6))
  return tf.mean(tf.square(tf.sub(norms, 1)))
}

/**
 * Compares the gradient of f with respect to each of `at` with finite differences, along the gradient itself and along
 * a random direction. Returns null where f has a kink within reach.
 */
function compareAll(tf: Tf, f: (at: T[]) => Tfjs.Scalar, at: T[], normal: () => number) {
  const variables = at.map((tensor) => tf.variable(tensor))
  const { value, grads } = tf.variableGrads(() => f(variables), variables)
  value.dispose()
  const results = []
  for (const [i, variable] of variables.entries()) {
    // A weight that f does not depend on has no gradient; finite differences then must find 0.
    const gradient = grads[variable.name]?.dataSync<'float32'>() ?? new Float32Array(variable.size)
    const random = unit(Float32Array.from({ length: variable.size }, normal))
    for (const direction of [unit(gradient as Float32Array), random]) {
      if (!direction) continue
      const along = (moved: T) => f(variables.map((other, j) => (i === j ? moved : other)))
      results.push(compareAlong(tf, along, variable, gradient as Float32Array, direction, step))
    }
  }
  tf.dispose([variables, grads])
  return results.every(({ smooth }) => smooth) ? results : null
}

function expectRight(tf: Tf, net: CriticCase, f: (weights: T[], x: T) => Tfjs.Scalar, withInput: boolean): void {
  for (let seed = 1; seed <= seedsToTry; seed++) {
    const normal = normals(seed)
    const fanIn = (shape: number[]) =>
      Math.max(
        1,
        shape.slice(0, -1).reduce((a, b) => a * b, 1),
      )
    const x = normalTensor(tf, normal, net.input)
    const weights = net.weights.map((shape) => normalTensor(tf, normal, shape, 1 / Math.sqrt(fanIn(shape))))
    const g = withInput ? (all: T[]) => f(all.slice(0, -1), all.at(-1)!) : (all: T[]) => f(all, x)
    const results = compareAll(tf, g, withInput ? [...weights, x] : weights, normal)
    tf.dispose([x, weights])
    if (!results) continue
    for (const { analytic, measured } of results) {
      const tolerance = absoluteTolerance + relativeTolerance * Math.abs(measured)
      expect(Math.abs(analytic - measured), `analytic ${analytic}, measured ${measured}`).toBeLessThan(tolerance)
    }
    expect(results.some(({ measured }) => Math.abs(measured) > 0.02)).toBe(true)
    return
  }
  expect.fail(`no point without a kink within ${step} among ${seedsToTry} seeds`)
}

describe.each(await enginesHere())('gradients on %s', (prefer) => {
  let tf: Tf
  beforeAll(async () => {
    tf = (await openEngine({ prefer })).tf
  })

  describe.each(criticCases)('$name', (net) => {
    it('has the first-order gradient that finite differences measure', () => {
      expectRight(tf, net, (weights, x) => tf.mean(net.critic(tf, weights, x)), true)
    })

    it('has the gradient of its penalty that finite differences measure', () => {
      expectRight(tf, net, (weights, x) => penalty(tf, net, weights, x), false)
    })
  })
})
