import { describe, expect, it } from 'vitest'
import { presetParams } from '../../src/shared/experiments/index.ts'
import { encodeSafetensors } from '../../src/shared/safetensors.ts'
import { decodeModel, encodeModel, modelErrors } from '../../src/shared/saved-model.ts'

const params = presetParams('vae')
const header = { kind: 'vae', params, dataset: 'mnist', classes: ['0', '1'], height: 28, width: 28, channels: 1 }
const state = {
  'encoder/w': { shape: [2, 3], data: Float32Array.of(1, -0, NaN, Infinity, 1e-40, 5) },
  steps: { shape: [1], data: Int32Array.of(7) },
}
const file = encodeModel({ header, state })

describe('a saved model', () => {
  it('comes back bit for bit, with what it was trained as', () => {
    expect(decodeModel(file)).toEqual({ header, state })
    expect(decodeModel(Buffer.concat([Buffer.alloc(3), file]).subarray(3))).toEqual({ header, state })
  })

  it('cut off anywhere is refused', () => {
    for (let length = 0; length < file.length; length++) expect(() => decodeModel(file.subarray(0, length))).toThrow()
  })

  it('that is something else is refused by what it is', () => {
    const other = (metadata: Record<string, string>) => encodeSafetensors(state, metadata)
    expect(() => decodeModel(other({ format: 'atelier-checkpoint-1' }))).toThrow('not a checkpoint')
    expect(() => decodeModel(other({}))).toThrow('no saved model')
    for (const model of ['', '{', 'null', '{"kind":"vae"}'])
      expect(() => decodeModel(other({ format: 'atelier-model-1', model }))).toThrow('damaged')
    expect(() => decodeModel(other({ format: 'atelier-model-1' }))).toThrow('damaged')
    expect(() => decodeModel(new TextEncoder().encode('not a file of tensors at all'))).toThrow('damaged')
  })
})

describe('whether a run can load it', () => {
  it('depends on kind, data set and shape, and on nothing else', () => {
    expect(modelErrors('vae', { ...params, epochs: 3, seed: 9, batch: 64 }, header)).toEqual([])
    const messages = (kind: string, other: typeof params) => modelErrors(kind, other, header).map((e) => e.message)
    expect(messages('m2', params)).toEqual([expect.stringContaining('of kind vae; M2')])
    expect(messages('vae', { ...params, dataset: 'fashion-mnist' })).toEqual([
      expect.stringContaining('trained on mnist, not on fashion-mnist'),
    ])
    expect(messages('vae', { ...params, hidden: 5, layers: 3, latent: 2 })).toEqual([
      expect.stringContaining('hidden 600, not 5'),
      expect.stringContaining('layers 2, not 3'),
      expect.stringContaining('latent 50, not 2'),
    ])
  })
})
