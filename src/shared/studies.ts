import { z } from 'zod'
import { checkParams, experimentKind, experimentKinds, fieldsOf, presetParams, toFlag } from './experiments/index.ts'
import type { Field, FieldError, ParamValue, Params } from './experiments/index.ts'
import type { RunSpec } from './run.ts'

const Value = z.union([z.string(), z.number(), z.boolean()])

/** Runs of one kind: every combination of the values on its axes, over a preset and parameters that all of them share. */
export const StudyEntry = z.object({
  kind: z.string(),
  preset: z.string().nullable(),
  params: z.record(z.string(), Value).default({}),
  /** Parameter → its values, in the order in which they are run: the last axis changes fastest. */
  axes: z.record(z.string(), z.array(Value).min(1).max(1000)).default({}),
})
export type StudyEntry = z.infer<typeof StudyEntry>

/** A named, saved set of runs. Which runs of a library belong to it follows from their parameters alone. */
export const StudyDefinition = z.object({
  name: z.string().min(1).max(200),
  entries: z.array(StudyEntry).min(1).max(100),
})
export type StudyDefinition = z.infer<typeof StudyDefinition>

export const maxRunsOfStudy = 10_000

export type Expanded = { ok: true; specs: RunSpec[] } | { ok: false; errors: FieldError[] }

/** All runs of a study with complete parameters, each once, or what is wrong with it, each error once. */
export function expandStudy(entries: readonly StudyEntry[]): Expanded {
  const specs = new Map<string, RunSpec>()
  const errors = new Map<string, FieldError>()
  for (const { kind, preset, params, axes } of entries) {
    let base: Params
    try {
      experimentKind(kind)
      base = presetParams(kind, preset)
    } catch (error) {
      const message = (error as Error).message
      errors.set(message, { name: 'kind', message })
      continue
    }
    const size = Object.values(axes).reduce((n, values) => n * values.length, 1)
    if (size + specs.size > maxRunsOfStudy) {
      const message = `That makes more than ${maxRunsOfStudy} runs; choose fewer values.`
      return { ok: false, errors: [{ name: Object.keys(axes)[0] ?? 'kind', message }] }
    }
    for (const point of combinations(axes)) {
      const checked = checkParams(kind, { ...base, ...params, ...point })
      if (checked.ok) specs.set(JSON.stringify([kind, checked.params]), { kind, preset, params: checked.params })
      else for (const error of checked.errors) errors.set(error.message, error)
    }
  }
  return errors.size ? { ok: false, errors: [...errors.values()] } : { ok: true, specs: [...specs.values()] }
}

function* combinations(axes: Record<string, ParamValue[]>): Generator<Record<string, ParamValue>> {
  const names = Object.keys(axes)
  const place = names.map(() => 0)
  for (;;) {
    yield Object.fromEntries(names.map((name, i) => [name, axes[name]![place[i]!]!]))
    let i = names.length - 1
    while (i >= 0 && ++place[i]! === axes[names[i]!]!.length) place[i--] = 0
    if (i < 0) return
  }
}

/**
 * The values that a text names for a field: one, several by commas, and for whole numbers ranges: "0..4,10". A single
 * value, or a text field, gives one. What can't be read stays a text, for the check to refuse by name.
 */
export function parseAxis(field: Field, text: string): ParamValue[] {
  if (field.type === 'string') return splitTexts(field, text)
  return text.split(',').flatMap((part): ParamValue[] => {
    const trimmed = part.trim()
    const range = field.type === 'integer' ? /^(-?\d+)\.\.(-?\d+)$/.exec(trimmed) : null
    if (range) {
      const [from, to] = [Number(range[1]), Number(range[2])]
      if (to < from || to - from >= 1000) return [trimmed]
      return Array.from({ length: to - from + 1 }, (_, i) => from + i)
    }
    if (field.type === 'boolean') return [trimmed === 'true' ? true : trimmed === 'false' ? false : trimmed]
    const isNumeric = field.type !== 'choice' || typeof field.choices[0] === 'number'
    return [isNumeric && trimmed !== '' && !Number.isNaN(Number(trimmed)) ? Number(trimmed) : trimmed]
  })
}

/** Only data sets are listed by commas: other texts may hold one. */
const splitTexts = (field: Field, text: string): string[] =>
  field.name === 'dataset' ? text.split(',').map((part) => part.trim()) : [text]

/** The same for runs of the same kind and parameters; a parameter that came later has its default in earlier runs. */
export const specKey = (kind: string, params: Params): string =>
  JSON.stringify([
    kind,
    experimentKinds.has(kind) ? fieldsOf(kind).map((field) => params[field.name] ?? field.default) : params,
  ])

export const semiSupervisedMethods = ['vae-svm', 'vae-svm-transductive', 'm2', 'm1-m2'] as const
export type SemiSupervisedMethod = (typeof semiSupervisedMethods)[number]

export interface SemiSupervisedOptions {
  quick: boolean
  datasets?: string[]
  labels?: number[]
  methods?: SemiSupervisedMethod[]
  /** Seeds of the labelled set. */
  labelSeeds?: number[]
  /** Seed of the networks. */
  seed?: number
}

/** The homework's third system and the paper's table 1: data sets × methods × label budgets × labelled sets. */
export function semiSupervisedStudy(options: SemiSupervisedOptions): StudyDefinition {
  const {
    quick,
    datasets = ['mnist', 'fashion-mnist'],
    labels = [100, 600, 1000, 3000],
    methods = [...semiSupervisedMethods],
    labelSeeds = quick ? [0] : [0, 1, 2, 3, 4],
    seed = 0,
  } = options
  const axes = { dataset: datasets, labels, labelSeed: labelSeeds }
  const preset = quick ? 'quick' : 'reference'
  const entries = methods.map((method): StudyEntry => {
    if (method === 'm2' || method === 'm1-m2') return { kind: method, preset, params: { seed }, axes }
    const transductive = method === 'vae-svm-transductive'
    const params = transductive ? { ...presetChanges('vae-svm', 'transductive'), seed } : { seed }
    return { kind: 'vae-svm', preset, params, axes }
  })
  return { name: quick ? 'Semi-supervised learning (quick)' : 'Semi-supervised learning', entries }
}

const presetChanges = (kind: string, preset: string) => experimentKind(kind).presets[preset]!.params as Params

/** The command that queues the same entry: `npx atelier run KIND --labels 100,600 --label-seed 0,1,2`. */
export function sweepCommand({ kind, preset, params, axes }: StudyEntry): string {
  const flags = [...Object.entries(params), ...Object.entries(axes).map(([name, values]) => [name, values.join(',')])]
  const known = new Set(fieldsOf(kind).map(({ name }) => name))
  return [
    `npx atelier run ${kind}`,
    ...(preset ? [`--preset ${preset}`] : []),
    ...flags.filter(([name]) => known.has(String(name))).map(([name, value]) => `--${toFlag(String(name))} ${value}`),
  ].join(' ')
}
