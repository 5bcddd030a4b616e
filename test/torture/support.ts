import { appendFileSync } from 'node:fs'
import { expect } from 'vitest'

/**
 * What the torture tests share: how many rounds they go, where their chance comes from, where their figures go.
 *
 * `npm test` runs them short and with a new seed each time; `npm run torture` runs them long and writes what they record
 * to bench/results/torture.json. See scripts/torture.mjs.
 */
export const isLong = process.env['ATELIER_TORTURE'] === 'long'

/** Of the long rounds, so many are gone; for a look at whether they hold. $ATELIER_TORTURE_SHARE, 0 to 1. */
function share(): number {
  const text = process.env['ATELIER_TORTURE_SHARE']
  const value = text ? Number(text) : 1
  if (!(value > 0 && value <= 1))
    throw new RangeError(`ATELIER_TORTURE_SHARE must be a number above 0 and at most 1, not "${text}".`)
  return value
}

/** How many rounds a test goes: `short` in `npm test`, `long` in `npm run torture`. */
export const rounds = (short: number, long: number): number =>
  isLong ? Math.max(short, Math.round(long * share())) : short

/** A test's time limit in ms: generous in `npm test`, none to speak of in `npm run torture`. */
export const timeLimit = (short: number): number => (isLong ? 24 * 3_600_000 : short)

/** Random numbers that a seed repeats. */
export interface Random {
  /** What to give as $ATELIER_TORTURE_SEED for the same numbers. */
  seed: number
  /** Uniform in [0, 1). */
  next(): number
  /** A whole number from `from` up to but not `to`. */
  int(from: number, to: number): number
  /** One of a list that isn't empty. */
  pick<T>(list: readonly T[]): T
  bytes(count: number): Uint8Array
}

/** The run's seed: given, or new. Whole, 0 to 2³²−1. */
function chooseSeed(): number {
  const given = process.env['ATELIER_TORTURE_SEED']
  if (!given) return Math.floor(Math.random() * 2 ** 32)
  const seed = Number(given)
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32)
    throw new RangeError(`ATELIER_TORTURE_SEED must be a whole number from 0 to ${2 ** 32 - 1}, not "${given}".`)
  return seed
}

/**
 * A test's own generator: a function of the seed and the test's name, so that files in any order draw the same numbers.
 * Says the seed, for the case that the test fails. (mulberry32, started at a FNV-1a hash of the two.)
 */
export function randomFor(name: string): Random {
  const seed = chooseSeed()
  console.log(`${name}: ATELIER_TORTURE_SEED=${seed}`)
  let state = 0x811c9dc5
  for (const byte of Buffer.from(`${seed}:${name}`)) state = Math.imul(state ^ byte, 0x01000193)
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const int = (from: number, to: number) => from + Math.floor(next() * (to - from))
  return {
    seed,
    next,
    int,
    pick: (list) => list[int(0, list.length)]!,
    bytes: (count) => Uint8Array.from({ length: count }, () => int(0, 256)),
  }
}

/** What a test counted: its rounds, and what it promises (`lost: 0`). */
export type Figures = { rounds: number } & Record<string, number | string | Record<string, number | string>>

/**
 * Adds figures of the test that runs to the file that $ATELIER_TORTURE_REPORT names, a JSON object a line; without it,
 * nothing.
 * @param name what was tortured, as the table of results says it
 */
export function record(name: string, figures: Figures): void {
  const file = process.env['ATELIER_TORTURE_REPORT']
  if (file) appendFileSync(file, `${JSON.stringify({ test: expect.getState().currentTestName, name, ...figures })}\n`)
}
