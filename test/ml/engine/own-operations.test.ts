import type * as Tfjs from '@tensorflow/tfjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openFusedOps } from '../../../src/ml/engine/fused.ts'
import type { FusedOps } from '../../../src/ml/engine/fused-ops.ts'
import { openEngine } from '../../../src/ml/engine/open.ts'
import { openRawOps } from '../../../src/ml/engine/raw-ops.ts'
import { enginesHere } from './finite-differences.ts'

const engines = await enginesHere()
const softplus = (v: number) => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)))
const logistic = (v: number) => 1 / (1 + Math.exp(-v))
const spread = Array.from({ length: 37 * 41 }, (_, i) => (((i * 7919) % 1517) / 1517 - 0.5) * 60)

describe.each(engines)('softplus and likelihood on the %s engine', (name) => {
  let tf: typeof Tfjs
  let ops: FusedOps
  beforeAll(async () => {
    ;({ tf } = await openEngine({ prefer: name }))
    ops = openFusedOps(tf)
    tf.engine().startScope()
  })
  afterAll(() => tf.engine().endScope())

  it('bias, softplus and its slope are those of their definitions', () => {
    const bias = Array.from({ length: 41 }, (_, i) => i / 10 - 2)
    const { y, slope } = ops.biasSoftplus(tf.tensor2d(spread, [37, 41]), tf.tensor1d(bias))
    const [values, slopes] = [y.dataSync(), slope.dataSync()]
    spread.forEach((x, i) => {
      const v = Math.fround(Math.fround(x) + Math.fround(bias[i % 41]!))
      expect(Math.abs(values[i]! - softplus(v)) / (softplus(v) + 1e-6), `softplus(${v})`).toBeLessThan(4e-6)
      expect(Math.abs(slopes[i]! - logistic(v)), `slope at ${v}`).toBeLessThan(1e-6)
    })
  })

  it('stays right far out, and passes NaN on', () => {
    const far = [-Infinity, -1e30, -200, -88, 88, 200, 1e30, Infinity, NaN]
    const { y, slope } = ops.biasSoftplus(tf.tensor2d(far, [1, far.length]), tf.zeros([far.length]))
    const [values, slopes] = [[...y.dataSync()], [...slope.dataSync()]]
    expect(values.slice(0, 4).map((v) => Math.abs(v) < 1e-30)).toEqual([true, true, true, true])
    expect(values.slice(4)).toEqual([88, 200, Math.fround(1e30), Infinity, NaN])
    expect(slopes.slice(0, 4).map((v) => Math.abs(v) < 1e-30)).toEqual([true, true, true, true])
    expect(slopes.slice(4)).toEqual([1, 1, 1, 1, NaN])
  })

  it('the Bernoulli likelihood and its gradient are those of their definitions', () => {
    const bias = Array.from({ length: 41 }, (_, i) => i / 40)
    const targets = spread.map((_, i) => ((i * 31) % 11) / 10)
    const scale = 1 / 37
    const { loss, gradient } = ops.bernoulli(
      tf.tensor2d(spread, [37, 41]),
      tf.tensor1d(bias),
      tf.tensor2d(targets, [37, 41]),
      tf.scalar(scale),
    )
    const expected = spread.reduce((sum, x, i) => {
      const l = x + bias[i % 41]!
      return sum + softplus(l) - targets[i]! * l
    }, 0)
    expect(Math.abs(loss.dataSync()[0]! / (expected * scale) - 1)).toBeLessThan(1e-5)
    gradient.dataSync().forEach((g, i) => {
      expect(Math.abs(g - (logistic(spread[i]! + bias[i % 41]!) - targets[i]!) * scale)).toBeLessThan(1e-6)
    })
  })
})

it.skipIf(!engines.includes('native'))('operations of our own refuse shapes that do not fit', async () => {
  const { tf } = await openEngine({ prefer: 'native' })
  const raw = openRawOps(tf)!
  const [x, bias] = [tf.zeros([2, 3]), tf.zeros([4])]
  expect(() => raw.runMany('AtelierBiasSoftplus', [], [x, bias], 2)).toThrow('takes x [rows, n] and bias [n]')
  expect(() => raw.runMany('AtelierBernoulli', [], [x, bias, x, tf.scalar(1)], 2)).toThrow('AtelierBernoulli takes')
  tf.dispose([x, bias])
})
