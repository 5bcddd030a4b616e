import type { Params } from '../../../shared/experiments/index.ts'
import type { StoredState } from '../../../shared/safetensors.ts'
import { modelErrors } from '../../../shared/saved-model.ts'
import type { ModelHeader, SavedModel } from '../../../shared/saved-model.ts'
import type { OpenedDataset } from '../../datasets/open-dataset.ts'
import type { RunContext } from '../../run/context.ts'

/** What a trainer's state holds beside the weights: Adam's moments and its count of updates. */
const isOptimiser = (name: string) => /\/(m|v)$|(^|\/)updates$/.test(name)

/** The weights alone: what a saved model holds. */
export const withoutOptimiser = (state: StoredState): StoredState =>
  Object.fromEntries(Object.entries(state).filter(([name]) => !isOptimiser(name)))

/**
 * Saved weights as a state that a trainer loads: with an optimiser that has not begun.
 *
 * @throws Error if a weight is not finite
 */
export function withFreshOptimiser(weights: StoredState): StoredState {
  const state: StoredState = { updates: { shape: [], data: Int32Array.of(0) } }
  for (const [name, { shape, data }] of Object.entries(weights)) {
    if (!data.every((value) => Number.isFinite(value)))
      throw new Error(`The saved model has numbers in '${name}' that are not finite; train it again.`)
    const zeros = () => ({ shape, data: new Float32Array(data.length) })
    Object.assign(state, { [name]: { shape, data }, [`${name}/m`]: zeros(), [`${name}/v`]: zeros() })
  }
  return state
}

export function headerOf(kind: string, params: Params, data: OpenedDataset): ModelHeader {
  const { classes, height, width, channels, manifest } = data
  return { kind, params, dataset: manifest.id, classes, height, width, channels }
}

/**
 * A saved model that the run was given.
 *
 * @param role 'model' for the one to be loaded in mode load, or what the kind's `needs` calls it
 * @throws Error if it was not given one, or one of another kind, data set, shape of images or shape of network
 */
export function givenModel(
  run: RunContext,
  role: string,
  kind: string,
  params: Params,
  data: OpenedDataset,
): SavedModel {
  const model = run.inputs[role]
  if (!model)
    throw new Error(`The run was given no saved model as its "${role}"; it needs one of kind ${kind}. Launch it anew.`)
  const errors = modelErrors(kind, params, model.header).map(({ message }) => message)
  const { height, width, channels, classes } = model.header
  const shape = [height, width, channels]
  if (errors.length === 0 && shape.some((n, i) => n !== [data.height, data.width, data.channels][i]))
    errors.push(
      `The saved model was trained on images of ${width}×${height}×${channels}; those of ${data.manifest.title} have ` +
        `${data.width}×${data.height}×${data.channels}.`,
    )
  if (errors.length === 0 && classes.join('\n') !== data.classes.join('\n'))
    errors.push(
      `The saved model knows the classes ${classes.join(', ') || 'of no set'}, not ${data.classes.join(', ')}.`,
    )
  if (errors.length > 0) throw new Error(errors.join(' '))
  return model
}
