import type * as Tfjs from '@tensorflow/tfjs'
import { checkGradients, checkState } from './parameters.ts'
import type { AdamOptions, Parameters, StoredArray, StoredState } from './parameters.ts'

interface Slot {
  shape: number[]
  weight: Float32Array
  m: Float32Array
  v: Float32Array
}

/** Adam in JavaScript, for engines without an operation of their own for it. See `createParameters`. */
export function portableParameters<Name extends string>(
  tf: typeof Tfjs,
  initial: Record<Name, StoredArray>,
): Parameters<Name> {
  const names = Object.keys(initial) as Name[]
  const slots = new Map<Name, Slot>()
  for (const name of names) {
    const { shape, data } = initial[name]
    const zeros = () => new Float32Array(data.length)
    slots.set(name, { shape, weight: Float32Array.from(data), m: zeros(), v: zeros() })
  }
  let updates = 0

  function begin(options: AdamOptions) {
    updates++
    return {
      update: (name: Name, gradient: Tfjs.Tensor) =>
        adamStep(slots.get(name)!, gradient.dataSync() as Float32Array, updates, options),
      end: () => {},
    }
  }

  return {
    names,
    get updates() {
      return updates
    },
    read: () =>
      Object.fromEntries(
        names.map((name) => [name, tf.tensor(slots.get(name)!.weight.slice(), slots.get(name)!.shape)]),
      ) as Record<Name, Tfjs.Tensor>,
    begin,
    apply(gradients, options) {
      checkGradients(names, (name) => slots.get(name)!.shape, gradients)
      const { update } = begin(options)
      for (const name of names) update(name, gradients[name])
    },
    state: () => {
      const state: StoredState = { updates: { shape: [], data: Int32Array.of(updates) } }
      for (const [name, { shape, weight, m, v }] of slots) {
        state[name] = { shape, data: weight.slice() }
        state[`${name}/m`] = { shape, data: m.slice() }
        state[`${name}/v`] = { shape, data: v.slice() }
      }
      return state
    },
    load(state) {
      checkState(names, (name) => slots.get(name)!.shape, state)
      updates = state['updates']!.data[0]!
      for (const [name, { weight, m, v }] of slots) {
        weight.set(state[name]!.data)
        m.set(state[`${name}/m`]!.data)
        v.set(state[`${name}/v`]!.data)
      }
    },
    dispose: () => slots.clear(),
  }
}

/** One step of Kingma and Ba 2015, algorithm 1, in place; `t` counts from 1. */
export function adamStep(
  { weight, m, v }: Pick<Slot, 'weight' | 'm' | 'v'>,
  gradient: Float32Array,
  t: number,
  options: AdamOptions,
): void {
  const { beta1, beta2 } = options
  const { alpha, epsilon } = stepSize(t, options)
  for (let i = 0; i < weight.length; i++) {
    const g = gradient[i]!
    m[i]! += (g - m[i]!) * (1 - beta1)
    v[i]! += (g * g - v[i]!) * (1 - beta2)
    weight[i]! -= (alpha * m[i]!) / (Math.sqrt(v[i]!) + epsilon)
  }
}

/**
 * Algorithm 1 without m̂ and v̂ (its section 2): the bias corrections go into the step size, and into ε, which the paper
 * leaves out there, so that the update is exactly that of the algorithm.
 */
export function stepSize(t: number, { learningRate, beta1, beta2, epsilon = 1e-8 }: AdamOptions) {
  const root = Math.sqrt(1 - beta2 ** t)
  return { alpha: (learningRate * root) / (1 - beta1 ** t), epsilon: epsilon * root }
}
