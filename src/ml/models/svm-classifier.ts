import type * as Tfjs from '@tensorflow/tfjs'
import { expectStored } from '../engine/parameters.ts'
import type { StoredState } from '../engine/parameters.ts'
import { standardisation, standardise } from './feature-map/standardise.ts'
import type { Standardisation } from './feature-map/standardise.ts'
import { fitLinearSvm, predictLinearSvm } from './linear-svm/index.ts'
import type { LabelledFeatures, LinearSvm } from './linear-svm/index.ts'

type Tf = typeof Tfjs

export interface SvmClassifierOptions {
  kernel: 'linear' | 'rbf'
  /** Use the unlabelled features as well. */
  transductive: boolean
  /** Weight of the losses against ‖w‖²/2. */
  C: number
  /** Of the RBF kernel exp(−γ ‖x − y‖²) on standardised features; 0: chosen by a heuristic. */
  gamma: number
  /** Random features of the RBF kernel. */
  components: number
  seed: number
}

/** Rows of features without classes. */
export interface Features {
  /** [rows, features], row by row. */
  x: Float32Array
  rows: number
}

/** Everything that predicting needs. Numbers are float32, so that a stored classifier predicts the same. */
export interface SvmClassifier {
  scale: Standardisation
  svm: LinearSvm
}

/** Fraction of the work done, 0 to 1, and what is going on. */
export type FitProgress = (fraction: number, what: string) => void

export async function fitSvmClassifier(
  _tf: Tf,
  options: SvmClassifierOptions,
  labelled: LabelledFeatures,
  unlabelled: Features | null,
  onProgress?: FitProgress,
): Promise<SvmClassifier> {
  const { x, rows, features } = labelled
  const known = unlabelled ?? { x, rows }
  const scale = standardisation(known.x, known.rows, features)
  const { svm } = fitLinearSvm(
    { ...labelled, x: standardise(scale, x, rows) },
    {
      C: options.C,
      seed: options.seed,
      onProgress: (done, of) => onProgress?.(done / of, 'Fitting the support vector machine'),
    },
  )
  return { scale, svm: rounded(svm) }
}

/** The label of each row of x, [rows, features]. */
export function predictSvmClassifier(_tf: Tf, classifier: SvmClassifier, x: Float32Array, rows: number): Int32Array {
  return predictLinearSvm(classifier.svm, standardise(classifier.scale, x, rows), rows)
}

/** The classifier as arrays for a checkpoint. */
export function storeSvmClassifier({ scale, svm }: SvmClassifier): StoredState {
  const { classes, weights, intercepts, features } = svm
  return {
    'scale/mean': { shape: [features], data: scale.mean },
    'scale/deviation': { shape: [features], data: scale.deviation },
    'svm/classes': { shape: [classes.length], data: Int32Array.from(classes) },
    'svm/weights': { shape: [intercepts.length, features], data: Float32Array.from(weights) },
    'svm/intercepts': { shape: [intercepts.length], data: Float32Array.from(intercepts) },
  }
}

/** @throws Error if the state is not a stored classifier */
export function loadSvmClassifier(state: StoredState): SvmClassifier {
  const features = state['scale/mean']?.shape[0] ?? 0
  const classes = state['svm/classes']?.shape[0] ?? 0
  const targets = classes === 2 ? 1 : classes
  expectStored(state, [
    ['scale/mean', [features]],
    ['scale/deviation', [features]],
    ['svm/classes', [classes]],
    ['svm/weights', [targets, features]],
    ['svm/intercepts', [targets]],
  ])
  const array = (name: string) => state[name]!.data
  return {
    scale: {
      mean: Float32Array.from(array('scale/mean')),
      deviation: Float32Array.from(array('scale/deviation')),
    },
    svm: {
      classes: [...array('svm/classes')],
      weights: Float64Array.from(array('svm/weights')),
      intercepts: Float64Array.from(array('svm/intercepts')),
      features,
    },
  }
}

/** The weights as float32 numbers, which is what a checkpoint holds. */
function rounded(svm: LinearSvm): LinearSvm {
  return { ...svm, weights: svm.weights.map(Math.fround), intercepts: svm.intercepts.map(Math.fround) }
}
