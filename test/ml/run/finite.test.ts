import { describe, expect, it } from 'vitest'
import { FiniteWatch } from '../../../src/ml/run/finite.ts'
import type { NonFinitePolicy } from '../../../src/shared/settings.ts'

function watching(policy: NonFinitePolicy) {
  const warnings: string[] = []
  return { watch: new FiniteWatch({ warning: (message) => warnings.push(message) }, policy), warnings }
}
const state = (...data: number[]) => ({ 'adam/m': { shape: [data.length], data: Float32Array.from(data) } })

describe('values that are not finite', () => {
  it('are each said once by name, and end nothing under continue', () => {
    const { watch, warnings } = watching('continue')
    expect(watch.look(1, { a: 1, b: -0 })).toBeNull()
    expect(watch.look(2, { a: NaN, b: Infinity })).toBeNull()
    expect(watch.look(3, { a: -Infinity, b: NaN })).toBeNull()
    expect(watch.lookAtState(3, state(NaN))).toBeNull()
    expect(warnings.map((text) => text.split(';')[0])).toEqual(['a is NaN at step 2', 'b is Infinity at step 2'])
  })

  it.each(['pause', 'stop'] as const)('end a loop under %s, with what, where and what to do', (policy) => {
    const { watch, warnings } = watching(policy)
    expect(watch.look(7, { a: 1, b: 1e308 })).toBeNull()
    const found = watch.look(8, { a: 1, b: -Infinity, c: NaN })!
    expect(found).toEqual({ name: 'b', value: -Infinity, step: 8 })
    expect(warnings).toHaveLength(2)
    const status = { pause: 'paused', stop: 'stopped' }[policy]
    const { problem, ...outcome } = watch.outcome(found, 5)
    expect(outcome).toEqual({ status, step: 8 })
    expect(problem!.message).toBe(`b became -Infinity at step 8: the run has diverged and was ${status}.`)
    expect(problem!.hint).toContain('the checkpoint of step 5')
    expect(watch.outcome(found, null).problem!.hint).toContain('from the beginning')
  })

  it('are found in what a checkpoint would hold', () => {
    const { watch } = watching('pause')
    expect(watch.lookAtState(4, state(1, -3.4e38, 3.4e38, 0))).toBeNull()
    expect(watch.lookAtState(4, { ...state(1), w: { shape: [3], data: Float32Array.of(1, NaN, 2) } })).toEqual({
      name: 'w',
      value: NaN,
      step: 4,
    })
  })
})
