import { layOut } from './umap.ts'
import type { UmapRequest } from './umap.ts'

/** What the worker says; the last message has `done` or `problem`. */
export interface UmapReply {
  share: number
  xy: Float32Array | null
  done: boolean
  problem?: string
}

self.onmessage = ({ data }: MessageEvent<UmapRequest>) => {
  const reply = (message: UmapReply) => self.postMessage(message)
  try {
    const xy = layOut(data, (share, soFar) => reply({ share, xy: soFar, done: false }))
    reply({ share: 1, xy, done: true })
  } catch (error) {
    reply({ share: 0, xy: null, done: true, problem: error instanceof Error ? error.message : String(error) })
  }
}
