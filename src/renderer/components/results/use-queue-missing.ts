import { shallowRef } from 'vue'
import { missingSpecs } from '../../../shared/results-table/index.ts'
import type { Cell, Row } from '../../../shared/results-table/index.ts'
import { useRunActions } from '../../run-actions.ts'
import { useRuns } from '../../stores/runs.ts'
import { resultsTexts as t } from '../../texts/results.ts'
import { useToast } from '../../ui.ts'

/** Queues the runs that a cell lacks; a cell that is at it is in `busy` and does not start twice. */
export function useQueueMissing() {
  const runs = useRuns()
  const toast = useToast()
  const { failed } = useRunActions()
  const busy = shallowRef<ReadonlySet<string>>(new Set())

  async function queue(row: Row, cell: Cell, key: string) {
    if (busy.value.has(key)) return
    busy.value = new Set([...busy.value, key])
    const specs = missingSpecs(row, cell)
    let queued = 0
    try {
      for (const spec of specs) {
        await runs.launch(spec)
        queued++
      }
      toast.add({ title: t.queued(queued), icon: 'i-lucide-list-plus', color: 'success' })
    } catch (error) {
      failed(queued ? t.notQueuedAll(queued, specs.length) : t.notQueued, error)
    } finally {
      busy.value = new Set([...busy.value].filter((other) => other !== key))
    }
  }
  return { busy, queue }
}
