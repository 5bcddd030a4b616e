import { defineStore } from 'pinia'
import { shallowRef, watch } from 'vue'
import type { LibrarySettings } from '../../shared/settings.ts'
import { api, connection, messageOf } from '../api.ts'

/** What the library wants of all its runs. */
export const useSettings = defineStore('settings', () => {
  const values = shallowRef<LibrarySettings | null>(null)
  const problem = shallowRef<string | null>(null)

  async function load() {
    try {
      values.value = await api.app.settings()
      problem.value = null
    } catch (error) {
      problem.value = messageOf(error)
    }
  }
  async function change(to: Partial<LibrarySettings>) {
    values.value = await api.app.changeSettings(to)
  }

  // After a break another core may answer, with another library.
  watch(
    () => connection.status.state,
    (state) => state === 'open' && void load(),
    { immediate: true },
  )
  return { values, problem, load, change }
})
