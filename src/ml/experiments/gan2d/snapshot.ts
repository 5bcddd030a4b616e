import type { MapOutput, PlaneFrame } from '../../../shared/plane/frame.ts'
import type { Points } from '../../../shared/plane/geometry.ts'
import { seedWords, streamNumber } from '../../engine/philox.ts'
import { normals, uniforms } from '../../engine/random.ts'
import type { GanLossName } from '../../models/gan-losses.ts'
import type { PlaneGanParams } from './params.ts'
import type { PlaneGanTrainer } from './step.ts'

export interface SnapshotOptions {
  /** Squares along a side of the decision map; 0 for none. */
  map: number
  /** Generated points, with their arrows; 0 for none. */
  points: number
  /** Points along a side of the manifold; 0 for none. */
  manifold: number
  /** The map covers [−extent, extent]². */
  extent: number
}

/** GAN Lab's map, with as many points as the reference batch. */
export const usualSnapshot: SnapshotOptions = { map: 30, points: 150, manifold: 21, extent: 1 }

/** Losses on logits have probabilities to show; the others' scores are what they are. */
export const outputOf = (loss: GanLossName): MapOutput =>
  loss === 'nonSaturating' || loss === 'saturating' ? 'probability' : 'value'

/**
 * What the picture shows after `step` steps. The points come from the same noise in all frames of a run, so that each can
 * be followed from frame to frame. Takes about the time of a training step.
 */
export function snapshot(trainer: PlaneGanTrainer, step: number, options: SnapshotOptions = usualSnapshot): PlaneFrame {
  const { params } = trainer
  const { map, points, manifold, extent } = options
  const output = outputOf(params.loss)
  const fake = points > 0 ? trainer.generate(pictureNoise(params, points)) : null
  return {
    step,
    output,
    extent,
    map: map > 0 ? { side: map, values: decisions(trainer, map, extent, output) } : null,
    fake,
    arrows: fake && trainer.pull(fake),
    manifold: manifold > 0 ? carried(trainer, manifold) : null,
  }
}

/** Noise [count, latent], the same for all steps. */
export function pictureNoise({ noise, seed, latent }: PlaneGanParams, count: number): Float32Array {
  return (noise === 'normal' ? normals : uniforms)(seedWords(seed, streamNumber('picture noise'), 0), count * latent)
}

function decisions(trainer: PlaneGanTrainer, side: number, extent: number, output: MapOutput): Float32Array {
  const centres = new Float32Array(2 * side * side)
  for (let i = 0; i < side * side; i++) {
    centres[2 * i] = extent * ((2 * (i % side) + 1) / side - 1)
    centres[2 * i + 1] = extent * ((2 * Math.floor(i / side) + 1) / side - 1)
  }
  const scores = trainer.score(centres)
  return output === 'probability' ? scores.map((score) => 1 / (1 + Math.exp(-score))) : scores
}

/** Where the grid in noise space goes: [0, 1] of uniform noise, [−2, 2] of normal, which holds 95 % of each component. */
function carried(trainer: PlaneGanTrainer, side: number): { rows: number; columns: number; points: Points } {
  const { latent, noise } = trainer.params
  const [low, high] = noise === 'uniform' ? [0, 1] : [-2, 2]
  // One component makes a curve; it may have as many points as a grid's lines together are long.
  const [rows, columns] = latent === 1 ? [1, 8 * side] : [side, side]
  // Components beyond the second stay at their mean.
  const z = new Float32Array(rows * columns * latent).fill((low + high) / 2)
  const along = (i: number, count: number) => low + (count > 1 ? i / (count - 1) : 0.5) * (high - low)
  for (let i = 0; i < rows * columns; i++) {
    z[i * latent] = along(i % columns, columns)
    if (latent > 1) z[i * latent + 1] = along(Math.floor(i / columns), rows)
  }
  return { rows, columns, points: trainer.generate(z) }
}
