import { defineStore } from 'pinia'
import { shallowReactive, shallowRef } from 'vue'
import type { Drawing } from '../../shared/plane/drawing.ts'
import type { Points } from '../../shared/plane/geometry.ts'
import { setIdOf } from '../../shared/plane/sets.ts'
import type { PlaneSet, PlaneSetContent } from '../../shared/plane/sets.ts'
import { api, messageOf } from '../api.ts'
import { contentPoints, namedPoints } from '../components/plane/real-points.ts'

/** Points of a distribution that are shown; as many as tell its shape. */
export const shownPoints = 400

/** The user's own distributions: drawings and sets of points, and their content once someone looks at it. */
export const usePlaneSets = defineStore('plane-sets', () => {
  const list = shallowRef<readonly PlaneSet[]>([])
  const loaded = shallowRef(false)
  const problem = shallowRef<string | null>(null)
  /** A set's content never changes: it is named by its hash. */
  const contents = shallowReactive(new Map<string, PlaneSetContent | { problem: string }>())
  const points = new Map<string, Points>()
  const asked = new Set<string>()

  async function load() {
    try {
      list.value = await api.planeSets.list()
      problem.value = null
    } catch (error) {
      problem.value = messageOf(error)
    } finally {
      loaded.value = true
    }
  }
  async function fetchContent(id: string) {
    if (asked.has(id)) return
    asked.add(id)
    // Not while whoever asks is being computed.
    await Promise.resolve()
    try {
      contents.set(id, (await api.planeSets.get({ id })).content)
    } catch (error) {
      contents.set(id, { problem: messageOf(error) })
      asked.delete(id)
    }
  }
  function put(set: PlaneSet) {
    list.value = [set, ...list.value.filter((other) => other.id !== set.id)]
  }

  return {
    list,
    loaded,
    problem,
    load,
    /** Points of a distribution by its name; null while its set is fetched, or for one that there isn't. */
    pointsOf(distribution: string): Points | null {
      const known = points.get(distribution)
      if (known) return known
      const id = setIdOf(distribution)
      const content = id === null ? undefined : contents.get(id)
      if (id !== null && content === undefined) void fetchContent(id)
      const found =
        id === null
          ? namedPoints(distribution, shownPoints)
          : content && 'type' in content
            ? contentPoints(content, shownPoints)
            : null
      if (found) points.set(distribution, found)
      return found
    },
    /** Why the points of a distribution can't be shown. */
    problemOf(distribution: string): string | null {
      const content = contents.get(setIdOf(distribution) ?? '')
      return content && 'problem' in content ? content.problem : null
    },
    nameOf: (distribution: string): string | null =>
      list.value.find((set) => set.id === setIdOf(distribution))?.name ?? null,
    async saveDrawing(name: string, drawing: Drawing): Promise<PlaneSet> {
      const set = await api.planeSets.save({ name, content: { type: 'drawing', drawing } })
      put(set)
      return set
    },
    async importCsv(name: string, text: string): Promise<PlaneSet> {
      const set = await api.planeSets.importCsv({ name, text })
      put(set)
      return set
    },
    async remove(id: string) {
      list.value = await api.planeSets.remove({ id })
    },
  }
})
