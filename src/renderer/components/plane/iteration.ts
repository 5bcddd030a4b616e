import type { Parts } from './blending.ts'

/** The captioned parts of one iteration, in the order in which they happen (Kahng et al. 2019, GAN Lab, figure 4). */
export const iterationParts = ['real', 'generate', 'judge', 'learnD', 'gradients', 'move'] as const
export type IterationPart = (typeof iterationParts)[number]

/** What a part of an iteration puts before the eyes. */
export interface IterationView {
  part: IterationPart
  /** Its place in the iteration, from 0. */
  index: number
  /** How far the discriminator, the points and the gradients are on their way to the next frame. */
  blend: Parts
  /** Layers that the part is about stand out; the others step back. */
  bright: readonly ('map' | 'real' | 'fake' | 'arrows')[]
  /** Arrows are drawn only once they have been computed. */
  arrows: boolean
}

const bright: Record<IterationPart, IterationView['bright']> = {
  real: ['real'],
  generate: ['fake'],
  judge: ['map', 'real', 'fake'],
  learnD: ['map', 'real', 'fake'],
  gradients: ['fake', 'arrows', 'map'],
  move: ['fake', 'arrows'],
}

const ease = (t: number) => t * t * (3 - 2 * t)

/**
 * One iteration between two neighbouring frames, taken apart: the discriminator changes first and the points after it,
 * along gradients of the discriminator that has already learned.
 * @param progress 0 to 1
 */
export function iterationAt(progress: number): IterationView {
  const at = Math.max(0, Math.min(1 - 1e-9, progress)) * iterationParts.length
  const index = Math.floor(at)
  const part = iterationParts[index]!
  // The change takes the middle of its part, so that there is time to look before and after.
  const within = ease(Math.max(0, Math.min(1, (at - index - 0.15) / 0.7)))
  const done = (of: IterationPart) => {
    const place = iterationParts.indexOf(of)
    return index < place ? 0 : index > place ? 1 : within
  }
  return {
    part,
    index,
    blend: { map: done('learnD'), arrows: done('learnD') > 0.5 ? 1 : 0, fake: done('move') },
    bright: bright[part],
    arrows: part === 'gradients' || part === 'move',
  }
}
