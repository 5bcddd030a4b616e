import { experimentKinds, fieldsOf, presetParams } from '../../../shared/experiments/index.ts'
import type { Field, ParamValue } from '../../../shared/experiments/index.ts'
import type { RunSpec } from '../../../shared/run.ts'

export interface ParamRow {
  name: string
  label: string
  description: string
  unit: string
  value: ParamValue | undefined
  /** Undefined for a parameter that the kind does not have. */
  default: ParamValue | undefined
  differs: boolean
}
export interface ParamGroup {
  title: string
  rows: ParamRow[]
}

/** A run's parameters in the groups and the order of its kind's schema, each beside its default. */
export function paramGroups(spec: RunSpec): ParamGroup[] {
  const known = experimentKinds.has(spec.kind)
  const fields: Field[] = known ? fieldsOf(spec.kind) : []
  const defaults = known ? presetParams(spec.kind) : {}
  const groups = new Map<string, ParamRow[]>()
  const put = (title: string, row: ParamRow) => groups.set(title, [...(groups.get(title) ?? []), row])
  for (const f of fields) {
    const value = spec.params[f.name]
    put(f.group, {
      name: f.name,
      label: f.label,
      description: f.description,
      // A text says its own unit.
      unit: (f.orText && typeof value === 'string' ? '' : f.unit) ?? '',
      value,
      default: defaults[f.name],
      differs: value !== undefined && value !== defaults[f.name],
    })
  }
  for (const [name, value] of Object.entries(spec.params))
    if (!fields.some((f) => f.name === name))
      put(known ? 'Other' : 'Parameters', {
        name,
        label: name,
        description: '',
        unit: '',
        value,
        default: undefined,
        differs: known,
      })
  return [...groups].map(([title, rows]) => ({ title, rows }))
}
