import { z } from 'zod'

/**
 * What a parameter says of itself beyond its zod type; carried in zod's metadata, so that the form, the flags
 * and the documentation come from one schema.
 */
export interface FieldMeta {
  label: string
  description: string
  unit?: string
  group: 'Data' | 'Labels' | 'Networks' | 'Classifier' | 'Training' | 'Optimiser' | 'Record' | 'Saved model'
  /** A form control moves by this much; numbers without it are free. */
  step?: number
  /** Values are usually compared by ratio (learning rates). */
  logarithmic?: boolean
  /** A number that may also be given as a text in another unit: examples of it. */
  orText?: string
}

export interface Field extends FieldMeta {
  /** camelCase, as in code and JSON. */
  name: string
  /** kebab-case, as on the command line, without the dashes. */
  flag: string
  type: 'integer' | 'number' | 'string' | 'boolean' | 'choice'
  choices: (string | number)[]
  minimum: number | null
  maximum: number | null
  exclusiveMinimum: boolean
  exclusiveMaximum: boolean
  default: ParamValue
}

export type ParamValue = string | number | boolean
export type Params = Record<string, ParamValue>

/** Attaches a parameter's metadata to its zod schema. */
export function field<S extends z.ZodType>(schema: S, meta: FieldMeta): S {
  return schema.meta({ ...meta })
}

export const toFlag = (name: string) => name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)
export const toName = (flag: string) => flag.replace(/-([a-z0-9])/g, (_, c: string) => c.toUpperCase())

/** What JSON Schema says of a parameter's type. */
interface JsonType {
  type?: string
  enum?: (string | number)[]
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
}

/** Lists the fields of a parameter schema in their declared order. */
export function describeFields(schema: z.ZodObject): Field[] {
  const json = z.toJSONSchema(schema, { io: 'input' })
  return Object.entries(json.properties ?? {}).map(([name, raw]) => {
    const whole = raw as unknown as FieldMeta & JsonType & { anyOf?: JsonType[]; default?: ParamValue }
    // A number that may be a text too is described as the number that it is by default.
    const p = { ...whole, ...whole.anyOf?.find(({ type }) => type !== 'string') }
    if (p.default === undefined) throw new Error(`Parameter ${name} has no default; every parameter needs one.`)
    const bound = (n: number | undefined) => (n === undefined || Math.abs(n) >= Number.MAX_SAFE_INTEGER ? null : n)
    return {
      name,
      flag: toFlag(name),
      label: p.label,
      description: p.description,
      unit: p.unit,
      group: p.group,
      step: p.step,
      logarithmic: p.logarithmic ?? false,
      orText: p.orText,
      type: p.enum ? 'choice' : (p.type as Field['type']),
      choices: p.enum ?? [],
      minimum: bound(p.exclusiveMinimum ?? p.minimum),
      maximum: bound(p.exclusiveMaximum ?? p.maximum),
      exclusiveMinimum: p.exclusiveMinimum !== undefined,
      exclusiveMaximum: p.exclusiveMaximum !== undefined,
      default: p.default,
    }
  })
}

/** One line a person can act on, for one parameter: "batch must be at least 2, not 0." */
export interface FieldError {
  name: string
  message: string
}
