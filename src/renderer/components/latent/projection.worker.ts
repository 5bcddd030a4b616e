import type { Features } from './features.ts'
import { principalComponents } from './pca.ts'
import type { Pca } from './pca.ts'
import { layOut } from './umap.ts'
import type { UmapRequest } from './umap.ts'

export type ProjectionRequest = { kind: 'pca'; features: Features } | { kind: 'umap'; request: UmapRequest }

/** What the worker says; the last message has `done`. */
export interface ProjectionReply {
  share: number
  done: boolean
  xy?: Float32Array
  pca?: Pca
  problem?: string
}

self.onmessage = ({ data }: MessageEvent<ProjectionRequest>) => {
  const reply = (message: ProjectionReply) => self.postMessage(message)
  try {
    if (data.kind === 'pca') return reply({ share: 1, done: true, pca: principalComponents(data.features) })
    const xy = layOut(data.request, (share, soFar) => reply({ share, done: false, ...(soFar ? { xy: soFar } : {}) }))
    reply({ share: 1, done: true, xy })
  } catch (error) {
    reply({ share: 0, done: true, problem: error instanceof Error ? error.message : String(error) })
  }
}
