import type * as Tfjs from '@tensorflow/tfjs'
import { normalisedAffinity } from './graph.ts'
import { findNeighbours, indexNeighbours } from './neighbours.ts'
import type { NeighbourIndex } from './neighbours.ts'
import { principalAxes, project } from './principal.ts'
import type { Projection } from './principal.ts'
import { largestEigenvectors } from './spectrum.ts'

type Tf = typeof Tfjs

export interface ClusterMapOptions {
  /** Neighbours that a point is joined to. */
  neighbours?: number | undefined
  /** Eigenvectors used: the dimension of the map. */
  dimensions?: number | undefined
  /** ε of the weights 1 / (1 + ε − λ). */
  offset?: number | undefined
  seed: number
}

/** Chosen on MNIST's and Fashion-MNIST's training images outside the labelled set (bench/README.md). */
const defaults = { neighbours: 6, dimensions: 100, offset: 0.01 }

/** A nearest-neighbour graph of points, to which new ones can be joined. */
export interface NeighbourGraph {
  projection: Projection
  /** Of the projected points. */
  index: NeighbourIndex
  /** The distance of each point in the index to its last neighbour, [rows]. */
  reach: Float32Array
  neighbours: number
}

export interface ClusterMap {
  graph: NeighbourGraph
  dimensions: number
  /** The map's value for each point that was given, in the order it was given: [rows, dimensions], rows of norm 1. */
  embedding: Float32Array
}

/**
 * Maps points so that those joined by a path through dense regions come near each other: the eigenvectors of the normalised
 * affinity of a nearest-neighbour graph on labelled and unlabelled points (Belkin and Niyogi 2004, "Semi-supervised
 * learning on Riemannian manifolds"), the eigenvector of λ weighted by 1 / (1 + ε − λ), each point's vector scaled to
 * norm 1. A linear classifier on the map is a classifier with the cluster kernel of Chapelle, Weston and Schölkopf 2003
 * ("Cluster kernels for semi-supervised learning", section 4) with the transfer function (1 + ε − λ)^−2.
 *
 * A function of (x, options) on one engine.
 *
 * @param x [rows, features], all points, labelled or not
 */
export async function clusterMap(
  tf: Tf,
  x: Float32Array,
  rows: number,
  features: number,
  options: ClusterMapOptions,
  onProgress?: (fraction: number, what: string) => void,
): Promise<ClusterMap> {
  const { neighbours = defaults.neighbours, dimensions = defaults.dimensions, offset = defaults.offset } = options
  const { seed } = options
  onProgress?.(0, 'Joining the nearest neighbours')
  const projection = principalAxes(x, rows, features)
  const index = indexNeighbours(tf, project(projection, x, rows), rows, projection.components, seed)
  const found = findNeighbours(tf, index, index.points, Math.min(neighbours + 1, rows))
  const { k, squared } = found
  const reach = Float32Array.from({ length: rows }, (_, i) => reachOf(squared[i * k + k - 1]!))
  const whenDone = (fraction: number) => onProgress?.(0.5 + fraction / 2, 'Finding the clusters of the graph')
  whenDone(0)
  const spectrum = await largestEigenvectors(tf, normalisedAffinity(found), dimensions, seed, whenDone)

  const { count, values, vectors } = spectrum
  const weights = values.map((value) => 1 / (1 + offset - Math.min(value, 1)))
  const embedding = new Float32Array(rows * count)
  const point = new Float64Array(count)
  for (let i = 0; i < rows; i++) {
    let square = 0
    for (let j = 0; j < count; j++) {
      point[j] = weights[j]! * vectors[i * count + j]!
      square += point[j]! ** 2
    }
    const scale = square > 0 ? 1 / Math.sqrt(square) : 0
    const to = index.origin[i]! * count
    for (let j = 0; j < count; j++) embedding[to + j] = scale * point[j]!
  }
  return { graph: { projection, index, reach, neighbours }, dimensions: count, embedding }
}

/**
 * Carries values of the graph's points to new ones: the mean of a query's nearest points' values, weighted by their affinity
 * to it (Delalleau, Bengio and Le Roux 2005, "Efficient non-parametric function induction in semi-supervised learning", equation 6).
 *
 * @param values [points, width], in the order of `graph.index.points`
 * @param x [rows, features]
 * @returns [rows, width]
 */
export function induce(
  tf: Tf,
  { projection, index, reach, neighbours }: NeighbourGraph,
  values: Float32Array,
  width: number,
  x: Float32Array,
  rows: number,
): Float64Array {
  const { k, place, squared } = findNeighbours(
    tf,
    index,
    project(projection, x, rows),
    Math.min(neighbours, index.rows),
  )
  const out = new Float64Array(rows * width)
  for (let i = 0; i < rows; i++) {
    const own = reachOf(squared[i * k + k - 1]!)
    let total = 0
    for (let e = i * k; e < (i + 1) * k; e++) {
      const point = place[e]!
      // The nearest always counts, however far a query is from every point.
      const affinity = Math.exp(-(squared[e]! - squared[i * k]!) / (own * reach[point]!))
      total += affinity
      for (let j = 0; j < width; j++) out[i * width + j]! += affinity * values[point * width + j]!
    }
    for (let j = 0; j < width; j++) out[i * width + j]! /= total
  }
  return out
}

/** Equal points would make it 0. */
const reachOf = (squared: number) => Math.max(Math.sqrt(squared), 1e-15)
