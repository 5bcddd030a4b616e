import { defineStore } from 'pinia'
import { api } from '../api.ts'

/** Object URLs of sample grids by their hash, the most recently used kept; a hash's content never changes. */
export const CAPACITY = 1_500

export interface ImageCache {
  /** The URL if it is here already, without waiting. */
  peek(hash: string): string | undefined
  /** @throws what the fetch throws; a failed one is tried again at the next call. */
  url(hash: string): Promise<string>
}

/** @param fetchImage gets a PNG by its hash; calls for the same hash share one fetch. */
export function imageCache(fetchImage: (hash: string) => Promise<Blob>, capacity = CAPACITY): ImageCache {
  const urls = new Map<string, string>()
  const pending = new Map<string, Promise<string>>()

  function touch(hash: string) {
    const url = urls.get(hash)
    if (url !== undefined) {
      urls.delete(hash)
      urls.set(hash, url)
    }
    return url
  }
  async function load(hash: string) {
    try {
      const url = URL.createObjectURL(await fetchImage(hash))
      urls.set(hash, url)
      for (const [oldest, oldUrl] of urls) {
        if (urls.size <= capacity) break
        urls.delete(oldest)
        // An <img> that shows it keeps its decoded picture.
        URL.revokeObjectURL(oldUrl)
      }
      return url
    } finally {
      pending.delete(hash)
    }
  }
  return {
    peek: touch,
    url(hash) {
      const here = touch(hash)
      if (here !== undefined) return Promise.resolve(here)
      let fetching = pending.get(hash)
      if (!fetching) pending.set(hash, (fetching = load(hash)))
      return fetching
    },
  }
}

export const useImages = defineStore('images', () => imageCache((hash) => api.samples.image({ hash })))
