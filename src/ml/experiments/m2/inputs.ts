import type * as Tfjs from '@tensorflow/tfjs'
import type { StoredState } from '../../../shared/safetensors.ts'
import type { LikelihoodName } from '../../models/likelihoods.ts'
import type { M2Batch } from './step.ts'

type Tensor2D = Tfjs.Tensor2D

/** What model M2 is trained on, as rows of numbers: the pixels of images, or the features that model M1 finds in them. */
export interface M2Inputs {
  /** Numbers in a row. */
  width: number
  likelihood: LikelihoodName
  /** The training images at the given places. */
  train(places: ArrayLike<number>): Omit<M2Batch, 'classes'>
  /** Applies a function that gives `width` numbers a row to all test images: [images, width]. */
  overTest(width: number, f: (x: Tensor2D) => Tfjs.Tensor): Float32Array
  /** The first test images. */
  firstOfTest(count: number): Tensor2D
  /** Pixels in [0, 1] that rows stand for, [rows, pixels]. */
  pixels(rows: Tensor2D): Tensor2D
  /** Arrays that a saved model holds beside those of M2. */
  saved: StoredState
}
