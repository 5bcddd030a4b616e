import { UMAP } from 'umap-js'
import type { Features } from './features.ts'
import { uniform } from './random.ts'

export interface UmapRequest {
  features: Features
  /** Which images, by their places. */
  indices: Int32Array
  neighbours: number
  seed: number
}

function euclidean(a: number[], b: number[]): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) {
    const d = a[i]! - b[i]!
    sum += d * d
  }
  return Math.sqrt(sum)
}

/**
 * Lays the chosen images out on a plane so that neighbours in the latent space stay neighbours (McInnes et al. 2018,
 * UMAP, arXiv:1802.03426), by umap-js. The same request gives the same layout.
 * @param onProgress gets the share done, 0 to 1, and the layout so far, or null until there is one
 * @returns [indices.length, 2]
 * @throws Error when there are too few images
 */
export function layOut(
  { features, indices, neighbours, seed }: UmapRequest,
  onProgress: (share: number, xy: Float32Array | null) => void,
): Float32Array {
  if (indices.length < 4) throw new Error(`UMAP needs at least 4 images, not ${indices.length}; choose more of them.`)
  const { data, dims } = features
  const points = Array.from(indices, (i) => Array.from(data.subarray(i * dims, (i + 1) * dims)))
  const umap = new UMAP({
    nComponents: 2,
    nNeighbors: Math.min(neighbours, indices.length - 1),
    minDist: 0.1,
    random: uniform(seed),
    distanceFn: euclidean,
  })
  onProgress(0, null)
  const epochs = umap.initializeFit(points)
  const flat = () => Float32Array.from(umap.getEmbedding().flat())
  const every = Math.max(1, Math.round(epochs / 25))
  for (let epoch = 0; epoch < epochs; epoch++) {
    umap.step()
    if ((epoch + 1) % every === 0) onProgress((epoch + 1) / epochs, flat())
  }
  return flat()
}
