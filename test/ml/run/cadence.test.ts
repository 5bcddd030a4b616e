import { describe, expect, it } from 'vitest'
import { Cadence } from '../../../src/ml/run/cadence.ts'
import type { IntervalUnit } from '../../../src/shared/experiments/interval.ts'

/** The steps of a run at which one is due, an epoch being `perEpoch` steps. */
function steps(every: number | string, own: IntervalUnit, total: number, perEpoch: number, from = 0): number[] {
  const place = (step: number) => ({ step, epoch: step / perEpoch })
  const cadence = new Cadence(every, own, place(from), () => 0)
  return Array.from({ length: total - from }, (_, i) => from + i + 1).filter((step) => cadence.due(place(step)))
}

describe('a checkpoint is due', () => {
  it('after so many steps, or epochs, wherever an attempt begins', () => {
    expect(steps('4 steps', 'epochs', 12, 5)).toEqual([4, 8, 12])
    expect(steps(4, 'steps', 12, 5)).toEqual([4, 8, 12])
    expect(steps('4 steps', 'epochs', 12, 5, 7)).toEqual([8, 12])
    expect(steps(2, 'epochs', 25, 5)).toEqual([10, 20])
    expect(steps('2 epochs', 'steps', 25, 5, 11)).toEqual([20])
    // Two and a half steps an epoch: the step that ends within the next epoch completes this one.
    expect(steps(1, 'epochs', 10, 2.5)).toEqual([3, 5, 8, 10])
  })

  it('once where several epochs go by in one step', () => {
    expect(steps(1, 'epochs', 4, 0.4)).toEqual([1, 2, 3, 4])
    expect(steps(3, 'epochs', 4, 0.5)).toEqual([2, 3])
  })

  it('after so many minutes since the last one that was saved, for whatever reason', () => {
    let now = 5000
    const cadence = new Cadence('1.5 minutes', 'epochs', { step: 0, epoch: 0 }, () => now)
    const at = (minutes: number) => {
      now = 5000 + minutes * 60_000
      return cadence.due({ step: 1, epoch: 1 })
    }
    expect([at(1), at(1.4), at(1.5), at(2)]).toEqual([false, false, true, true])
    cadence.saved()
    expect([at(3), at(3.5)]).toEqual([false, true])
  })

  it('never at what is no interval', () => {
    expect(() => new Cadence('soon', 'epochs', { step: 0, epoch: 0 })).toThrow('soon is no interval')
  })
})
