import type { GanLossName } from '../../models/gan-losses.ts'
import type { Activation } from '../../models/mlp.ts'

export interface PlaneGanParams {
  /** Components of the noise. */
  latent: number
  /** U[0, 1) or N(0, 1) in each component. */
  noise: 'uniform' | 'normal'
  /** Units of the hidden layers, from the input on; none makes the network linear. */
  generatorHidden: number[]
  discriminatorHidden: number[]
  activation: Activation
  batch: number
  loss: GanLossName
  /** Weight of the gradient penalty of `wganGp`. */
  penaltyWeight: number
  /** Bound on the discriminator's weights under `wganClip`. */
  clip: number
  discriminatorSteps: number
  generatorSteps: number
  optimiser: 'adam' | 'sgd'
  lrG: number
  lrD: number
  /** Decay of Adam's two moments. */
  beta1: number
  beta2: number
  seed: number
}

export type NetworkName = 'generator' | 'discriminator'

/** Updates of one network that a step may make: draws of different steps and updates then never share a number. */
export const updatesPerStep = 1024
/** The number of an update, over all steps; stays the same whatever the number of updates of other steps. */
export const drawIndex = (step: number, update: number): number => step * updatesPerStep + update

/** @throws RangeError for sizes and counts that no trainer can be made of; the ranges of a form are narrower */
export function checkParams(params: PlaneGanParams): void {
  const whole = (name: string, value: number, least: number, most: number) => {
    if (!Number.isInteger(value) || value < least || value > most)
      throw new RangeError(`${name} is ${value}; it must be a whole number from ${least} to ${most}.`)
  }
  whole('latent', params.latent, 1, 1024)
  whole('batch', params.batch, 1, 1_000_000)
  whole('discriminatorSteps', params.discriminatorSteps, 0, updatesPerStep)
  whole('generatorSteps', params.generatorSteps, 0, updatesPerStep)
  for (const [name, units] of [
    ['generatorHidden', params.generatorHidden],
    ['discriminatorHidden', params.discriminatorHidden],
  ] as const)
    for (const width of units) whole(`A layer of ${name}`, width, 1, 4096)
}
