import { checkParams, experimentKinds, fieldsOf, presetParams } from '../../../shared/experiments/index.ts'
import type { ExperimentKind, Field, FieldError, Params, ParamValue } from '../../../shared/experiments/index.ts'
import { expandStudy, parseAxis } from '../../../shared/studies.ts'

/** What stands in the form: the text as it was typed, so that half a number is not torn from under the cursor. */
export type Draft = Record<string, string | boolean>

export const draftOf = (params: Params): Draft =>
  Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, typeof value === 'boolean' ? value : textOf(value)]),
  )

/** A value as a person would type it: 2e-4, not 0.0002; 0.001 as it is. */
export const textOf = (value: ParamValue): string =>
  typeof value === 'number' && value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential() : String(value)

/** The value that a text means for a field; what is no number stays the text, for the check to refuse by name. */
export function valueOf(field: Field, text: string | boolean): ParamValue {
  if (typeof text === 'boolean') return text
  const numeric = field.type === 'integer' || field.type === 'number' || typeof field.choices[0] === 'number'
  if (!numeric) return text.trim()
  const trimmed = text.trim().replace(',', '.')
  const number = Number(trimmed)
  return trimmed === '' || Number.isNaN(number) ? text : number
}

export type DraftCheck = { ok: true; params: Params } | { ok: false; errors: Map<string, string> }

/** The whole form, checked by the same schema as the core and the CLI use. */
export function checkDraft(kind: string, draft: Draft): DraftCheck {
  const input: Record<string, ParamValue> = {}
  for (const field of fieldsOf(kind)) input[field.name] = valueOf(field, draft[field.name] ?? '')
  const checked = checkParams(kind, input)
  return checked.ok ? checked : { ok: false, errors: byField(checked.errors) }
}

/** Fields that take several values at once, each combination a run: "100,600,1000" or "0..4". */
export const isSwept = (field: Field): boolean => field.group === 'Labels'

/** The values of each field that names several; a loaded model knows its labels, so there is nothing to sweep. */
export function axesOf(kind: string, draft: Draft): Record<string, ParamValue[]> {
  const axes: Record<string, ParamValue[]> = {}
  if (draft.mode === 'load') return axes
  for (const field of fieldsOf(kind)) {
    const text = draft[field.name]
    if (!isSwept(field) || typeof text !== 'string') continue
    const values = parseAxis(field, text)
    if (values.length > 1) axes[field.name] = values
  }
  return axes
}

export type Plan =
  | { ok: true; params: Params; axes: Record<string, ParamValue[]>; all: Params[] }
  | { ok: false; errors: Map<string, string> }

/** The runs that a form describes, all of them checked: one, or one for each combination of what is swept. */
export function planOf(kind: string, preset: string | null, draft: Draft): Plan {
  const axes = axesOf(kind, draft)
  const first = Object.fromEntries(Object.entries(axes).map(([name, values]) => [name, String(values[0])]))
  const checked = checkDraft(kind, { ...draft, ...first })
  if (!checked.ok) return checked
  if (!Object.keys(axes).length) return { ok: true, params: checked.params, axes, all: [checked.params] }
  const expanded = expandStudy([{ kind, preset, params: checked.params, axes }])
  if (!expanded.ok) return { ok: false, errors: byField(expanded.errors) }
  return { ok: true, params: checked.params, axes, all: expanded.specs.map((spec) => spec.params) }
}

/** "600 labels"-like words for what tells the runs of a sweep apart: "labels 600 · labelSeed 1". */
export const sweptWords = (axes: Record<string, ParamValue[]>, params: Params): string =>
  Object.keys(axes)
    .map((name) => `${name} ${params[name]}`)
    .join(' · ')

/** One message a field: the first. */
export function byField(errors: readonly FieldError[]): Map<string, string> {
  const map = new Map<string, string>()
  for (const { name, message } of errors) if (!map.has(name)) map.set(name, message)
  return map
}

/** How a field stands to the preset and to the schema's default. */
export interface Mark {
  /** The value was changed by hand: it is not what the preset (or, without one, the default) says. */
  changed: boolean
  /** What a reset gives. */
  base: ParamValue
  /** The preset itself departs from the default here. */
  byPreset: boolean
  default: ParamValue
}

/** @throws Error for an unknown kind or preset. */
export function marksOf(kind: string, preset: string | null, draft: Draft): Map<string, Mark> {
  const base = presetParams(kind, preset)
  return new Map(
    fieldsOf(kind).map((field) => {
      const value = base[field.name]!
      const changed = valueOf(field, draft[field.name] ?? '') !== value
      return [field.name, { changed, base: value, byPreset: value !== field.default, default: field.default }]
    }),
  )
}

/** The form's fields under their headings, in the schema's order; with a draft, only those that matter to it. */
export function groupsOf(kind: string, draft?: Draft): { group: Field['group']; fields: Field[] }[] {
  const groups = new Map<Field['group'], Field[]>()
  for (const field of fieldsOf(kind)) {
    // Which model to load is asked only of who wants to load one.
    if (draft && field.name === 'model' && draft.mode === 'train') continue
    groups.set(field.group, [...(groups.get(field.group) ?? []), field])
  }
  return [...groups].map(([group, fields]) => ({ group, fields }))
}

/** The kinds by what they are about, in their own order. */
export function families(): { family: ExperimentKind['family']; kinds: ExperimentKind[] }[] {
  const all = new Map<ExperimentKind['family'], ExperimentKind[]>()
  for (const kind of experimentKinds.values()) all.set(kind.family, [...(all.get(kind.family) ?? []), kind])
  return [...all].map(([family, kinds]) => ({ family, kinds }))
}

/**
 * The text after one press of an arrow key: by the field's step, or, for what is compared by ratio, through 1, 2, 5, 10.
 * Stays within the range; a text that is no number stays as it is.
 */
export function stepText(field: Field, text: string, up: boolean): string {
  const value = valueOf(field, text)
  if (typeof value !== 'number' || field.choices.length) return text
  const next = field.logarithmic ? stepRatio(value, up) : stepLinear(field, value, up)
  return textOf(clamp(field, next, value))
}

function stepLinear(field: Field, value: number, up: boolean): number {
  const step = field.step ?? (field.type === 'integer' ? 1 : 0.1)
  // 1000-steps from 6400 go to 7000, and what is already on the raster moves by one whole step.
  const at = value / step
  const next = up ? Math.floor(at + 1e-9) + 1 : Math.ceil(at - 1e-9) - 1
  return Number((next * step).toPrecision(12))
}

function stepRatio(value: number, up: boolean): number {
  if (value <= 0) return value
  const exponent = Math.floor(Math.log10(value) + 1e-9)
  const rungs = [-1, 0, 1].flatMap((d) => [1, 2, 5].map((m) => Number(`${m}e${exponent + d}`)))
  return (up ? rungs.find((r) => r > value * 1.0001) : rungs.findLast((r) => r < value * 0.9999)) ?? value
}

/** `value` within the field's range; an end that is not part of it leaves things `asBefore`. */
function clamp(field: Field, value: number, asBefore: number): number {
  const low = field.minimum
  const high = field.maximum
  if (low !== null && (field.exclusiveMinimum ? value <= low : value < low))
    return field.exclusiveMinimum ? asBefore : low
  if (high !== null && (field.exclusiveMaximum ? value >= high : value > high))
    return field.exclusiveMaximum ? asBefore : high
  return value
}

const quote = (text: string) => (/^[\w./:@+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)

/** A terminal command with the run's name and tags added to it. */
export const withNameAndTags = (command: string, name: string, tags: readonly string[]): string =>
  [command, ...(name ? [`--name ${quote(name)}`] : []), ...tags.map((tag) => `--tag ${quote(tag)}`)].join(' ')

/** The range of a number at a glance: "2 – 4,096", "> 0, ≤ 1"; empty for what is no number. */
export function rangeOf(field: Field): string {
  if (field.choices.length || (field.type !== 'integer' && field.type !== 'number')) return ''
  const { minimum, maximum } = field
  const show = (n: number) => n.toLocaleString('en')
  if (minimum !== null && maximum !== null && !field.exclusiveMinimum && !field.exclusiveMaximum)
    return `${show(minimum)} – ${show(maximum)}`
  const low = minimum === null ? '' : `${field.exclusiveMinimum ? '>' : '≥'} ${show(minimum)}`
  const high = maximum === null ? '' : `${field.exclusiveMaximum ? '<' : '≤'} ${show(maximum)}`
  return [low, high].filter(Boolean).join(', ')
}

/** `count` seeds from `first` on; they wrap before the largest that the schema takes. */
export const seedsFrom = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => (first + i) % 2_147_483_648)

export const randomSeed = (): number => crypto.getRandomValues(new Uint32Array(1))[0]! >>> 1
