import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { experimentKinds } from '../../src/shared/experiments/index.ts'
import { root } from '../main/support.ts'
import type { StepMemory } from './step-memory.ts'
import { stepWorkloads } from './step-workloads.ts'
import { isLong, record, timeLimit } from './support.ts'

const STEPS = 1000
const LOOKS = 20
/** Of all steps however few the rounds: over fewer, the 128 KiB that an allocator asks for at a time look like a slope. */
const WATCHED_STEPS = 20_000
/** Before they are watched: code is compiled meanwhile, and allocators come to hold what the work needs. */
const WARM_UP_STEPS = 10_000
const STEPS_A_LOOK = 100
/**
 * Bytes a step: what is left of a step is at least a tensor, and a lost scalar of the native engine takes 780 bytes (20,000
 * of them, by the same measure). Allocators and compiled code add some tens.
 */
const STEEPEST = 150
/** V8 doubles the young generation once, at a moment of its own choice: 33 MB that are no leak. */
const steadyHeap = ['--expose-gc', '--min-semi-space-size=16', '--max-semi-space-size=16']

async function train(kinds: string[], steps: number, looks: number): Promise<StepMemory[]> {
  const file = path.join(root, 'test/torture/step-memory.ts')
  const args = [...steadyHeap, file, String(steps), String(looks), ...kinds]
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
  `the resident memory does not grow over ${WATCHED_STEPS} steps of %s`,
  async (kind) => {
    const steps = WARM_UP_STEPS + WATCHED_STEPS
    const [found] = await train([kind], steps, steps / STEPS_A_LOOK)
    const watched = found!.looks.filter(({ step }) => step > WARM_UP_STEPS)
    const { slope, error } = slopeOf(watched.map(({ step, resident }) => ({ x: step, y: resident })))
    const last = watched.at(-1)!
    record(`resident memory of ${kind}`, {
      rounds: WATCHED_STEPS,
      bytesPerStep: Number(slope.toFixed(2)),
      standardError: Number(error.toFixed(2)),
      megabytes: Number((last.resident / 2 ** 20).toFixed(1)),
    })
    for (const { tensors, variables } of watched)
      expect({ tensors, variables }).toEqual({ tensors: last.tensors, variables: last.variables })
    expect(slope).toBeLessThan(STEEPEST)
  },
  timeLimit(600_000),
)
