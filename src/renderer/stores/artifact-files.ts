import { defineStore } from 'pinia'
import { api } from '../api.ts'

/** Files kept; a model of the reference network takes 10 MB. */
const CAPACITY = 8

/** Artifacts' bytes by their hash, the most recently used kept; calls for the same hash share one fetch. */
export const useArtifactFiles = defineStore('artifact-files', () => {
  const files = new Map<string, Promise<Uint8Array>>()
  return {
    get(hash: string): Promise<Uint8Array> {
      const known = files.get(hash)
      const file =
        known ?? api.artifacts.download({ hash }).then(async (blob) => new Uint8Array(await blob.arrayBuffer()))
      files.delete(hash)
      files.set(hash, file)
      if (!known) {
        file.catch(() => files.delete(hash))
        for (const oldest of files.keys()) {
          if (files.size <= CAPACITY) break
          files.delete(oldest)
        }
      }
      return file
    },
  }
})
