import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { cliCommand, experimentKinds, presetParams } from '../../shared/experiments/index.ts'
import type { Run } from '../../shared/run.ts'
import { sweepCommand } from '../../shared/studies.ts'
import {
  draftOf,
  marksOf,
  planOf,
  seedsFrom,
  sweptWords,
  textOf,
  withNameAndTags,
} from '../components/launch/launch-form.ts'
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
  const checked = computed(() => planOf(kind.value, preset.value, draft.value))
  const marks = computed(() => marksOf(kind.value, preset.value, draft.value))
  const errors = computed(() => new Map([...refused.value, ...(checked.value.ok ? [] : checked.value.errors)]))
  const changes = computed(() => [...marks.value].filter(([, mark]) => mark.changed).map(([field]) => field))
  const command = computed(() => {
    if (!checked.value.ok) return null
    const { params, axes } = checked.value
    const plain = Object.keys(axes).length === 0
    const base = presetParams(kind.value, preset.value)
    const differing = Object.fromEntries(Object.entries(params).filter(([n, v]) => !(n in axes) && base[n] !== v))
    const line = plain
      ? cliCommand(kind.value, preset.value, params)
      : sweepCommand({ kind: kind.value, preset: preset.value, params: differing, axes })
    return withNameAndTags(line, name.value.trim(), tags.value)
  })
  const seeds = computed(() => {
    const seed = checked.value.ok ? checked.value.params.seed : undefined
    return typeof seed === 'number' ? seedsFrom(seed, seedCount.value) : []
  })

  /** Runs that a launch queues: what is swept times the seeds. */
  const count = computed(() => (checked.value.ok ? checked.value.all.length : 1) * Math.max(1, seeds.value.length))

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
  /** The form as of a run whose model is to be loaded: what it was trained with is what its measures are of. */
  function loadModelOf(run: Run) {
    draft.value = { ...draftOf(run.params), mode: 'load', model: run.id }
    refused.value = new Map()
  }
  function set(field: string, value: string | boolean) {
    draft.value = { ...draft.value, [field]: value }
    // A model that is not asked for any more must not stay behind as an error that nobody sees.
    if (field === 'mode' && value === 'train' && draft.value.model) draft.value = { ...draft.value, model: '' }
    if (refused.value.has(field)) {
      refused.value = new Map([...refused.value].filter(([name]) => name !== field))
    }
  }
  function reset(field: string) {
    const base = marks.value.get(field)?.base
    if (base !== undefined) set(field, typeof base === 'boolean' ? base : textOf(base))
  }

  /**
   * Queues a run for each combination of what is swept and each seed, in their order.
   * @throws what the core refuses, with what was queued before it.
   */
  async function launch(): Promise<Run[]> {
    if (!checked.value.ok) return []
    const { all: swept, axes } = checked.value
    const base = { kind: kind.value, preset: preset.value, tags: [...tags.value] }
    const seedChoices = seeds.value.length > 1 ? seeds.value : null
    const all = swept.flatMap((params) => (seedChoices ?? [params.seed!]).map((seed) => ({ ...params, seed })))
    const launched: Run[] = []
    for (const one of all) {
      const title = name.value.trim()
      const words = [sweptWords(axes, one), ...(seedChoices ? [texts.launch.seedWord(Number(one.seed))] : [])]
      const named = title && [title, ...words].filter(Boolean).join(' · ')
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
    count,
    usePreset,
    useKind,
    useRun,
    loadModelOf,
    set,
    reset,
    resetAll: () => changes.value.forEach(reset),
    launch,
  }
})
