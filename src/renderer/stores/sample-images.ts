import { defineStore } from 'pinia'
import { api } from '../api.ts'

/** Decoded grids kept, the most recently used; one of 8×8 tiles of 28 pixels takes 200 kB. */
const CAPACITY = 400

export interface Decoded {
  image: ImageBitmap
  png: Blob
}

export interface BitmapCache {
  peek(key: string): Decoded | undefined
  get(key: string, fetchImage?: () => Promise<Blob>): Promise<Decoded>
  /** Fetches and decodes in the background, one after the other, until the next call. */
  prefetch(keys: readonly string[]): void
}

/**
 * Grids by key, decoded off the main thread and ready to draw, so that a drag over the epochs is as smooth as the hand.
 * @param fetchByKey Gets the PNG; calls for the same key share one fetch, and a failed one is tried again next time.
 */
export function bitmapCache(
  fetchByKey: (key: string) => Promise<Blob>,
  decode: (png: Blob) => Promise<ImageBitmap>,
  capacity = CAPACITY,
): BitmapCache {
  const here = new Map<string, Decoded>()
  const pending = new Map<string, Promise<Decoded>>()
  let round = 0

  function peek(key: string) {
    const found = here.get(key)
    if (found) {
      here.delete(key)
      here.set(key, found)
    }
    return found
  }
  async function load(key: string, fetchImage: () => Promise<Blob>) {
    try {
      const png = await fetchImage()
      const decoded = { png, image: await decode(png) }
      here.set(key, decoded)
      for (const oldest of here.keys()) {
        if (here.size <= capacity) break
        here.delete(oldest)
      }
      return decoded
    } finally {
      pending.delete(key)
    }
  }
  function get(key: string, fetchImage = () => fetchByKey(key)) {
    const found = peek(key)
    if (found) return Promise.resolve(found)
    let loading = pending.get(key)
    if (!loading) pending.set(key, (loading = load(key, fetchImage)))
    return loading
  }
  async function fetchInTurn(keys: readonly string[], mine: number) {
    for (const key of keys) {
      if (mine !== round) return
      // A failure shows when the grid is asked for in earnest.
      await get(key).catch(() => undefined)
    }
  }
  return { peek, get, prefetch: (keys) => void fetchInTurn(keys, ++round) }
}

export const useSampleImages = defineStore('sample-images', () =>
  bitmapCache(
    (hash) => api.samples.image({ hash }),
    (png) => createImageBitmap(png),
  ),
)
