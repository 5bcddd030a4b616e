import { experimentKinds, fieldsOf } from '../experiments/index.ts'
import type { ExperimentKind, Field, ParamValue, Params } from '../experiments/index.ts'
import type { RunSpec } from '../run.ts'

/** What was trained, whatever the data set, the budget of labels and the seeds: a row of the table. */
export interface Method {
  /** Equal for runs of one method, and only for those. */
  key: string
  kind: string
  /** "VAE + SVM, rbf, C 10": the kind, and what differs from its defaults. */
  label: string
}

/** These have places of their own in the table, or say where a model came from and not what it is. */
const elsewhere = new Set(['dataset', 'labels', 'labelSeed', 'seed', 'mode', 'model'])

/** The order in which differences are told: what the classifier is, before how it was trained. */
const groupOrder: Field['group'][] = ['Labels', 'Classifier', 'Networks', 'Training', 'Optimiser', 'Data']

/** Kinds that classify test images by few labels. */
export function classifies(kind: string): boolean {
  const found = experimentKinds.get(kind)
  return found !== undefined && found.metrics.some((m) => m.name === 'accuracy') && 'labels' in found.params.shape
}

/** Whether a parameter changes the model of a run with these parameters: a Gaussian kernel's mean nothing to a linear one. */
function matters(kind: string, { name, group }: Field, params: Params): boolean {
  if (elsewhere.has(name) || group === 'Record') return false
  return !(kind === 'vae-svm' && params.kernel === 'linear' && (name === 'gamma' || name === 'components'))
}

const cache = new WeakMap<Params, Method>()

/** The method of a run of a kind that classifies. */
export function methodOf({ kind, params }: Pick<RunSpec, 'kind' | 'params'>): Method {
  const known = cache.get(params)
  if (known?.kind === kind) return known
  const changed = new Map<string, ParamValue>()
  const fields = fieldsOf(kind)
  for (const field of fields) {
    const value = params[field.name] ?? field.default
    if (matters(kind, field, params) && value !== field.default) changed.set(field.name, value)
  }
  const key = JSON.stringify([kind, ...[...changed].toSorted(([a], [b]) => (a < b ? -1 : 1))])
  const method = { key, kind, label: labelOf(experimentKinds.get(kind)!, fields, changed) }
  cache.set(params, method)
  return method
}

function labelOf(kind: ExperimentKind, fields: Field[], changed: ReadonlyMap<string, ParamValue>): string {
  const rest = new Map(changed)
  // A preset that only shortens the training says more by its name ("quick") than by its numbers.
  const shorter = Object.values(kind.presets).find(({ params }) => {
    const entries = Object.entries(params)
    const isTraining = (name: string) => fields.find((f) => f.name === name)?.group === 'Training'
    return entries.length > 0 && entries.every(([name, value]) => isTraining(name) && changed.get(name) === value)
  })
  for (const name of Object.keys(shorter?.params ?? {})) rest.delete(name)
  const parts = fields
    .filter((field) => rest.has(field.name))
    .toSorted((a, b) => groupOrder.indexOf(a.group) - groupOrder.indexOf(b.group))
    .map((field) => describe(field, rest.get(field.name)!))
  const title = kind.title.replace(/ \(.*\)$/, '')
  return [title, ...parts, ...(shorter ? [lower(shorter.title)] : [])].join(', ')
}

function describe({ label, type }: Field, value: ParamValue): string {
  if (type === 'boolean') return value ? lower(label) : `not ${lower(label)}`
  return type === 'choice' ? String(value) : `${lower(label)} ${value}`
}

/** A label in the midst of a line; symbols (C), abbreviations (VAE) and names (Adam) stay as they are. */
const lower = (label: string): string =>
  /^(Adam|.( |$)|[A-Z]{2})/.test(label) ? label : label.charAt(0).toLowerCase() + label.slice(1)
