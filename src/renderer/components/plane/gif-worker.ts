import { newGif } from './gif-encoding.ts'
import type { Gif, GifOptions } from './gif-encoding.ts'

export type ToGifWorker =
  { type: 'start'; options: GifOptions } | { type: 'frame'; rgba: Uint8ClampedArray<ArrayBuffer> } | { type: 'finish' }
export type FromGifWorker = { type: 'added' } | { type: 'done'; bytes: Uint8Array<ArrayBuffer> }

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<ToGifWorker>) => void
  postMessage: (message: FromGifWorker, transfer?: Transferable[]) => void
}
let gif: Gif | null = null

scope.onmessage = ({ data }) => {
  if (data.type === 'start') gif = newGif(data.options)
  else if (data.type === 'frame') {
    gif?.add(data.rgba)
    scope.postMessage({ type: 'added' })
  } else if (gif) {
    const bytes = gif.finish()
    scope.postMessage({ type: 'done', bytes }, [bytes.buffer])
  }
}
