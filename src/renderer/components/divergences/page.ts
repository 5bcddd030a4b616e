import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { presetParams } from '../../../shared/experiments/index.ts'
import type { Params } from '../../../shared/experiments/index.ts'
import type { DivergencesFound } from '../../../shared/plane/divergences.ts'
import type { Result } from '../../../shared/results.ts'
import type { Run } from '../../../shared/run.ts'
import { fieldErrorsOf } from '../../api.ts'
import { useRuns } from '../../stores/runs.ts'
import { byField, checkDraft, draftOf } from '../launch/launch-form.ts'
import type { Draft } from '../launch/launch-form.ts'

export const KIND = 'divergences'

/** What a run has found of the divergences so far. */
export function foundOf(results: readonly Result[]): DivergencesFound | null {
  const value = results.findLast((result) => result.value.type === 'divergences')?.value
  return value?.type === 'divergences' ? value : null
}

/** P and Q are the two segments whose closed forms are known. */
export const isClosed = (params: Readonly<Record<string, unknown>>): boolean =>
  params['p'] === 'segment' && params['q'] === 'segment' && params['move'] === 'shift'

/** The page: what stands in its form and which run it shows. It outlives the view. */
export const useDivergences = defineStore('divergences', () => {
  const runs = useRuns()
  const draft = ref<Draft>(draftOf(presetParams(KIND, 'reference')))
  const preset = ref<string | null>('reference')
  const runId = shallowRef<string | null>(null)
  const refused = ref(new Map<string, string>())
  const checked = computed(() => checkDraft(KIND, draft.value))
  const errors = computed(() => new Map([...refused.value, ...(checked.value.ok ? [] : checked.value.errors)]))
  const run = computed(() => (runId.value === null ? null : (runs.byId.get(runId.value) ?? null)))
  const params = computed<Params>(() => {
    if (run.value) return run.value.params
    return checked.value.ok ? checked.value.params : presetParams(KIND, 'reference')
  })

  function take(values: Params, name: string | null) {
    draft.value = draftOf(values)
    preset.value = name
    refused.value = new Map()
  }
  return {
    draft,
    preset,
    runId,
    run,
    /** Of the run that is shown, or as the form stands. */
    params,
    errors,
    checked,
    set(name: string, value: string) {
      draft.value = { ...draft.value, [name]: value }
      preset.value = null
      refused.value = new Map()
      // Another experiment than the one that is shown.
      runId.value = null
    },
    choosePreset(name: string) {
      take(presetParams(KIND, name), name)
      runId.value = null
    },
    show(shown: Run) {
      if (runId.value === shown.id) return
      runId.value = shown.id
      take(shown.params, shown.preset)
    },
    leave: () => (runId.value = null),
    /** @throws the core's refusal, whose field errors stand in the form then */
    async train(): Promise<Run> {
      if (!checked.value.ok) throw new Error([...checked.value.errors.values()][0])
      try {
        const launched = await runs.launch({ kind: KIND, preset: preset.value, params: checked.value.params })
        runId.value = launched.id
        return launched
      } catch (error) {
        refused.value = byField(fieldErrorsOf(error))
        throw error
      }
    },
  }
})
