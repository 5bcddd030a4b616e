import { adamStep } from '../engine/adam-portable.ts'
import { expectStored } from '../engine/parameters.ts'
import type { StoredState } from '../engine/parameters.ts'
import { createMlp, initialMlp } from './mlp.ts'
import type { Mlp, MlpShape } from './mlp.ts'

export interface UpdateOptions {
  optimiser: 'adam' | 'sgd'
  learningRate: number
  beta1: number
  beta2: number
}

/** A perceptron with its weights' gradients and the state of their optimiser. */
export interface Learner {
  /** For one batch; where training happens. */
  readonly net: Mlp
  readonly weight: Float32Array
  readonly gradients: Float32Array
  /** One step down the gradients. SGD leaves Adam's moments as they are. */
  update(options: UpdateOptions): void
  /**
   * Takes another shape or batch. Weights and moments stay if the layers' sizes do, else they begin anew.
   * @returns whether they began anew
   */
  reshape(shape: MlpShape, batch: number): boolean
  /** The same weights for `count` points beside a batch; its arrays are overwritten by the next use at this count. */
  at(count: number): Mlp
  state(): StoredState
  /** @throws Error if the state is of another network */
  check(state: StoredState): void
  load(state: StoredState): void
}

/** @param name of the network; its initial weights are a function of it, the seed and the shape */
export function createLearner(name: string, shape: MlpShape, batch: number, seed: number): Learner {
  let weight = initialMlp(shape, seed, name).data as Float32Array
  let [gradients, m, v] = [weight, weight, weight].map(({ length }) => new Float32Array(length)) as Three
  let net = createMlp(shape, weight, batch)
  let updates = 0
  let others = new Map<number, Mlp>()
  const parts = () => ({ weights: weight, m, v })

  return {
    get net() {
      return net
    },
    get weight() {
      return weight
    },
    get gradients() {
      return gradients
    },
    update({ optimiser, learningRate, beta1, beta2 }) {
      if (optimiser === 'adam') adamStep({ weight, m, v }, gradients, ++updates, { learningRate, beta1, beta2 })
      else for (let i = 0; i < weight.length; i++) weight[i]! -= learningRate * gradients[i]!
    },
    reshape(next, count) {
      const same = next.sizes.length === shape.sizes.length && next.sizes.every((size, i) => size === shape.sizes[i])
      if (!same) {
        weight = initialMlp(next, seed, name).data as Float32Array
        ;[gradients, m, v] = [weight, weight, weight].map(({ length }) => new Float32Array(length)) as Three
        updates = 0
      }
      shape = next
      net = createMlp(shape, weight, count)
      others = new Map()
      return !same
    },
    at(count) {
      let other = others.get(count)
      if (!other) {
        // A picture asks for the same few counts again and again; whoever asks for many has no use for old ones.
        if (others.size >= 8) others.clear()
        others.set(count, (other = createMlp(shape, weight, count)))
      }
      return other
    },
    state() {
      const state: StoredState = { [`${name}/updates`]: { shape: [], data: Int32Array.of(updates) } }
      for (const [part, data] of Object.entries(parts()))
        state[`${name}/${part}`] = { shape: [data.length], data: data.slice() }
      return state
    },
    check(state) {
      const arrays = Object.keys(parts()).map((part): [string, number[]] => [`${name}/${part}`, [weight.length]])
      expectStored(state, [...arrays, [`${name}/updates`, []]])
    },
    load(state) {
      for (const [part, data] of Object.entries(parts())) data.set(state[`${name}/${part}`]!.data)
      updates = state[`${name}/updates`]!.data[0]!
    },
  }
}

type Three = [Float32Array, Float32Array, Float32Array]
