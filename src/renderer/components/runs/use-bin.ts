import { computed, onScopeDispose, shallowRef, watch } from 'vue'
import type { BinnedRun } from '../../../shared/api.ts'
import { api, connection, messageOf } from '../../api.ts'
import { formatBytes } from '../../format.ts'
import { useRuns } from '../../stores/runs.ts'
import { texts } from '../../texts.ts'
import { useToast } from '../../ui.ts'
import { confirm } from '../confirm.ts'

/** The bin, read anew whenever runs come or go; and what can be done with what lies in it. */
export function useBin() {
  const runs = useRuns()
  const toast = useToast()
  const t = texts.bin
  const list = shallowRef<readonly BinnedRun[] | null>(null)
  const problem = shallowRef<string | null>(null)
  /** Ids that are being restored or deleted. */
  const busy = shallowRef<ReadonlySet<string>>(new Set())
  let asked = 0
  onScopeDispose(() => (asked = Infinity))

  async function load(): Promise<void> {
    const mine = ++asked
    try {
      const found = await api.runs.bin()
      if (mine !== asked) return
      list.value = found
      problem.value = null
    } catch (error) {
      if (mine === asked) problem.value = messageOf(error)
    }
  }

  // A run that is removed or restored elsewhere changes how many there are here.
  watch([() => runs.byId.size, () => connection.status.state], ([, state]) => state === 'open' && void load(), {
    immediate: true,
  })

  async function doing(ids: string[], failed: string, work: () => Promise<void>): Promise<void> {
    busy.value = new Set([...busy.value, ...ids])
    try {
      await work()
    } catch (error) {
      toast.add({ title: failed, description: messageOf(error), color: 'error', icon: 'i-lucide-circle-x' })
    } finally {
      busy.value = new Set([...busy.value].filter((id) => !ids.includes(id)))
      await load()
    }
  }

  function restore(binned: readonly BinnedRun[]): Promise<void> {
    const ids = binned.map(({ run }) => run.id)
    return doing(ids, t.notRestored, async () => {
      await runs.restore(ids)
      toast.add({ title: t.restored(ids.length), icon: 'i-lucide-undo-2', color: 'neutral' })
    })
  }

  /** Deletes one run for good, or all, once the user has said yes. */
  async function empty(one?: BinnedRun): Promise<void> {
    const ids = (one ? [one] : (list.value ?? [])).map(({ run }) => run.id)
    const question = one
      ? { title: t.deleteTitle(one.run.name), text: t.deleteText, confirm: t.deleteConfirm }
      : { title: t.emptyQuestion, text: t.emptyText(ids.length), confirm: t.empty }
    if (!ids.length || !(await confirm(question))) return
    await doing(ids, t.notDeleted, async () => {
      // What was shown is what is deleted, though another window may have added to the bin meanwhile.
      const { deleted, freedBytes } = await api.runs.emptyBin({ ids })
      toast.add({
        title: t.deleted(deleted.length),
        description: freedBytes > 0 ? t.freed(formatBytes(freedBytes)) : t.freedNothing,
        icon: 'i-lucide-trash-2',
        color: 'neutral',
        duration: 12_000,
      })
    })
  }

  const bytes = computed(() => (list.value ?? []).reduce((sum, binned) => sum + binned.bytes, 0))
  return { list, bytes, problem, busy, restore, empty }
}
