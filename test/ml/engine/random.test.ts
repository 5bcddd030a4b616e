import { beforeAll, describe, expect, it } from 'vitest'
import { openEngine } from '../../../src/ml/engine/open.ts'
import type { Tf } from '../../../src/ml/engine/open.ts'
import { philox } from '../../../src/ml/engine/philox.ts'
import { createRandom } from '../../../src/ml/engine/random.ts'
import { enginesHere } from './finite-differences.ts'

const engines = await enginesHere()

describe('Philox 4×32-10', () => {
  // The known answers that come with the authors' Random123 library.
  it.each([
    [[0, 0, 0, 0], [0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    [[-1, -1, -1, -1], [-1, -1], '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0], 'd16cfe09 94fdcceb 5001e420 24126ea1'],
  ])('gives the published words for counter %j', (counter, key, expected) => {
    const [c0, c1, c2, c3] = counter.map((word) => word >>> 0) as [number, number, number, number]
    const [k0, k1] = key.map((word) => word >>> 0) as [number, number]
    const words = [...philox([c0, c1], [c2, c3], k0, k1, new Uint32Array(4))]
    expect(words.map((word) => word.toString(16).padStart(8, '0')).join(' ')).toBe(expected)
  })
})

describe.each(engines)('random numbers on the %s engine', (prefer) => {
  let tf: Tf
  beforeAll(async () => {
    tf = (await openEngine({ prefer })).tf
  })
  const read = (tensor: { dataSync(): unknown; dispose(): void }) => {
    const values = tensor.dataSync() as Float32Array
    tensor.dispose()
    return values
  }

  it('are functions of seed, stream and step', () => {
    const draw = (seed: number, stream: string, step: number) =>
      read(createRandom(tf, seed).normal(stream, step, [4, 5]))
    const first = draw(3, 'noise', 7)
    expect(draw(3, 'noise', 7)).toEqual(first)
    for (const other of [draw(4, 'noise', 7), draw(3, 'mix', 7), draw(3, 'noise', 8)])
      expect([...other].filter((value) => first.includes(value))).toEqual([])
  })

  it('have the moments of their distributions', () => {
    const count = 200_000
    const mean = (values: Float32Array, f: (x: number) => number) =>
      values.reduce((sum, x) => sum + f(x), 0) / values.length
    const random = createRandom(tf, 1)
    const normal = read(random.normal('noise', 0, [count]))
    // Five standard errors of each moment.
    expect(Math.abs(mean(normal, (x) => x))).toBeLessThan(5 / Math.sqrt(count))
    expect(Math.abs(mean(normal, (x) => x * x) - 1)).toBeLessThan(5 * Math.sqrt(2 / count))
    expect(Math.abs(mean(normal, (x) => x ** 4) - 3)).toBeLessThan(5 * Math.sqrt(96 / count))
    const uniform = read(random.uniform('mix', 0, [count]))
    expect(Math.abs(mean(uniform, (x) => x) - 0.5)).toBeLessThan(5 / Math.sqrt(12 * count))
    expect(uniform.every((x) => x >= 0 && x < 1)).toBe(true)
  })

  it('leave no tensors behind', () => {
    const before = tf.memory().numTensors
    createRandom(tf, 1).normal('noise', 0, [3]).dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('refuse a seed or step that is not a whole number from 0', () => {
    expect(() => createRandom(tf, -1)).toThrow('seed is -1; it must be a whole number from 0 to 9007199254740991.')
    expect(() => createRandom(tf, 0).normal('noise', 0.5, [1])).toThrow('step is 0.5')
  })
})

it.runIf(engines.length > 1)('the engines draw the same uniform bits and the same normal numbers', async () => {
  const draws: Float32Array[][] = []
  for (const prefer of engines) {
    const { tf } = await openEngine({ prefer })
    const random = createRandom(tf, 2 ** 40 + 5)
    draws.push(
      [random.uniform('mix', 2 ** 35, [1023]), random.normal('noise', 9, [1023])].map(
        (tensor) => tensor.dataSync() as Float32Array,
      ),
    )
  }
  const [[uniformNative, normalNative], [uniformPortable, normalPortable]] = draws as [
    [Float32Array, Float32Array],
    [Float32Array, Float32Array],
  ]
  expect(uniformPortable).toEqual(uniformNative)
  // float32 carries 2⁻²³ of a number below 8.
  normalPortable.forEach((value, i) => expect(Math.abs(value - normalNative[i]!)).toBeLessThan(2e-6))
})
