import { onScopeDispose, shallowReactive } from 'vue'
import type { UmapReply } from './umap.worker.ts'
import type { UmapRequest } from './umap.ts'

export interface UmapState {
  /** 0 to 1 while it works, null when it does not. */
  share: number | null
  indices: Int32Array
  xy: Float32Array | null
  problem: string | null
  start(request: UmapRequest): void
  stop(): void
}

/** One layout at a time, in a thread of its own; a new request ends the one before. */
export function useUmap(): UmapState {
  let worker: Worker | null = null
  const state: UmapState = shallowReactive({
    share: null,
    indices: new Int32Array(0),
    xy: null,
    problem: null,
    start(request) {
      state.stop()
      worker = new Worker(new URL('./umap.worker.ts', import.meta.url), { type: 'module' })
      state.share = 0
      state.xy = null
      state.problem = null
      state.indices = request.indices
      worker.onmessage = ({ data }: MessageEvent<UmapReply>) => {
        if (data.xy) state.xy = data.xy
        state.share = data.share
        if (!data.done) return
        state.problem = data.problem ?? null
        state.stop()
      }
      worker.onerror = (event) => {
        state.problem = event.message || 'The thread that lays the images out ended without a word.'
        state.stop()
      }
      worker.postMessage(request)
    },
    stop() {
      worker?.terminate()
      worker = null
      state.share = null
    },
  })
  onScopeDispose(() => state.stop())
  return state
}
