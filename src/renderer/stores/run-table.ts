import { useLocalStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, reactive, ref, shallowRef, watch } from 'vue'
import { columns, defaultColumns, defaultSort, sortRuns } from '../components/runs/run-columns.ts'
import type { ColumnId, Sort } from '../components/runs/run-columns.ts'
import { filterRuns, isFiltering, noFilter } from '../components/runs/run-filter.ts'
import { toggle } from '../components/runs/selection.ts'
import type { Selected } from '../components/runs/selection.ts'
import { useRuns } from './runs.ts'

/** How the table of runs looks: it outlives the view, so that coming back from a run finds all as it was. */
export const useRunTable = defineStore('run-table', () => {
  const runs = useRuns()
  const filter = reactive(noFilter())
  const sort = useLocalStorage<Sort>('atelier:runs-sort', { ...defaultSort })
  const shownIds = useLocalStorage<ColumnId[]>('atelier:runs-columns', [...defaultColumns])
  const selection = shallowRef<Selected>({ ids: new Set(), anchor: null })
  const current = ref<string | null>(null)
  const scrollTop = ref(0)

  const shownColumns = computed(() => columns.filter((c) => c.fixed || shownIds.value.includes(c.id)))
  // Sorting by a time that runs on needs no clock here: each change of a run sorts anew.
  const rows = computed(() => sortRuns(filterRuns(runs.list, filter), sort.value, Date.now()))
  const ids = computed(() => rows.value.map((run) => run.id))
  const filtering = computed(() => isFiltering(filter))
  const selectedRuns = computed(() => [...selection.value.ids].flatMap((id) => runs.byId.get(id) ?? []))

  watch(
    () => runs.byId,
    (byId) => {
      const kept = [...selection.value.ids].filter((id) => byId.has(id))
      if (kept.length < selection.value.ids.size) selection.value = { ...selection.value, ids: new Set(kept) }
    },
  )

  function sortBy(column: ColumnId) {
    const descendingFirst = columns.find((c) => c.id === column)?.descendingFirst ?? false
    sort.value = { column, descending: sort.value.column === column ? !sort.value.descending : descendingFirst }
  }
  function switchColumn(id: ColumnId) {
    const on = shownIds.value.includes(id)
    shownIds.value = on ? shownIds.value.filter((c) => c !== id) : [...shownIds.value, id]
  }

  return {
    filter,
    filtering,
    clearFilter: () => void Object.assign(filter, noFilter()),
    sort,
    sortBy,
    shownColumns,
    shownIds,
    switchColumn,
    resetColumns: () => (shownIds.value = [...defaultColumns]),
    rows,
    ids,
    selection,
    selectedRuns,
    select: (id: string, extend: boolean) => (selection.value = toggle(selection.value, ids.value, id, extend)),
    selectOnly: (list: readonly string[]) => (selection.value = { ids: new Set(list), anchor: list[0] ?? null }),
    selectAll: () => (selection.value = { ids: new Set(ids.value), anchor: selection.value.anchor }),
    clearSelection: () => (selection.value = { ids: new Set(), anchor: null }),
    current,
    scrollTop,
  }
})
