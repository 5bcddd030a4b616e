import { onScopeDispose, shallowReactive, shallowRef, watch } from 'vue'
import type { ShallowRef } from 'vue'
import type { Features } from './features.ts'
import type { Pca } from './pca.ts'
import type { ProjectionReply, ProjectionRequest } from './projection.worker.ts'
import { latentTexts as texts } from './texts.ts'
import type { UmapRequest } from './umap.ts'

/** Has a thread of its own compute a projection. @returns a function that ends it */
function compute(request: ProjectionRequest, onReply: (reply: ProjectionReply) => void): () => void {
  const worker = new Worker(new URL('./projection.worker.ts', import.meta.url), { type: 'module' })
  worker.onmessage = ({ data }: MessageEvent<ProjectionReply>) => {
    onReply(data)
    if (data.done) worker.terminate()
  }
  worker.onerror = (event) => onReply({ share: 0, done: true, problem: event.message || texts.threadEnded })
  worker.postMessage(request)
  return () => worker.terminate()
}

/** The principal components of features that may change. */
export function usePca(features: () => Features | null): {
  pca: ShallowRef<Pca | null>
  problem: ShallowRef<string | null>
} {
  const pca = shallowRef<Pca | null>(null)
  const problem = shallowRef<string | null>(null)
  let stop = () => {}
  watch(
    features,
    (now) => {
      stop()
      pca.value = problem.value = null
      if (!now) return
      stop = compute({ kind: 'pca', features: now }, (reply) => {
        pca.value = reply.pca ?? null
        problem.value = reply.problem ?? null
      })
    },
    { immediate: true },
  )
  onScopeDispose(() => stop())
  return { pca, problem }
}

export interface UmapState {
  /** 0 to 1 while it works, null when it does not. */
  share: number | null
  indices: Int32Array
  xy: Float32Array | null
  problem: string | null
  start(request: UmapRequest): void
  stop(): void
  /** Forgets what it laid out. */
  clear(): void
}

/** One layout at a time; a new request ends the one before. */
export function useUmap(): UmapState {
  let end = () => {}
  const state: UmapState = shallowReactive({
    share: null,
    indices: new Int32Array(0),
    xy: null,
    problem: null,
    start(request) {
      state.clear()
      state.share = 0
      state.indices = request.indices
      end = compute({ kind: 'umap', request }, (reply) => {
        if (reply.xy) state.xy = reply.xy
        state.share = reply.done ? null : reply.share
        state.problem = reply.problem ?? null
      })
    },
    stop() {
      end()
      state.share = null
    },
    clear() {
      state.stop()
      state.xy = state.problem = null
    },
  })
  onScopeDispose(() => state.stop())
  return state
}
