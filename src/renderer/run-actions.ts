import { useRouter } from 'vue-router'
import { actionsOf } from '../shared/run.ts'
import type { Run } from '../shared/run.ts'
import { messageOf } from './api.ts'
import { confirm } from './components/confirm.ts'
import { useRuns } from './stores/runs.ts'
import type { RunAction } from './stores/runs.ts'
import { texts } from './texts.ts'
import { useToast } from './ui.ts'

/** The tag of the two runs that the first button starts. */
export const QUICK_TAG = 'wgan-gp vs dcgan'

/** What a person can do to runs, from wherever: it asks where it must, and says what went wrong. */
export function useRunActions() {
  const store = useRuns()
  const toast = useToast()
  const router = useRouter()
  const t = texts.runs

  const failed = (title: string, error: unknown) =>
    toast.add({ title, description: messageOf(error), color: 'error', icon: 'i-lucide-circle-x' })

  /** Does it to those of the runs that allow it. */
  async function act(action: RunAction, runs: readonly Run[]) {
    const ids = runs.filter((run) => actionsOf(run.status)[action]).map((run) => run.id)
    if (!ids.length) return
    try {
      await store.act(action, ids)
    } catch (error) {
      failed(t.failedAction[action], error)
    }
  }

  /** Kills the worker of a run that does not end by itself, once the user has said yes. */
  async function stopByForce(run: Run) {
    if (!(await confirm(t.force.question(run.name)))) return
    try {
      await store.stopByForce([run.id])
    } catch (error) {
      failed(t.failedAction.stop, error)
    }
  }

  /** @returns true when they are gone. */
  async function remove(runs: readonly Run[]): Promise<boolean> {
    const removable = runs.filter((run) => actionsOf(run.status).remove)
    if (!removable.length) return false
    const kept = runs.length - removable.length
    const text = [t.removal.text(removable.length), ...(kept ? [t.removal.active(kept)] : [])].join(' ')
    const title = t.removal.title(removable.length)
    if (!(await confirm({ title, text, confirm: t.removal.confirm }))) return false
    try {
      const result = await store.remove(removable.map((run) => run.id))
      toast.add({
        title: t.removal.done(result.removed.length),
        icon: 'i-lucide-trash-2',
        color: 'neutral',
        duration: 12_000,
        actions: [{ label: t.removal.undo, onClick: () => void restore(result.removed) }],
      })
      return true
    } catch (error) {
      failed(t.failedAction.remove, error)
      return false
    }
  }

  async function restore(ids: string[]) {
    try {
      await store.restore(ids)
    } catch (error) {
      failed(t.removal.notRestored, error)
    }
  }

  async function move(run: Run, position: number) {
    try {
      await store.move(run.id, Math.max(1, position))
    } catch (error) {
      failed(t.failedAction.move, error)
    }
  }

  /** @returns false, with a message, when the core did not take it. */
  async function edit(run: Run, change: { name?: string; tags?: string[]; notes?: string }): Promise<boolean> {
    try {
      await store.edit(run.id, change)
      return true
    } catch (error) {
      failed(t.notEdited, error)
      return false
    }
  }

  /** Runs on the plane side by side under one scrubber, any others by their charts. */
  const compare = (runs: readonly Run[]) =>
    router.push({
      name: runs.every((run) => run.kind === 'gan2d') ? 'plane-compare' : 'compare',
      query: { runs: runs.map((run) => run.id).join(',') },
    })

  /** The first button: WGAN-GP and DCGAN on MNIST with their quick presets, under one tag. */
  async function quickComparison() {
    try {
      const tags = [QUICK_TAG]
      const wgan = await store.launch({ kind: 'wgan-gp', preset: 'quick', params: { dataset: 'mnist' }, tags })
      const dcgan = await store.launch({ kind: 'dcgan', preset: 'quick', params: { dataset: 'mnist' }, tags })
      toast.add({
        title: t.welcome.started,
        description: t.welcome.startedText,
        icon: 'i-lucide-rocket',
        duration: 12_000,
        actions: [{ label: t.welcome.compare, color: 'primary', onClick: () => void compare([wgan, dcgan]) }],
      })
    } catch (error) {
      failed(t.failedAction.launch, error)
    }
  }

  return { act, stopByForce, remove, move, edit, compare, quickComparison, failed }
}
