import type * as Tfjs from '@tensorflow/tfjs'
import { clusterMap, induce } from './feature-map/cluster-map.ts'
import type { ClusterMap } from './feature-map/cluster-map.ts'
import { applyFourierMap, fourierMap, medianGamma } from './feature-map/fourier.ts'
import { gather } from './feature-map/neighbours.ts'
import { standardisation, standardise, toUnitNorm, unscaled } from './feature-map/standardise.ts'
import { decisionValues, fitLinearSvm, largestClass } from './linear-svm/index.ts'
import type { LabelledFeatures, LinearSvm } from './linear-svm/index.ts'
import { expectMatrix, oneVersusRest } from './linear-svm/problem.ts'
import type { SvmClassifier } from './svm-classifier-state.ts'

export { loadSvmClassifier, storeSvmClassifier } from './svm-classifier-state.ts'
export type { SvmClassifier } from './svm-classifier-state.ts'

type Tf = typeof Tfjs

export interface SvmClassifierOptions {
  kernel: 'linear' | 'rbf'
  /** Use the unlabelled features as well. */
  transductive: boolean
  /** Weight of the losses against ‖w‖²/2. */
  C: number
  /** Of the RBF kernel exp(−γ ‖x − y‖²); 0: 1 / median of ‖x − y‖². */
  gamma: number
  /** Random features of the RBF kernel. */
  components: number
  seed: number
  /**
   * Give every feature mean 0 and deviation 1 first. Default false: a VAE's unused latent dimensions are noise of small
   * variance, which this would blow up; its used ones have deviation near 1 already. 'unit' also brings rows to a mean square
   * norm of 1, so that C means the same for wide features.
   */
  standardise?: boolean | 'unit'
  /** Neighbours in the graph of `transductive`; default 6. */
  neighbours?: number
  /** Eigenvectors of the graph used; default 100. */
  dimensions?: number
}

/** Rows of features without classes. */
export interface Features {
  /** [rows, features], row by row. */
  x: Float32Array
  rows: number
}

/** Fraction of the work done, 0 to 1, and what is going on. */
export type FitProgress = (fraction: number, what: string) => void

/** Of the RBF kernel beside the cluster kernel where both are used. */
const kernelShare = 0.3

/**
 * Fits a support vector machine, one class against the rest, on the features themselves (`kernel` linear), on random Fourier
 * features of the RBF kernel (rbf), and, if `transductive`, on a map that the unlabelled features shape (cluster-map.ts): with kernel linear
 * on that map alone, with rbf on the sum of both kernels.
 *
 * @param unlabelled all training features or those without labels: rows that equal a labelled one are taken once. With all, the
 *   map depends on no label, not even on which rows have one. Also used, if given, for the scale and γ
 * @param clusters what `clusterMap` gave for the unlabelled rows, all labelled ones among them; default: made here
 * @throws RangeError before any fitting if a feature is not finite, lengths do not match, fewer than two classes occur, an
 *   option is out of range, or `transductive` has no unlabelled features
 */
export async function fitSvmClassifier(
  tf: Tf,
  options: SvmClassifierOptions,
  labelled: LabelledFeatures,
  unlabelled: Features | null,
  onProgress?: FitProgress,
  clusters?: ClusterMap,
): Promise<SvmClassifier> {
  const { kernel, transductive, C, gamma, components, seed } = options
  const { rows, features, labels } = labelled
  check(options, labelled, unlabelled)
  const all = pool(labelled, unlabelled)
  const scale = scaleOf(options.standardise ?? false, all.x, all.rows, features)
  const scaled = standardise(scale, all.x, all.rows)
  const known = gather(scaled, all.places, features)
  const fourier =
    kernel === 'linear'
      ? null
      : fourierMap(seed, features, components, gamma || medianGamma(scaled, all.rows, features, seed))
  const direct = fourier ? applyFourierMap(tf, fourier, known, rows) : known
  const width = fourier ? components : features
  const fit = (x: Float32Array, dimension: number, from: number) => {
    const told = (done: number, of: number) =>
      onProgress?.(from + ((1 - from) * done) / of, 'Fitting the support vector machine')
    return rounded(fitLinearSvm({ x, rows, features: dimension, labels }, { C, seed, onProgress: told }).svm)
  }
  if (!transductive) return { scale, svm: fit(direct, width, 0), fourier, graph: null }

  const whenMapped: FitProgress = (fraction, what) => onProgress?.(0.9 * fraction, what)
  const { graph, dimensions, embedding } =
    clusters ?? (await clusterMap(tf, scaled, all.rows, features, options, whenMapped))
  if (embedding.length !== all.rows * dimensions)
    throw new RangeError(`The cluster map holds other points than the ${all.rows} given.`)
  const mapped = gather(embedding, all.places, dimensions)
  const factor = Math.sqrt(kernelShare)
  const svm = fourier
    ? fit(beside(mapped, dimensions, direct, width, factor, rows), dimensions + width, 0.9)
    : fit(mapped, dimensions, 0.9)
  const targets = svm.intercepts.length
  const onClusters = {
    ...svm,
    features: dimensions,
    weights: columns(svm, 0, dimensions),
    intercepts: new Float64Array(targets),
  }
  const scores = Float32Array.from(decisionValues(onClusters, embedding, all.rows))
  const weights = fourier
    ? columns(svm, dimensions, width).map((w) => Math.fround(factor * w))
    : new Float64Array(targets * width)
  return {
    scale,
    svm: { ...svm, features: width, weights },
    fourier,
    graph: { ...graph, scores: gather(scores, graph.index.origin, targets) },
  }
}

function scaleOf(how: boolean | 'unit', x: Float32Array, rows: number, features: number) {
  if (how === false) return unscaled(features)
  const measured = standardisation(x, rows, features)
  return how === 'unit' ? toUnitNorm(measured) : measured
}

function check(options: SvmClassifierOptions, labelled: LabelledFeatures, unlabelled: Features | null): void {
  const { kernel, transductive, C, gamma } = options
  oneVersusRest(labelled)
  if (unlabelled) expectMatrix(unlabelled.x, unlabelled.rows, labelled.features)
  if (kernel !== 'linear' && kernel !== 'rbf')
    throw new RangeError(`The kernel is '${kernel}'; it may be linear or rbf.`)
  if (!(C > 0 && C < Infinity)) throw new RangeError(`C is ${C}; it must be a positive number.`)
  if (!(gamma >= 0 && gamma < Infinity))
    throw new RangeError(`gamma is ${gamma}; it must be a positive number, or 0 to have it chosen.`)
  if (transductive && !unlabelled?.rows)
    throw new RangeError('The transductive SVM needs unlabelled features: leave some training images without labels.')
}

/**
 * The label of each row of x, [rows, features]; a function of (classifier, x) on one engine.
 *
 * @throws RangeError if x is not [rows, features] of finite numbers
 */
export function predictSvmClassifier(tf: Tf, classifier: SvmClassifier, x: Float32Array, rows: number): Int32Array {
  return largestClass(classifier.svm, svmClassifierScores(tf, classifier, x, rows))
}

/** The decision values behind `predictSvmClassifier`: [rows, classes], or [rows] for two classes. */
export function svmClassifierScores(tf: Tf, classifier: SvmClassifier, x: Float32Array, rows: number): Float64Array {
  const { scale, svm, fourier, graph } = classifier
  expectMatrix(x, rows, scale.mean.length)
  const scaled = standardise(scale, x, rows)
  const scores = decisionValues(svm, fourier ? applyFourierMap(tf, fourier, scaled, rows) : scaled, rows)
  if (!graph) return scores
  const carried = induce(tf, graph, graph.scores, svm.intercepts.length, scaled, rows)
  return scores.map((score, i) => score + carried[i]!)
}

/** The unlabelled rows, then the labelled ones that equal none of them; and where the labelled ones stand. */
function pool({ x, rows, features }: LabelledFeatures, unlabelled: Features | null) {
  if (!unlabelled) return { x, rows, places: Int32Array.from({ length: rows }, (_, row) => row) }
  const keyOf = (of: Float32Array, row: number) =>
    Buffer.from(of.buffer, of.byteOffset + row * features * 4, features * 4).toString('latin1')
  const known = new Map<string, number>()
  for (let row = 0; row < unlabelled.rows; row++) {
    const key = keyOf(unlabelled.x, row)
    if (!known.has(key)) known.set(key, row)
  }
  const more: number[] = []
  const places = Int32Array.from({ length: rows }, (_, row) => {
    const place = known.get(keyOf(x, row))
    return place ?? unlabelled.rows + more.push(row) - 1
  })
  const all = new Float32Array((unlabelled.rows + more.length) * features)
  all.set(unlabelled.x)
  all.set(gather(x, more, features), unlabelled.x.length)
  return { x: all, rows: unlabelled.rows + more.length, places }
}

/** [a, factor · b] for each row. */
function beside(a: Float32Array, aWidth: number, b: Float32Array, bWidth: number, factor: number, rows: number) {
  const width = aWidth + bWidth
  const out = new Float32Array(rows * width)
  for (let i = 0; i < rows; i++) {
    out.set(a.subarray(i * aWidth, (i + 1) * aWidth), i * width)
    for (let j = 0; j < bWidth; j++) out[i * width + aWidth + j] = factor * b[i * bWidth + j]!
  }
  return out
}

/** The weights of `count` features from `from` on, [targets, count]. */
function columns({ weights, features, intercepts }: LinearSvm, from: number, count: number): Float64Array {
  const out = new Float64Array(intercepts.length * count)
  for (let t = 0; t < intercepts.length; t++)
    out.set(weights.subarray(t * features + from, t * features + from + count), t * count)
  return out
}

/** The weights as float32 numbers, which is what a checkpoint holds. */
function rounded(svm: LinearSvm): LinearSvm {
  return { ...svm, weights: svm.weights.map(Math.fround), intercepts: svm.intercepts.map(Math.fround) }
}
