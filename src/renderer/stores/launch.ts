import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { cliCommand, experimentKinds, presetParams } from '../../shared/experiments/index.ts'
import type { Run } from '../../shared/run.ts'
import { checkDraft, draftOf, marksOf, seedsFrom, textOf, withNameAndTags } from '../components/launch/launch-form.ts'
import type { Draft } from '../components/launch/launch-form.ts'
import { texts } from '../texts.ts'
import { useRuns } from './runs.ts'

const FIRST_KIND = [...experimentKinds.keys()][0]!

/** The launch form. It outlives the view: a look at the data or at a run loses nothing that was typed. */
export const useLaunch = defineStore('launch', () => {
  const runs = useRuns()
  const kind = ref(FIRST_KIND)
  const preset = ref<string | null>(null)
  const draft = ref<Draft>({})
  const name = ref('')
  const tags = ref<string[]>([])
  const seedCount = ref(1)
  /** What the core refused, by field, until the field is changed. */
  const refused = ref(new Map<string, string>())

  const definition = computed(() => experimentKinds.get(kind.value)!)
  const checked = computed(() => checkDraft(kind.value, draft.value))
  const marks = computed(() => marksOf(kind.value, preset.value, draft.value))
  const errors = computed(() => new Map([...refused.value, ...(checked.value.ok ? [] : checked.value.errors)]))
  const changes = computed(() => [...marks.value].filter(([, mark]) => mark.changed).map(([field]) => field))
  const command = computed(() =>
    checked.value.ok
      ? withNameAndTags(cliCommand(kind.value, preset.value, checked.value.params), name.value.trim(), tags.value)
      : null,
  )
  const seeds = computed(() => {
    const seed = checked.value.ok ? checked.value.params.seed : undefined
    return typeof seed === 'number' ? seedsFrom(seed, seedCount.value) : []
  })

  function usePreset(chosen: string | null) {
    preset.value = chosen
    // The data set is a choice of its own: trying another preset must not take it back.
    const dataset = draft.value.dataset
    draft.value = { ...draftOf(presetParams(kind.value, chosen)), ...(dataset === undefined ? {} : { dataset }) }
    refused.value = new Map()
  }
  function useKind(chosen: string, presetName?: string | null) {
    if (!experimentKinds.has(chosen)) return
    kind.value = chosen
    const presets = Object.keys(definition.value.presets)
    usePreset(presetName && presets.includes(presetName) ? presetName : (presets[0] ?? null))
  }
  function useRun(run: Run) {
    kind.value = run.kind
    preset.value = run.preset !== null && Object.hasOwn(definition.value.presets, run.preset) ? run.preset : null
    draft.value = draftOf(run.params)
    name.value = ''
    tags.value = [...run.tags]
    seedCount.value = 1
    refused.value = new Map()
  }
  function set(field: string, value: string | boolean) {
    draft.value = { ...draft.value, [field]: value }
    if (refused.value.has(field)) {
      refused.value = new Map([...refused.value].filter(([name]) => name !== field))
    }
  }
  function reset(field: string) {
    const base = marks.value.get(field)?.base
    if (base !== undefined) set(field, typeof base === 'boolean' ? base : textOf(base))
  }

  /** Queues a run for each seed, in their order. @throws what the core refuses, with what was queued before it. */
  async function launch(): Promise<Run[]> {
    if (!checked.value.ok) return []
    const { params } = checked.value
    const base = { kind: kind.value, preset: preset.value, tags: [...tags.value] }
    const all = seeds.value.length > 1 ? seeds.value.map((seed) => ({ ...params, seed })) : [params]
    const launched: Run[] = []
    for (const one of all) {
      const title = name.value.trim()
      const named = title && all.length > 1 ? texts.launch.seedName(title, Number(one.seed)) : title
      launched.push(await runs.launch({ ...base, params: one, ...(named ? { name: named } : {}) }))
    }
    return launched
  }

  useKind(FIRST_KIND)
  return {
    kind,
    preset,
    draft,
    name,
    tags,
    seedCount,
    refused,
    definition,
    checked,
    marks,
    errors,
    changes,
    command,
    seeds,
    usePreset,
    useKind,
    useRun,
    set,
    reset,
    resetAll: () => changes.value.forEach(reset),
    launch,
  }
})
