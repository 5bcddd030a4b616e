import { useRouter } from 'vue-router'
import type { Run } from '../../../shared/run.ts'
import { useRunActions } from '../../run-actions.ts'
import { isTyping } from '../../shortcuts.ts'
import { useRuns } from '../../stores/runs.ts'
import { useRunTable } from '../../stores/run-table.ts'
import type { EditedCell } from './RunRow.vue'

interface TableParts {
  reveal(): void
  pageRows(): number
  edit(run: Run, cell: EditedCell): void
  tag(runs: Run[]): void
}

/**
 * The keys of the table. Arrows, Page, Home, End move; with Shift they select on the way. Space selects, Enter opens,
 * F2 renames, T tags, N notes, P pauses, R resumes, S stops, C compares, Delete removes, Alt-arrows move in the queue.
 */
export function useTableKeys(parts: TableParts) {
  const table = useRunTable()
  const runs = useRuns()
  const actions = useRunActions()
  const router = useRouter()

  /** What a key acts on: the selection, or the current row. */
  function targets(): Run[] {
    if (table.selection.ids.size) return table.selectedRuns
    const run = table.current === null ? undefined : runs.byId.get(table.current)
    return run ? [run] : []
  }

  function move(to: number, extend: boolean) {
    const id = table.ids[Math.max(0, Math.min(table.ids.length - 1, to))]
    if (id === undefined) return
    if (extend) {
      const from = table.selection.anchor ?? table.current ?? id
      if (!table.selection.ids.size) table.selectOnly([from])
      const anchored = table.selection.anchor ?? from
      const a = table.ids.indexOf(anchored)
      const b = table.ids.indexOf(id)
      table.selection = { ids: new Set(table.ids.slice(Math.min(a, b), Math.max(a, b) + 1)), anchor: anchored }
    }
    table.current = id
    parts.reveal()
  }

  return function onKey(event: KeyboardEvent) {
    // Boxes are not typed into: the table's keys hold there too.
    if (isTyping(event.target) && (event.target as HTMLInputElement).type !== 'checkbox') return
    const current = table.current === null ? undefined : runs.byId.get(table.current)
    const at = table.current === null ? -1 : table.ids.indexOf(table.current)
    if (event.altKey && current?.queuePosition && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
      event.preventDefault()
      void actions.move(current, current.queuePosition + (event.key === 'ArrowUp' ? -1 : 1))
      return
    }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'a') {
      event.preventDefault()
      table.selectAll()
      return
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const does: Record<string, () => void> = {
      ArrowDown: () => move(at + 1, event.shiftKey),
      ArrowUp: () => move(at - 1, event.shiftKey),
      PageDown: () => move(at + parts.pageRows(), event.shiftKey),
      PageUp: () => move(at - parts.pageRows(), event.shiftKey),
      Home: () => move(0, event.shiftKey),
      End: () => move(table.ids.length - 1, event.shiftKey),
      ' ': () => current && table.select(current.id, event.shiftKey),
      Enter: () => current && void router.push(`/runs/${current.id}`),
      F2: () => current && parts.edit(current, 'name'),
      n: () => current && parts.edit(current, 'notes'),
      t: () => parts.tag(targets()),
      p: () => void actions.act('pause', targets()),
      r: () => void actions.act('resume', targets()),
      s: () => void actions.act('stop', targets()),
      c: () => targets().length > 1 && void actions.compare(targets()),
      Delete: () => void actions.remove(targets()),
      Escape: () => table.clearSelection(),
    }
    const action =
      event.target instanceof HTMLButtonElement && [' ', 'Enter'].includes(event.key) ? undefined : does[event.key]
    if (!action || event.defaultPrevented) return
    event.preventDefault()
    action()
  }
}
