import { useThrottleFn } from '@vueuse/core'
import { defineStore } from 'pinia'
import { shallowRef, watch } from 'vue'
import type { Study } from '../../shared/api.ts'
import type { StudyDefinition } from '../../shared/studies.ts'
import { api, messageOf } from '../api.ts'
import { useRuns } from './runs.ts'

/** How seldom the list is asked for while runs change, in ms. */
const REFETCH_MS = 2_000

/** Saved studies. They have no stream of their own: what they say follows from the runs. */
export const useStudies = defineStore('studies', () => {
  const list = shallowRef<readonly Study[]>([])
  const loaded = shallowRef(false)
  const problem = shallowRef<string | null>(null)

  const put = (study: Study) => {
    const others = list.value.filter(({ id }) => id !== study.id)
    list.value = [...others, study].toSorted((a, b) => a.createdAt - b.createdAt)
  }

  async function load() {
    try {
      list.value = (await api.studies.list()).toSorted((a, b) => a.createdAt - b.createdAt)
      loaded.value = true
      problem.value = null
    } catch (error) {
      problem.value = messageOf(error)
    }
  }
  /** Queues what is missing of a study; returns how many runs that were. */
  async function start(id: string): Promise<number> {
    const { study, queued } = await api.studies.start({ id })
    put(study)
    return queued.length
  }
  async function saveAndStart(definition: StudyDefinition): Promise<number> {
    const study = await api.studies.save(definition)
    put(study)
    return start(study.id)
  }
  async function remove(id: string) {
    list.value = (await api.studies.remove({ id })).toSorted((a, b) => a.createdAt - b.createdAt)
  }

  return { list, loaded, problem, load, start, saveAndStart, remove }
})

/** Keeps the list of studies in step with the runs, as long as the component that calls this is there. */
export function useFreshStudies() {
  const studies = useStudies()
  const runs = useRuns()
  const refetch = useThrottleFn(() => void studies.load(), REFETCH_MS, true)
  watch(() => runs.byId, refetch, { immediate: true })
  return studies
}
