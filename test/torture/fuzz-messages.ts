import { TOO_LARGE, mutated, oddText, oddValue, valueOf } from './fuzz-input.ts'
import type { Known, Procedure } from './fuzz-input.ts'
import type { Random } from './support.ts'

/** What the frame of a message of the API has: see src/main/server/socket-api.ts. */
const toText = (message: unknown) => JSON.stringify(message).replaceAll(JSON.stringify(TOO_LARGE), '1e999')

/** Would start what the test can't pay for a thousand times over, or what has no end. */
const tamed: Record<string, (input: unknown) => unknown> = {
  '/app/setSlots': (input) =>
    isObject(input) && typeof input.slots === 'number' && input.slots > 1 ? { slots: 1 } : input,
}
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A call that must be answered: of a procedure with good or broken input, or of one that there is not. */
export function callOf(id: string, procedures: Procedure[], known: Known, random: Random): string {
  const chance = random.next()
  const { path, input } = random.pick(procedures)
  let url = path
  if (chance < 0.1)
    url = random.pick([
      `/${encodeURIComponent(
        oddText(random)
          .slice(0, 200)
          .replace(/\p{Surrogate}/gu, ''),
      )}`,
      `${path}/${random.pick(['~orpc', '__proto__', 'constructor', 'handler', '..', ''])}`,
      `/${random.pick(['__proto__', 'constructor', 'toString', 'runs/__proto__', 'runs', ''])}`,
      path.toUpperCase(),
      `${path}?data=${encodeURIComponent('{"json":{}}')}`,
      `/..${path}`,
      `/%ZZ${path}`,
    ])
  let value = input ? valueOf(input, random, known) : random.next() < 0.5 ? undefined : oddValue(random)
  if (chance > 0.4) value = mutated(value, random)
  if (random.next() < 0.1) value = mutated(value, random)
  value = tamed[path]?.(value) ?? value
  return toText({
    i: id,
    p: { u: url, b: random.next() < 0.03 ? oddValue(random) : bodyOf(value, random), m: methodOf(random) },
  })
}

/** The types of values that JSON lacks (NaN, dates, sets, …) are told by number and place beside it. */
function bodyOf(json: unknown, random: Random): unknown {
  if (random.next() < 0.9) return { json }
  const place = () => (isObject(json) && random.next() < 0.7 ? (Object.keys(json)[0] ?? 'x') : oddValue(random))
  const meta = Array.from({ length: random.int(1, 4) }, () => [
    random.int(-1, 12),
    ...Array.from({ length: random.int(0, 3) }, place),
  ])
  return { json, meta: random.next() < 0.1 ? oddValue(random) : meta }
}

const methodOf = (random: Random): unknown =>
  random.next() < 0.95 ? undefined : random.pick(['GET', 'DELETE', 'x', ''])

/** What is no message: the connection is closed for it. */
export function garbageOf(random: Random): string | Uint8Array {
  const kind = random.int(0, 10)
  if (kind === 0) return 'x'.repeat((2 << 20) + random.int(1, 1000))
  if (kind === 1) return random.bytes(random.int(0, 3000))
  if (kind === 2) return Buffer.from(random.bytes(random.int(1, 300))).toString('latin1')
  if (kind === 3) return '['.repeat(100_000)
  if (kind === 4) return toText({ i: oddText(random), t: random.pick([2, 3, 5, -1, '1']), p: { u: '/runs/list' } })
  if (kind === 5) return toText({ i: '1', p: { u: random.pick(['runs/list', 'http://elsewhere/', '', null, 7, []]) } })
  if (kind === 6) return toText({ i: random.pick([null, 7, 'x'.repeat(200), {}, []]), p: { u: '/runs/list' } })
  if (kind === 7) return toText({ i: '1', p: { u: '/runs/list', h: headersOf(random), b: { json: {} } } })
  if (kind === 8) return toText({ i: '1', p: oddValue(random) })
  return toText(random.pick([null, 1, 'x', [], {}, { i: '1' }, { p: {} }]))
}

/** Headers say how a body is to be read, and no message of ours has a body but JSON. */
const headersOf = (random: Random): unknown =>
  random.pick([
    {
      'content-type': random.pick(['multipart/form-data', 'application/x-www-form-urlencoded', 'text/event-stream', 5]),
    },
    { 'content-disposition': random.pick(['attachment; filename="../x"', 5, ['a', 'b']]) },
    'x',
    7,
    [],
  ])
