import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { checkParams, experimentKinds, fieldsOf, presetParams } from '../../shared/experiments/index.ts'
import type { Params, ParamValue } from '../../shared/experiments/index.ts'
import { activeStatuses } from '../../shared/run.ts'
import type { Run } from '../../shared/run.ts'
import { api, fieldErrorsOf, messageOf } from '../api.ts'
import { byField, checkDraft, draftOf, valueOf } from '../components/launch/launch-form.ts'
import type { Draft } from '../components/launch/launch-form.ts'
import { useRuns } from './runs.ts'

const KIND = 'gan2d'
const changeDelay = 350

/** A run that a change of its live parameters still reaches. */
export const takesChanges = (run: Run): boolean =>
  activeStatuses.includes(run.status) || run.status === 'queued' || run.status === 'paused'

/** What a run trains with now: its parameters, and what was changed since. */
export const currentParams = (run: Run): Params => ({ ...run.params, ...run.live })

/** The playground: what stands in its form and which run it shows. It outlives the view. */
export const usePlane = defineStore('plane', () => {
  const runs = useRuns()
  const draft = ref<Draft>(draftOf(presetParams(KIND, 'watch')))
  const runId = ref<string | null>(null)
  /** What the core refused, by field, until something is changed. */
  const refused = ref(new Map<string, string>())
  const changing = shallowRef(false)

  const run = computed(() => (runId.value === null ? null : (runs.byId.get(runId.value) ?? null)))
  const training = computed(() => run.value !== null && takesChanges(run.value))
  const liveFields = new Set<string>(experimentKinds.get(KIND)!.live)
  const fields = new Map(fieldsOf(KIND).map((field) => [field.name, field]))
  const checked = computed(() => checkDraft(KIND, draft.value))
  const errors = computed(() => new Map([...refused.value, ...(checked.value.ok ? [] : checked.value.errors)]))

  let pending: Record<string, ParamValue> = {}
  let timer: ReturnType<typeof setTimeout> | undefined

  function set(name: string, value: string | boolean) {
    if (training.value && !liveFields.has(name)) return
    draft.value = { ...draft.value, [name]: value }
    // What was refused may be mended by another field: too few points, by a smaller batch.
    if (refused.value.size) refused.value = new Map()
    if (!training.value) return
    const field = fields.get(name)
    // What is half typed stays here until it means something.
    if (!field || !checked.value.ok) return
    pending[name] = valueOf(field, value)
    clearTimeout(timer)
    timer = setTimeout(() => void sendChanges(), changeDelay)
  }
  async function sendChanges() {
    const id = runId.value
    const params = pending
    pending = {}
    const now: Params = run.value ? currentParams(run.value) : {}
    const different = Object.fromEntries(Object.entries(params).filter(([name, value]) => now[name] !== value))
    if (id === null || !Object.keys(different).length) return
    changing.value = true
    try {
      runs.take(await api.runs.change({ id, params: different }))
    } catch (error) {
      const found = byField(fieldErrorsOf(error))
      refused.value = found.size ? found : new Map(Object.keys(different).map((name) => [name, messageOf(error)]))
    } finally {
      changing.value = false
    }
  }

  function takeParams(params: Params) {
    const checkedParams = checkParams(KIND, params)
    draft.value = draftOf(checkedParams.ok ? checkedParams.params : { ...presetParams(KIND, null), ...params })
    refused.value = new Map()
  }
  /** Shows a run, with its parameters in the form. */
  function show(shown: Run) {
    if (runId.value === shown.id) return
    pending = {}
    runId.value = shown.id
    takeParams(currentParams(shown))
  }
  // Another window, or the command line, may change it too.
  watch(
    () => [runId.value, JSON.stringify(run.value?.live ?? null)] as const,
    ([id, live], [idBefore, before]) => {
      if (id !== idBefore || live === before || live === 'null' || Object.keys(pending).length) return
      const [now, then] = [JSON.parse(live), JSON.parse(before) ?? {}] as [Params, Params]
      // Only what has changed there: other fields may be half typed here.
      const changed = Object.fromEntries(Object.entries(now).filter(([name, value]) => then[name] !== value))
      draft.value = { ...draft.value, ...draftOf(changed) }
    },
  )

  return {
    draft,
    runId,
    run,
    training,
    changing,
    refused,
    errors,
    checked,
    isLive: (name: string) => liveFields.has(name),
    set,
    show,
    takeParams,
    /** Leaves the run and keeps its parameters, to start another one. */
    leave: () => (runId.value = null),
    /** @throws the core's refusal, whose field errors stand in the form then */
    async train(over: Params = {}): Promise<Run> {
      if (!checked.value.ok) throw new Error([...checked.value.errors.values()][0])
      try {
        const launched = await runs.launch({ kind: KIND, preset: null, params: { ...checked.value.params, ...over } })
        runId.value = launched.id
        takeParams(launched.params)
        return launched
      } catch (error) {
        refused.value = byField(fieldErrorsOf(error))
        throw error
      }
    },
    /** The same run with another loss. */
    trainOther: (other: Run, loss: string) =>
      runs.launch({ kind: KIND, preset: null, params: { ...other.params, loss }, tags: other.tags }),
  }
})
