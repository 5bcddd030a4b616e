import type * as Tfjs from '@tensorflow/tfjs'
import { checkGradients, checkState } from './parameters.ts'
import type { AdamOptions, Parameters, StoredArray, StoredState } from './parameters.ts'
import type { RawOps } from './raw-ops.ts'

/** A resource handle of this name belongs to its tensor: TensorFlow frees the variable with the last handle. */
const anonymous = 'cd2c89b7-88b7-44c8-ad83-06c2a9158347'

interface Slot {
  shape: number[]
  weight: Tfjs.Tensor
  m: Tfjs.Tensor
  v: Tfjs.Tensor
}

/** Weights in TensorFlow's resource variables, updated in place by ResourceApplyAdam. See `createParameters`. */
export function nativeParameters<Name extends string>(
  tf: typeof Tfjs,
  raw: RawOps,
  initial: Record<Name, StoredArray>,
): Parameters<Name> {
  const dtype = raw.float32('dtype')

  const variable = (shape: number[]) =>
    tf.keep(
      raw.run(
        'VarHandleOp',
        [dtype, raw.shape('shape', shape), raw.string('container', ''), raw.string('shared_name', anonymous)],
        [],
      ),
    )
  // TensorFlow works on the array it is given: variables need one of their own.
  const assign = (handle: Tfjs.Tensor, shape: number[], data: Float32Array) => {
    const value = tf.tensor(data.slice(), shape, 'float32')
    raw.runMany('AssignVariableOp', [dtype], [handle, value], 0)
    value.dispose()
  }
  const readOne = (handle: Tfjs.Tensor) => raw.run('ReadVariableOp', [dtype], [handle])
  const download = (handle: Tfjs.Tensor) => {
    const value = readOne(handle)
    const data = value.dataSync() as Float32Array
    value.dispose()
    return data
  }

  const names = Object.keys(initial) as Name[]
  const slots = new Map<Name, Slot>()
  for (const name of names) {
    const { shape, data } = initial[name]
    const slot = { shape, weight: variable(shape), m: variable(shape), v: variable(shape) }
    assign(slot.weight, shape, Float32Array.from(data))
    assign(slot.m, shape, new Float32Array(data.length))
    assign(slot.v, shape, new Float32Array(data.length))
    slots.set(name, slot)
  }
  const adamAttributes = [raw.float32('T'), raw.bool('use_locking', false), raw.bool('use_nesterov', false)]
  let updates = 0

  function begin({ learningRate, beta1, beta2, epsilon = 1e-8 }: AdamOptions) {
    updates++
    // The kernel adds ε to √v where algorithm 1 adds it to √v̂.
    const scaledEpsilon = epsilon * Math.sqrt(1 - beta2 ** updates)
    const scalars = [beta1 ** updates, beta2 ** updates, learningRate, beta1, beta2, scaledEpsilon].map((value) =>
      tf.scalar(value),
    )
    return {
      update(name: Name, gradient: Tfjs.Tensor) {
        const { weight, m, v } = slots.get(name)!
        raw.runMany('ResourceApplyAdam', adamAttributes, [weight, m, v, ...scalars, gradient], 0)
      },
      end: () => tf.dispose(scalars),
    }
  }

  return {
    names,
    get updates() {
      return updates
    },
    read: () =>
      Object.fromEntries(names.map((name) => [name, readOne(slots.get(name)!.weight)])) as Record<Name, Tfjs.Tensor>,
    begin,
    apply(gradients, options) {
      checkGradients(names, (name) => slots.get(name)!.shape, gradients)
      const { update, end } = begin(options)
      for (const name of names) update(name, gradients[name])
      end()
    },
    state: () => {
      const state: StoredState = { updates: { shape: [], data: Int32Array.of(updates) } }
      for (const [name, { shape, weight, m, v }] of slots) {
        state[name] = { shape, data: download(weight) }
        state[`${name}/m`] = { shape, data: download(m) }
        state[`${name}/v`] = { shape, data: download(v) }
      }
      return state
    },
    load(state) {
      checkState(names, (name) => slots.get(name)!.shape, state)
      updates = state['updates']!.data[0]!
      for (const [name, { shape, weight, m, v }] of slots) {
        assign(weight, shape, state[name]!.data as Float32Array)
        assign(m, shape, state[`${name}/m`]!.data as Float32Array)
        assign(v, shape, state[`${name}/v`]!.data as Float32Array)
      }
    },
    dispose() {
      for (const { weight, m, v } of slots.values()) tf.dispose([weight, m, v])
      slots.clear()
    },
  }
}
