import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { Run } from '../../shared/run.ts'
import { api, follow } from '../api.ts'

export type RunAction = 'pause' | 'resume' | 'stop' | 'restart'

/** All runs of the library, as the core pushes them. */
export const useRuns = defineStore('runs', () => {
  // Replaced as a whole at each change: a run is never mutated, so comparing by identity tells what to draw anew.
  const byId = shallowRef<ReadonlyMap<string, Run>>(new Map())
  const loaded = shallowRef(false)
  const problem = shallowRef<string | null>(null)

  function put(runs: readonly Run[], removed: readonly string[] = [], onto = byId.value) {
    const next = new Map(onto)
    for (const run of runs) next.set(run.id, run)
    for (const id of removed) next.delete(id)
    byId.value = next
  }

  follow((signal) => api.runs.watch(undefined, { signal }), {
    item(change, first) {
      put(change.changed, change.removed, first ? new Map() : byId.value)
      loaded.value = true
      problem.value = null
    },
    problem: (message) => (problem.value = message),
  })

  async function act(action: RunAction, ids: string[]): Promise<Run[]> {
    const runs = await api.runs[action]({ ids })
    put(runs)
    return runs
  }
  /** Kills the workers, without a checkpoint. */
  async function stopByForce(ids: string[]) {
    const input = { ids, force: true }
    put(await api.runs.stop(input))
  }
  async function remove(ids: string[]) {
    const result = await api.runs.remove({ ids })
    put([], result.removed)
    return result
  }
  async function restore(ids: string[]) {
    put(await api.runs.restore({ ids }))
  }
  async function edit(id: string, change: { name?: string; tags?: string[]; notes?: string }) {
    put([await api.runs.edit({ id, ...change })])
  }
  async function move(id: string, position: number) {
    put(await api.runs.move({ id, position }))
  }
  async function launch(input: Parameters<typeof api.runs.launch>[0]): Promise<Run> {
    const run = await api.runs.launch(input)
    put([run])
    return run
  }

  return {
    byId,
    loaded,
    problem,
    list: computed(() => [...byId.value.values()]),
    tags: computed(() => [...new Set([...byId.value.values()].flatMap((run) => run.tags))].toSorted()),
    act,
    stopByForce,
    remove,
    restore,
    edit,
    move,
    launch,
    /** Takes what the core has answered about a run, before it comes by the stream. */
    take: (run: Run) => put([run]),
  }
})
