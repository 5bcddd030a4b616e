import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { Dataset, FolderImport } from '../../shared/datasets.ts'
import { api, follow } from '../api.ts'

/** The data sets, as the core pushes them. */
export const useDatasets = defineStore('datasets', () => {
  const list = shallowRef<readonly Dataset[]>([])
  const loaded = shallowRef(false)
  const problem = shallowRef<string | null>(null)

  function put(set: Dataset) {
    const known = list.value.some((s) => s.id === set.id)
    list.value = known ? list.value.map((s) => (s.id === set.id ? set : s)) : [...list.value, set]
  }

  follow((signal) => api.datasets.watch(undefined, { signal }), {
    item(sets) {
      list.value = sets
      loaded.value = true
      problem.value = null
    },
    problem: (message) => (problem.value = message),
  })

  return {
    list,
    loaded,
    problem,
    byId: computed(() => new Map(list.value.map((set) => [set.id, set]))),
    /** Starts to get a set, from a folder of the user's if one is named; the progress comes by itself. */
    async get(id: string, directory?: string) {
      put(await api.datasets.get({ id, directory }))
    },
    async importFolder(input: FolderImport) {
      const set = await api.datasets.importFolder(input)
      put(set)
      return set
    },
    async remove(id: string) {
      list.value = await api.datasets.remove({ id })
    },
  }
})
