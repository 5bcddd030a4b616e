import type { z } from 'zod'
import { dcgan } from './dcgan.ts'
import { divergences } from './divergences.ts'
import { describeFields, toFlag } from './fields.ts'
import type { Field, FieldError, Params } from './fields.ts'
import { gan2d } from './gan2d.ts'
import type { ExperimentKind, Need } from './kind.ts'
import { m1M2 } from './m1-m2.ts'
import { m2 } from './m2.ts'
import { vae } from './vae.ts'
import { vaeSvm } from './vae-svm.ts'
import { wganGp } from './wgan-gp.ts'

export type { ExperimentKind, MetricInfo, Need, Preset } from './kind.ts'
export type { Field, FieldError, Params, ParamValue } from './fields.ts'
export { describeFields, toFlag, toName } from './fields.ts'

const kinds: ExperimentKind[] = [
  wganGp,
  dcgan,
  vae,
  vaeSvm,
  m2,
  m1M2,
  gan2d,
  divergences,
] as unknown as ExperimentKind[]

export const experimentKinds: ReadonlyMap<string, ExperimentKind> = new Map(kinds.map((k) => [k.kind, k]))

/** Finds a kind of experiment. @throws Error that lists the kinds there are. */
export function experimentKind(kind: string): ExperimentKind {
  const found = experimentKinds.get(kind)
  if (!found)
    throw new Error(`There is no experiment "${kind}". The kinds are: ${[...experimentKinds.keys()].join(', ')}.`)
  return found
}

const fieldCache = new Map<string, Field[]>()

/** The fields of a kind's parameters, for forms, flags and documentation. */
export function fieldsOf(kind: string): Field[] {
  let fields = fieldCache.get(kind)
  if (!fields) fieldCache.set(kind, (fields = describeFields(experimentKind(kind).params)))
  return fields
}

/** The complete parameters of a preset, or the plain defaults when none is named. @throws Error naming the presets. */
export function presetParams(kind: string, preset?: string | null): Params {
  const k = experimentKind(kind)
  const defaults = Object.fromEntries(fieldsOf(kind).map((f) => [f.name, f.default]))
  if (!preset) return defaults
  const found = Object.hasOwn(k.presets, preset) ? k.presets[preset] : undefined
  if (!found)
    throw new Error(`${kind} has no preset "${preset}". Its presets are: ${Object.keys(k.presets).join(', ')}.`)
  return { ...defaults, ...(found.params as Params) }
}

export type Checked = { ok: true; params: Params } | { ok: false; errors: FieldError[] }

/**
 * Completes and checks parameters: unknown names, wrong types and values out of range each give one error
 * with what was expected.
 */
export function checkParams(kind: string, input: Record<string, unknown>): Checked {
  const k = experimentKind(kind)
  const parsed = k.params.safeParse(input)
  if (parsed.success) {
    const errors = [...crossChecks(parsed.data as Params), ...(k.check?.(parsed.data) ?? [])]
    return errors.length ? { ok: false, errors } : { ok: true, params: parsed.data as Params }
  }
  return { ok: false, errors: parsed.error.issues.flatMap((issue) => explain(kind, input, issue)) }
}

/** The runs that one with these (complete) parameters builds on. */
export const needsOf = (kind: string, params: Params): Need[] => experimentKind(kind).needs?.(params) ?? []

/** The same for runs that train the same model: all of their parameters but those of what is kept of a run. */
export const trainingKey = (kind: string, params: Params): string => {
  const fields = fieldsOf(kind).filter(({ group }) => group !== 'Record')
  return JSON.stringify([kind, ...fields.map((field) => params[field.name] ?? field.default)])
}

/** Whether two runs of a kind train the same model. */
export const trainTheSame = (kind: string, a: Params, b: Params): boolean =>
  trainingKey(kind, a) === trainingKey(kind, b)

function crossChecks(p: Params): FieldError[] {
  const errors: FieldError[] = []
  const { limit, batch, sampleEvery, epochs } = p as Record<string, number | undefined>
  if (limit && batch && limit < batch)
    errors.push({ name: 'limit', message: `limit must be 0 (all) or at least one batch (${batch}), not ${limit}.` })
  if (sampleEvery && epochs && sampleEvery > epochs)
    errors.push({
      name: 'sampleEvery',
      message: `sampleEvery must be at most the number of epochs (${epochs}), not ${sampleEvery}.`,
    })
  return errors
}

function explain(kind: string, input: Record<string, unknown>, issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((name) => ({ name, message: `${kind} has no parameter "${name}".${nearest(kind, name)}` }))
  const name = String(issue.path[0] ?? '')
  const f = fieldsOf(kind).find((f) => f.name === name)
  if (!f) return [{ name, message: issue.message }]
  return [
    { name, message: `${name} must be ${expected(f)}, not ${JSON.stringify(input[name]) ?? String(input[name])}.` },
  ]
}

/** What a field accepts, in words: "a whole number from 2 to 4096". */
export function expected(f: Field): string {
  if (f.type === 'choice') return `one of ${f.choices.join(', ')}`
  if (f.type === 'boolean') return 'true or false'
  if (f.type === 'string') return 'a text'
  const noun = f.type === 'integer' ? 'a whole number' : 'a number'
  const low = f.minimum === null ? '' : f.exclusiveMinimum ? ` above ${f.minimum}` : ` from ${f.minimum}`
  const top = f.exclusiveMaximum ? `below ${f.maximum}` : `to ${f.maximum}`
  const high =
    f.maximum === null
      ? ''
      : f.exclusiveMinimum || f.exclusiveMaximum
        ? ` and ${top.replace(/^to/, 'up to')}`
        : ` ${top}`
  return noun + low + high + (f.orText ? `, or with another unit ${f.orText}` : '')
}

function nearest(kind: string, name: string): string {
  const names = fieldsOf(kind).map((f) => f.name)
  const close = names.find((n) => n.toLowerCase() === name.toLowerCase() || n.startsWith(name) || name.startsWith(n))
  return close ? ` Did you mean "${close}"?` : ` Its parameters are: ${names.join(', ')}.`
}

/** The equivalent CLI command of a launch: only what differs from the preset is spelled out. */
export function cliCommand(kind: string, preset: string | null, params: Params): string {
  const base = presetParams(kind, preset)
  const flags = Object.entries(params)
    .filter(([name, value]) => base[name] !== value)
    .map(([name, value]) => `--${toFlag(name)} ${quote(String(value))}`)
  return ['npx atelier run', kind, ...(preset ? [`--preset ${preset}`] : []), ...flags].join(' ')
}

const quote = (s: string) => (/^[\w./:@+-]+$/.test(s) ? s : `'${s.replaceAll("'", `'\\''`)}'`)
