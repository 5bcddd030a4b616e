import { expectStored } from '../engine/parameters.ts'
import type { StoredState } from '../engine/parameters.ts'
import { halfSquaresOf } from './feature-map/neighbours.ts'
import type { NeighbourGraph } from './feature-map/cluster-map.ts'
import type { FourierMap } from './feature-map/fourier.ts'
import type { Standardisation } from './feature-map/standardise.ts'
import type { LinearSvm } from './linear-svm/index.ts'

/** Everything that predicting needs. Numbers are float32, so that a stored classifier predicts the same. */
export interface SvmClassifier {
  scale: Standardisation
  /** On the scaled features or their random features; its weights are 0 where only the graph counts. */
  svm: LinearSvm
  fourier: FourierMap | null
  /** Of `transductive`: what the SVM on the cluster map says of each point of the graph is carried to new ones. */
  graph: (NeighbourGraph & { scores: Float32Array }) | null
}

/** The classifier as arrays for a checkpoint: a graph of 60,000 points takes 6 to 12 MB, everything else little. */
export function storeSvmClassifier({ scale, svm, fourier, graph }: SvmClassifier): StoredState {
  const { classes, weights, intercepts, features } = svm
  const state: StoredState = {
    'scale/mean': { shape: [scale.mean.length], data: scale.mean },
    'scale/deviation': { shape: [scale.deviation.length], data: scale.deviation },
    'svm/classes': { shape: [classes.length], data: Int32Array.from(classes) },
    'svm/weights': { shape: [intercepts.length, features], data: Float32Array.from(weights) },
    'svm/intercepts': { shape: [intercepts.length], data: Float32Array.from(intercepts) },
  }
  if (fourier) {
    state['fourier/frequencies'] = { shape: [fourier.features, fourier.components], data: fourier.frequencies }
    state['fourier/phases'] = { shape: [fourier.components], data: fourier.phases }
  }
  if (graph) {
    const { projection, index, reach, neighbours, scores } = graph
    state['graph/mean'] = { shape: [projection.features], data: projection.mean }
    state['graph/axes'] = { shape: [projection.components, projection.features], data: projection.axes }
    state['graph/points'] = { shape: [index.rows, index.features], data: index.points }
    state['graph/origin'] = { shape: [index.rows], data: index.origin }
    state['graph/cells'] = { shape: [index.cellStart.length], data: index.cellStart }
    state['graph/centres'] = { shape: [index.cellStart.length - 1, index.features], data: index.centres }
    state['graph/reach'] = { shape: [index.rows], data: reach }
    state['graph/scores'] = { shape: [index.rows, intercepts.length], data: scores }
    state['graph/neighbours'] = { shape: [], data: Int32Array.of(neighbours) }
  }
  return state
}

/** @throws Error if the state is not a stored classifier, or one that was damaged */
export function loadSvmClassifier(state: StoredState): SvmClassifier {
  const size = (name: string, axis: number) => state[name]?.shape[axis] ?? 0
  const features = size('scale/mean', 0)
  const classes = size('svm/classes', 0)
  const targets = classes === 2 ? 1 : classes
  const components = size('fourier/phases', 0)
  const width = components || features
  expectStored(state, [
    ['scale/mean', [features]],
    ['scale/deviation', [features]],
    ['svm/classes', [classes]],
    ['svm/weights', [targets, width]],
    ['svm/intercepts', [targets]],
  ])
  const floats = (name: string) => Float32Array.from(state[name]!.data)
  const doubles = (name: string) => Float64Array.from(state[name]!.data)
  const integers = (name: string) => Int32Array.from(state[name]!.data)
  if (components) expectStored(state, [['fourier/frequencies', [features, components]]])
  return {
    scale: { mean: floats('scale/mean'), deviation: floats('scale/deviation') },
    svm: {
      classes: [...integers('svm/classes')],
      weights: doubles('svm/weights'),
      intercepts: doubles('svm/intercepts'),
      features: width,
    },
    fourier: components
      ? { features, components, frequencies: floats('fourier/frequencies'), phases: floats('fourier/phases') }
      : null,
    graph: state['graph/points'] ? graph() : null,
  }

  function graph(): SvmClassifier['graph'] {
    const rows = size('graph/points', 0)
    const axes = size('graph/axes', 0)
    const cells = size('graph/cells', 0) - 1
    expectStored(state, [
      ['graph/mean', [features]],
      ['graph/axes', [axes, features]],
      ['graph/points', [rows, axes]],
      ['graph/origin', [rows]],
      ['graph/cells', [cells + 1]],
      ['graph/centres', [cells, axes]],
      ['graph/reach', [rows]],
      ['graph/scores', [rows, targets]],
      ['graph/neighbours', []],
    ])
    const cellStart = integers('graph/cells')
    const ascending = cellStart.every((start, c) => start >= (c ? cellStart[c - 1]! : 0))
    if (!ascending || cellStart[0] !== 0 || cellStart[cells] !== rows)
      throw new Error("The saved 'graph/cells' does not divide the saved points; the file is damaged.")
    const points = floats('graph/points')
    return {
      projection: { features, components: axes, mean: floats('graph/mean'), axes: floats('graph/axes') },
      index: {
        features: axes,
        rows,
        points,
        origin: integers('graph/origin'),
        cellStart,
        centres: floats('graph/centres'),
        halfSquares: halfSquaresOf(points, axes),
      },
      reach: floats('graph/reach'),
      scores: floats('graph/scores'),
      neighbours: integers('graph/neighbours')[0]!,
    }
  }
}
