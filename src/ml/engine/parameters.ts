import type * as Tfjs from '@tensorflow/tfjs'
import type { StoredArray, StoredState } from '../../shared/safetensors.ts'

export interface AdamOptions {
  learningRate: number
  beta1: number
  beta2: number
  /** Added to √v̂; default 1e-8. */
  epsilon?: number
}

export type { StoredArray, StoredState }

/** Named weights of a network together with the state of their optimiser, Adam. */
export interface Parameters<Name extends string = string> {
  readonly names: readonly Name[]
  /** Updates applied so far: t of Adam. */
  readonly updates: number
  /** The weights as tensors of the enclosing tidy. Dispose them before `apply`, or it copies each one. */
  read(): Record<Name, Tfjs.Tensor>
  /**
   * One step of Adam (Kingma and Ba 2015, algorithm 1) on all weights. Leaves the gradients to the caller.
   * @throws Error if a gradient is missing or of another shape than its weight
   */
  apply(gradients: Record<Name, Tfjs.Tensor>, options: AdamOptions): void
  /**
   * The same step, one weight at a time: call `update` for every weight as soon as its gradient is there and the weight
   * itself no longer needed, then `end`. A gradient that is used at once is still in the processor's cache, and its memory
   * serves for the next.
   */
  begin(options: AdamOptions): { update(name: Name, gradient: Tfjs.Tensor): void; end(): void }
  /** Weights and both moments, and the number of updates: keys are `NAME`, `NAME/m`, `NAME/v`, `updates`. */
  state(): StoredState
  /** @throws Error if a key is missing or of another shape; then nothing has changed */
  load(state: StoredState): void
  dispose(): void
}

export function checkGradients<Name extends string>(
  names: readonly Name[],
  shapeOf: (name: Name) => number[],
  gradients: Record<Name, Tfjs.Tensor>,
): void {
  for (const name of names) {
    const gradient = gradients[name] as Tfjs.Tensor | undefined
    if (!gradient) throw new Error(`There is no gradient for the weights '${name}'.`)
    expectShape(`The gradient of '${name}'`, gradient.shape, shapeOf(name))
  }
}

export function checkState<Name extends string>(
  names: readonly Name[],
  shapeOf: (name: Name) => number[],
  state: StoredState,
): void {
  const expected: [string, number[]][] = [['updates', []]]
  for (const name of names) for (const key of [name, `${name}/m`, `${name}/v`]) expected.push([key, shapeOf(name)])
  expectStored(state, expected)
}

/** @throws Error if the state lacks one of the expected keys or holds it in another shape */
export function expectStored(state: StoredState, expected: [name: string, shape: number[]][]): void {
  for (const [key, shape] of expected) {
    const stored = state[key]
    if (!stored) throw new Error(`The saved state has no '${key}'; it belongs to another network.`)
    expectShape(`The saved '${key}'`, stored.shape, shape)
  }
}

function expectShape(what: string, found: number[], expected: number[]): void {
  if (found.length === expected.length && found.every((n, axis) => n === expected[axis])) return
  throw new Error(`${what} has shape [${found.join(', ')}]; expected [${expected.join(', ')}].`)
}

/** Adds a prefix to the keys of a state. */
export function prefixed(prefix: string, state: StoredState): StoredState {
  return Object.fromEntries(Object.entries(state).map(([name, value]) => [`${prefix}/${name}`, value]))
}

/** The part of a state whose keys have the prefix, without it. */
export function unprefixed(prefix: string, state: StoredState): StoredState {
  return Object.fromEntries(
    Object.entries(state)
      .filter(([name]) => name.startsWith(`${prefix}/`))
      .map(([name, value]) => [name.slice(prefix.length + 1), value]),
  )
}
