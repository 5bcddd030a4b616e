import { z } from 'zod'
import { contract } from '../../src/shared/api.ts'
import type { Random } from './support.ts'

/** A procedure of the contract: its path, and what its input looks like as JSON Schema (null: it takes none). */
export interface Procedure {
  path: string
  input: JsonSchema | null
}

interface JsonSchema {
  type?: string
  properties?: Record<string, JsonSchema>
  required?: string[]
  items?: JsonSchema
  prefixItems?: JsonSchema[]
  additionalProperties?: JsonSchema | boolean
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  enum?: unknown[]
  const?: unknown
  minimum?: number
  maximum?: number
  minLength?: number
  minItems?: number
  pattern?: string
}

/** Every procedure that the contract has now. */
export function proceduresOf(router: object = contract, path = ''): Procedure[] {
  return Object.entries(router).flatMap(([name, value]: [string, object]) => {
    const definition = (value as { '~orpc'?: { inputSchema?: z.ZodType } })['~orpc']
    if (!definition) return proceduresOf(value, `${path}/${name}`)
    const { inputSchema } = definition
    const options = { io: 'input', unrepresentable: 'any' } as const
    return [
      { path: `${path}/${name}`, input: inputSchema ? (z.toJSONSchema(inputSchema, options) as JsonSchema) : null },
    ]
  })
}

/** In a message, this text stands for a number that JSON can write and no double can hold. */
export const TOO_LARGE = '@1e999@'

/** Texts and values that have broken programs before. */
const texts = [
  '',
  ' ',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  '../../../../etc/passwd',
  'C:\\Windows\\system32',
  '/dev/null',
  'file:///etc/passwd',
  '%2e%2e%2f',
  'a\0b',
  '\u{1f469}\u200d\u{1f52c}',
  '\ud800',
  '\ufeff\u202eabc',
  "'; DROP TABLE runs; --",
  '<script>alert(1)</script>',
  '${7*7}{{7*7}}',
  '--help',
  'x'.repeat(300),
  'é'.repeat(70_000),
]
const oddities: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -0,
  -1,
  0.5,
  1e308,
  -1e308,
  5e-324,
  2 ** 31,
  2 ** 53,
  -(2 ** 63),
  TOO_LARGE,
  [],
  {},
  [[]],
  { length: 1e9 },
  { toJSON: 'x', valueOf: null },
  JSON.parse('{"then":1}'),
  Object.fromEntries([['__proto__', { polluted: true }]]),
  { constructor: { prototype: { polluted: true } } },
  JSON.parse('['.repeat(2000) + ']'.repeat(2000)),
]

/** What a call can name that is there: ids of runs, sets and studies, hashes, kinds. */
export type Known = readonly string[]

export const oddText = (random: Random): string => random.pick(texts)
export const oddValue = (random: Random): unknown => (random.next() < 0.5 ? random.pick(texts) : random.pick(oddities))

/** A value that a schema takes, or nearly: patterns are not looked at, but things that are there are named often. */
export function valueOf(schema: JsonSchema, random: Random, known: Known): unknown {
  const options = schema.anyOf ?? schema.oneOf
  if (options) return valueOf(random.pick(options), random, known)
  if (schema.enum) return random.pick(schema.enum)
  if ('const' in schema) return schema.const
  switch (schema.type) {
    case 'object':
      return objectOf(schema, random, known)
    case 'array': {
      if (schema.prefixItems) return schema.prefixItems.map((item) => valueOf(item, random, known))
      const length = (schema.minItems ?? 0) + random.int(0, 3)
      return Array.from({ length }, () => valueOf(schema.items ?? {}, random, known))
    }
    case 'string':
      return random.next() < 0.7 ? random.pick(known) : `${'x'.repeat(schema.minLength ?? 0)}${oddText(random)}`
    case 'integer':
    case 'number': {
      const [from, to] = [schema.minimum ?? -10, Math.min(schema.maximum ?? 1000, 1000)]
      return schema.type === 'integer' ? random.int(Math.max(from, -10), to + 1) : from + random.next() * (to - from)
    }
    case 'boolean':
      return random.next() < 0.5
    case 'null':
      return null
    default:
      return oddValue(random)
  }
}

function objectOf({ properties, required = [], additionalProperties }: JsonSchema, random: Random, known: Known) {
  const entries: [string, unknown][] = []
  for (const [name, schema] of Object.entries(properties ?? {}))
    if (required.includes(name) || random.next() < 0.4) entries.push([name, valueOf(schema, random, known)])
  if (typeof additionalProperties === 'object')
    for (let i = random.int(0, 3); i > 0; i--)
      entries.push([
        random.next() < 0.5 ? random.pick(known) : oddText(random),
        valueOf(additionalProperties, random, known),
      ])
  return Object.fromEntries(entries)
}

/** Replaces, adds or takes away something somewhere within a value. */
export function mutated(value: unknown, random: Random): unknown {
  if (random.next() < 0.3 || typeof value !== 'object' || value === null) return oddValue(random)
  if (Array.isArray(value)) {
    if (value.length === 0) return [oddValue(random)]
    const at = random.int(0, value.length)
    return value.map((item, i) => (i === at ? mutated(item, random) : (item as unknown)))
  }
  const entries = Object.entries(value)
  const chance = random.next()
  if (entries.length === 0 || chance < 0.2) return Object.fromEntries([...entries, [oddText(random), oddValue(random)]])
  const at = random.int(0, entries.length)
  if (chance < 0.35) return Object.fromEntries(entries.toSpliced(at, 1))
  return Object.fromEntries(
    entries.map(([name, item], i) => [name, i === at ? mutated(item, random) : (item as unknown)]),
  )
}
