import { computed, shallowRef } from 'vue'
import { useRouter } from 'vue-router'
import type { ContextMenuItem } from '@nuxt/ui'
import { actionsOf } from '../../../shared/run.ts'
import type { Run } from '../../../shared/run.ts'
import { useRunActions } from '../../run-actions.ts'
import type { RunAction } from '../../stores/runs.ts'
import { texts } from '../../texts.ts'
import type { EditedCell } from './RunRow.vue'

/** The menu of one run, or of all that are selected: `target` says of which. */
export function useRunMenu(parts: { edit(run: Run, cell: EditedCell): void; tag(runs: Run[]): void }) {
  const target = shallowRef<readonly Run[]>([])
  const actions = useRunActions()
  const router = useRouter()
  const t = texts.runs.actions

  const verbs: [RunAction, string, string][] = [
    ['pause', 'i-lucide-pause', 'P'],
    ['resume', 'i-lucide-play', 'R'],
    ['stop', 'i-lucide-square', 'S'],
    ['restart', 'i-lucide-rotate-ccw', ''],
  ]

  const items = computed<ContextMenuItem[][]>(() => {
    const runs = target.value
    const first = runs[0]
    if (!first) return []
    const single = runs.length === 1
    const doing = verbs.map(([action, icon, key]) => ({
      label: t[action],
      icon,
      kbds: key ? [key] : undefined,
      disabled: !runs.some((run) => actionsOf(run.status)[action]),
      onSelect: () => void actions.act(action, runs),
    }))
    const position = first.queuePosition
    const queue =
      single && position !== null
        ? [
            { label: t.queueFirst, icon: 'i-lucide-arrow-up-to-line', onSelect: () => void actions.move(first, 1) },
            {
              label: t.queueUp,
              icon: 'i-lucide-arrow-up',
              kbds: ['Alt', '↑'],
              onSelect: () => void actions.move(first, position - 1),
            },
            {
              label: t.queueDown,
              icon: 'i-lucide-arrow-down',
              kbds: ['Alt', '↓'],
              onSelect: () => void actions.move(first, position + 1),
            },
          ]
        : []
    const one: ContextMenuItem[] = [
      {
        label: t.open,
        icon: 'i-lucide-arrow-right',
        kbds: ['Enter'],
        onSelect: () => void router.push(`/runs/${first.id}`),
      },
      { label: t.change, icon: 'i-lucide-rocket', onSelect: () => void router.push(`/launch?from=${first.id}`) },
    ]
    const words: ContextMenuItem[] = single
      ? [
          { label: t.rename, icon: 'i-lucide-pencil', kbds: ['F2'], onSelect: () => parts.edit(first, 'name') },
          { label: t.tag, icon: 'i-lucide-tag', kbds: ['T'], onSelect: () => parts.tag([first]) },
          { label: t.copyId, icon: 'i-lucide-copy', onSelect: () => void navigator.clipboard?.writeText(first.id) },
        ]
      : [
          { label: t.compare, icon: 'i-lucide-columns-2', kbds: ['C'], onSelect: () => void actions.compare(runs) },
          { label: t.tag, icon: 'i-lucide-tag', kbds: ['T'], onSelect: () => parts.tag([...runs]) },
        ]
    const removal: ContextMenuItem = {
      label: t.remove,
      icon: 'i-lucide-trash-2',
      color: 'error',
      kbds: ['Del'],
      disabled: !runs.some((run) => actionsOf(run.status).remove),
      onSelect: () => void actions.remove(runs),
    }
    return [...(single ? [one] : []), doing, ...(queue.length ? [queue] : []), words, [removal]]
  })

  return { target, items }
}
