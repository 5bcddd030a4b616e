import { defineStore } from 'pinia'
import { effectScope, onScopeDispose, shallowRef, triggerRef, watch } from 'vue'
import type { ShallowRef } from 'vue'
import { api, messageOf } from '../api.ts'
import { FrameCache, unpackFrames } from '../components/plane/frame-cache.ts'
import { useFollow } from './follow.ts'
import type { Followed } from './follow.ts'

/** The recorded pictures of one run, as they come. */
export interface Recording {
  readonly id: string
  readonly followed: Followed
  readonly cache: FrameCache
  /** Changes with the steps that have a picture, and when pictures that were asked for have come. */
  readonly version: Readonly<ShallowRef<number>>
  readonly problem: Readonly<ShallowRef<string | null>>
  /** Its steps have been fetched. */
  readonly loaded: Readonly<ShallowRef<boolean>>
}

/** Frames that are fetched one by one as they come; beyond that, their steps alone are. */
const fewEnough = 600

function record(followed: Followed): Recording {
  const { id } = followed
  const version = shallowRef(0)
  const problem = shallowRef<string | null>(null)
  const loaded = shallowRef(false)
  const fetchFrames = async (range: { from: number; to?: number; limit: number }) =>
    new Uint8Array(await (await api.frames.get({ id, ...range })).arrayBuffer())
  const cache = new FrameCache(fetchFrames, () => {
    version.value++
    problem.value = cache.problem === null ? null : messageOf(cache.problem)
  })
  let loads = -1
  let busy = false
  let again = false

  /** Fetches what is new; calls while it is at work make it look once more. */
  async function update() {
    again = true
    if (busy) return
    busy = true
    try {
      while (again) {
        again = false
        await catchUp()
        problem.value = null
      }
    } catch (error) {
      problem.value = messageOf(error)
    } finally {
      busy = false
      version.value++
    }
  }
  async function catchUp() {
    const { chart, frames } = followed
    const last = cache.steps.at(-1) ?? -1
    const known = cache.steps.length
    const count = frames?.count ?? 0
    // A resume may have taken frames back; then what is known of the rest is of another history.
    const takenBack = loads !== -1 && (loads !== chart.loads || count < known || (frames?.lastStep ?? -1) < last)
    if (!loaded.value || takenBack || count - known > fewEnough) {
      loads = chart.loads
      cache.reset(await api.frames.steps({ id }), loaded.value && !takenBack)
      loaded.value = true
      return
    }
    loads = chart.loads
    if ((frames?.lastStep ?? -1) <= last) return
    const bytes = await fetchFrames({ from: last + 1, limit: fewEnough })
    cache.append(unpackFrames(bytes))
  }
  watch(
    () => [followed.frames, followed.chartVersion],
    () => void update(),
    { immediate: true },
  )
  return { id, followed, cache, version, problem, loaded }
}

/** Recordings that are looked at; each is fetched once however many look. */
export const usePlaneFrames = defineStore('plane-frames', () => {
  const follow = useFollow()
  const held = new Map<string, { recording: Recording; users: number; stop: () => void }>()
  return {
    acquire(id: string): Recording {
      let entry = held.get(id)
      if (!entry) {
        const scope = effectScope(true)
        const recording = scope.run(() => record(follow.acquire(id)))!
        entry = { recording, users: 0, stop: () => (scope.stop(), follow.release(id)) }
        held.set(id, entry)
      }
      entry.users++
      return entry.recording
    },
    release(id: string): void {
      const entry = held.get(id)
      if (!entry || --entry.users > 0) return
      entry.stop()
      held.delete(id)
    },
  }
})

/** The recordings of a list of runs that may change. */
export function useRecordings(ids: () => readonly string[]): ShallowRef<readonly Recording[]> {
  const store = usePlaneFrames()
  const recordings = shallowRef<readonly Recording[]>([])
  watch(
    () => ids().join(),
    () => {
      const before = recordings.value
      recordings.value = ids().map((id) => store.acquire(id))
      for (const { id } of before) store.release(id)
      triggerRef(recordings)
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    for (const { id } of recordings.value) store.release(id)
  })
  return recordings
}
