import type * as Tfjs from '@tensorflow/tfjs'
import type { StoredState } from '../engine/parameters.ts'

/** One run's networks, optimisers and step, without the loop around them. */
export interface ImageTrainer {
  /**
   * One training step (an iteration). All random numbers are functions of (seed, step).
   *
   * @param step counts from 0
   * @param nextBatch gives real images [batch, height, width, channels] in [−1, 1], another batch at each call; the
   *   trainer disposes them
   * @returns the metrics by name, read back from the engine at once
   */
  step(step: number, nextBatch: () => Tfjs.Tensor4D): Record<string, number>
  /** Images in [−1, 1] from noise [count, latent]; the caller disposes them. */
  sample(z: Tfjs.Tensor2D): Tfjs.Tensor4D
  /** All that a later `load` needs to go on bit for bit: weights, Adam's moments, moving averages. */
  state(): StoredState
  /** @throws Error if the state is not that of the same networks */
  load(state: StoredState): void
  dispose(): void
}

/** The parameters that the trainers of both image GANs take from a run's. */
export interface ImageGanParams {
  width: number
  latent: number
  batch: number
  seed: number
  lrG: number
  lrD: number
  beta1: number
  beta2: number
}
