import { defineStore } from 'pinia'
import { shallowRef, watch } from 'vue'
import type { AppInfo } from '../../shared/api.ts'
import { api, connection, messageOf } from '../api.ts'

/** The core behind the window: its engine, library and slots, and the state of the line to it. */
export const useApp = defineStore('app', () => {
  const info = shallowRef<AppInfo | null>(null)
  const problem = shallowRef<string | null>(null)

  async function load() {
    try {
      info.value = await api.app.info()
      problem.value = null
    } catch (error) {
      problem.value = messageOf(error)
    }
  }
  async function setSlots(slots: number) {
    info.value = await api.app.setSlots({ slots })
  }

  // After a break another core may answer: ask again who it is.
  watch(
    () => connection.status.state,
    (state) => state === 'open' && void load(),
    { immediate: true },
  )

  return { info, problem, connection: connection.status, retry: () => connection.retry(), load, setSlots }
})
