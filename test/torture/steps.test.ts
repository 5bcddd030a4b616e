import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { experimentKinds } from '../../src/shared/experiments/index.ts'
import { root } from '../main/support.ts'
import type { StepMemory } from './step-memory.ts'
import { stepWorkloads } from './step-workloads.ts'
import { isLong, record, rounds, timeLimit } from './support.ts'

const STEPS = 1000
const LONG_STEPS = rounds(STEPS, 20_000)
const LOOKS = 20
const LONG_LOOKS = 200
/** Before it, memory still grows to what the work needs: code is compiled, allocators fill their arenas. */
const WARM_UP = 0.25
/** Bytes a step. What leaks loses at least a tensor or an array a step, of some hundred bytes with all that belongs to it. */
const STEEPEST = 100

async function train(kinds: string[], steps: number, looks: number): Promise<StepMemory[]> {
  const file = path.join(root, 'test/torture/step-memory.ts')
  const args = ['--expose-gc', file, String(steps), String(looks), ...kinds]
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1 << 26 })
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as StepMemory)
}

/** The line through points by least squares: its slope, and the slope's standard error. */
function slopeOf(points: { x: number; y: number }[]): { slope: number; error: number } {
  const n = points.length
  const mean = (of: (p: { x: number; y: number }) => number) => points.reduce((sum, p) => sum + of(p), 0) / n
  const [x0, y0] = [mean(({ x }) => x), mean(({ y }) => y)]
  const sxx = points.reduce((sum, { x }) => sum + (x - x0) ** 2, 0)
  const slope = points.reduce((sum, { x, y }) => sum + (x - x0) * (y - y0), 0) / sxx
  const squares = points.reduce((sum, { x, y }) => sum + (y - y0 - slope * (x - x0)) ** 2, 0)
  return { slope, error: Math.sqrt(squares / (n - 2) / sxx) }
}

it('every kind of experiment is among them', () => {
  expect(Object.keys(stepWorkloads).toSorted()).toEqual([...experimentKinds.keys()].toSorted())
})

it(
  `${STEPS} training steps of each kind leave as many tensors, buffers and resource variables as there were`,
  async () => {
    const found = await train(Object.keys(stepWorkloads), STEPS, LOOKS)
    for (const { kind, native, looks } of found) {
      const [first, ...rest] = looks.map(({ tensors, buffers, variables }) => ({ tensors, buffers, variables }))
      for (const counts of rest) expect(counts, kind).toEqual(first)
      // Or the variables are not counted at all.
      if (native && kind !== 'gan2d' && kind !== 'divergences') expect(first!.variables, kind).toBeGreaterThan(0)
    }
    expect(found.map(({ kind }) => kind)).toEqual(Object.keys(stepWorkloads))
    record('tensors and resource variables added', { rounds: STEPS, tensors: 0, buffers: 0, variables: 0 })
  },
  timeLimit(600_000),
)

it.runIf(isLong).each(Object.keys(stepWorkloads))(
  `the resident memory of ${LONG_STEPS} steps of %s does not grow`,
  async (kind) => {
    const [found] = await train([kind], LONG_STEPS, LONG_LOOKS)
    const settled = found!.looks.filter(({ step }) => step > WARM_UP * LONG_STEPS)
    const { slope, error } = slopeOf(settled.map(({ step, resident }) => ({ x: step, y: resident })))
    const last = settled.at(-1)!
    record(`resident memory of ${kind}`, {
      rounds: LONG_STEPS,
      bytesPerStep: Number(slope.toFixed(2)),
      standardError: Number(error.toFixed(2)),
      megabytes: Number((last.resident / 2 ** 20).toFixed(1)),
    })
    for (const { tensors, variables } of settled)
      expect({ tensors, variables }).toEqual({ tensors: last.tensors, variables: last.variables })
    expect(slope).toBeLessThan(STEEPEST)
  },
  timeLimit(600_000),
)
