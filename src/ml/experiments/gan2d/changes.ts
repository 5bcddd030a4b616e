import type { StoredState } from '../../engine/parameters.ts'
import type { PlaneGanParams } from './params.ts'
import { createPlaneGanTrainer } from './step.ts'
import type { PlaneGanTrainer } from './step.ts'

/** Parameters that were changed while a run was going on, before the step of this number (from 0). */
export interface ParamChange {
  step: number
  params: Partial<PlaneGanParams>
}

/**
 * The parameters that a state saved after `step` steps was trained with: those of all changes before that step. A change
 * at `step` itself is still to come then, whether it was made before or after the state was saved.
 */
export const paramsAt = (initial: PlaneGanParams, changes: readonly ParamChange[], step: number): PlaneGanParams =>
  Object.assign(
    {},
    initial,
    ...changes.filter((change) => change.step < step).map(({ params }) => params),
  ) as PlaneGanParams

/** Makes the changes that are due before step `step`, in their order. @returns the networks that began anew */
export const applyChanges = (trainer: PlaneGanTrainer, changes: readonly ParamChange[], step: number) =>
  changes.filter((change) => change.step === step).flatMap(({ params }) => trainer.change(params))

/**
 * A trainer that goes on from a state saved after `step` steps. Together with `applyChanges` before each step it repeats
 * what the run that saved it went on to do, bit for bit.
 * @throws Error if the state is not that of the networks at this step
 */
export function resumePlaneGan(
  initial: PlaneGanParams,
  changes: readonly ParamChange[],
  step: number,
  state: StoredState,
): PlaneGanTrainer {
  const trainer = createPlaneGanTrainer(paramsAt(initial, changes, step))
  trainer.load(state)
  return trainer
}
