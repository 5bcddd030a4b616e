import { needsOf } from '../../../shared/experiments/index.ts'
import type { Need } from '../../../shared/experiments/index.ts'
import { methodOf } from '../../../shared/results-table/index.ts'
import type { Run, RunSpec } from '../../../shared/run.ts'
import { expandStudy, semiSupervisedMethods, semiSupervisedStudy } from '../../../shared/studies.ts'
import type { SemiSupervisedMethod, StudyDefinition } from '../../../shared/studies.ts'
import { resultsTexts } from '../../texts/results.ts'
import { lost } from './study-progress.ts'

const t = resultsTexts.study.dialog

export interface StudyForm {
  quick: boolean
  datasets: string[]
  methods: SemiSupervisedMethod[]
  /** As typed: "100, 600". */
  labels: string
  labelSeeds: number
  /** Empty: the usual name. */
  name: string
}

export const newForm = (): StudyForm => ({
  quick: true,
  datasets: ['mnist', 'fashion-mnist'],
  methods: [...semiSupervisedMethods],
  labels: '100, 600, 1000, 3000',
  labelSeeds: 1,
  name: '',
})

export type CheckedForm =
  { ok: true; definition: StudyDefinition; specs: RunSpec[] } | { ok: false; errors: Map<string, string> }

/** Budgets of labels out of a text, each once and ascending; null where it is none. */
export function parseLabels(text: string): number[] | null {
  const parts = text.split(/[\s,;]+/).filter(Boolean)
  if (!parts.length || parts.some((part) => !/^[1-9]\d{0,7}$/.test(part))) return null
  return [...new Set(parts.map(Number))].toSorted((a, b) => a - b)
}

/** The study that a form describes with all its runs, or what is wrong, by field. */
export function checkForm(form: StudyForm): CheckedForm {
  const errors = new Map<string, string>()
  const labels = parseLabels(form.labels)
  if (!labels) errors.set('labels', t.labelsWrong)
  if (!form.datasets.length) errors.set('datasets', t.chooseDataset)
  if (!form.methods.length) errors.set('methods', t.chooseMethod)
  if (!labels || errors.size) return { ok: false, errors }
  const definition = semiSupervisedStudy({
    quick: form.quick,
    datasets: form.datasets,
    methods: semiSupervisedMethods.filter((method) => form.methods.includes(method)),
    labels,
    labelSeeds: Array.from({ length: form.labelSeeds }, (_, i) => i),
  })
  const name = form.name.trim()
  const expanded = expandStudy(definition.entries)
  if (!expanded.ok) return { ok: false, errors: new Map([['labels', expanded.errors.map((e) => e.message).join(' ')]]) }
  return { ok: true, definition: name ? { ...definition, name } : definition, specs: expanded.specs }
}

export interface Plan {
  total: number
  /** Runs of it that are done or under way. */
  there: number
  /** Auto-encoders to train before. */
  vaes: number
  /** Trainings to do, the auto-encoders' included, and for how many of them the library knows how long such take. */
  trainings: number
  known: number
  /** Of those, in ms, one after another. */
  knownMs: number
}

type Spec = Pick<RunSpec, 'kind' | 'params'>

/** All that makes a training what it is, apart from what only steers its records. */
const identity = ({ kind, params }: Spec) => {
  const { dataset, labels, labelSeed, seed, mode } = params
  return JSON.stringify([methodOf({ kind, params }).key, dataset, labels, labelSeed, seed, mode])
}

/** What starting a study would train, and how long that takes as far as runs of the same methods tell. */
export function planOf(specs: readonly RunSpec[], runs: readonly Run[]): Plan {
  const there = new Set<string>()
  const durations = new Map<string, number[]>()
  for (const run of runs) {
    if (run.params.labels === undefined && run.kind !== 'vae') continue
    if (!lost.includes(run.status)) there.add(identity(run))
    if (run.status !== 'done' || run.params.mode === 'load') continue
    const { key } = methodOf(run)
    durations.set(key, [...(durations.get(key) ?? []), run.activeMs])
  }
  const toRun = specs.filter((spec) => !there.has(identity(spec)))
  const vaes = new Map<string, Need>()
  for (const spec of toRun)
    for (const need of needsOf(spec.kind, spec.params)) {
      const id = identity(need)
      if (!there.has(id)) vaes.set(id, need)
    }
  const trainings: Spec[] = [...vaes.values(), ...toRun]
  const times = trainings.flatMap((training) => {
    const known = durations.get(methodOf(training).key)
    return known ? [known.reduce((sum, ms) => sum + ms, 0) / known.length] : []
  })
  return {
    total: specs.length,
    there: specs.length - toRun.length,
    vaes: vaes.size,
    trainings: trainings.length,
    known: times.length,
    knownMs: times.reduce((sum, ms) => sum + ms, 0),
  }
}
