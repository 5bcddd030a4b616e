// @vitest-environment node
import { describe, expect, test } from 'vitest'
import { openEngine } from '../../../src/ml/engine/open.ts'
import { openFusedOps } from '../../../src/ml/engine/fused.ts'
import { decode, initialVae } from '../../../src/ml/models/vae.ts'
import { readDecoder } from '../../../src/renderer/components/latent/decoder.ts'
import { normals } from '../../../src/renderer/components/latent/random.ts'
import { encodeModel } from '../../../src/shared/saved-model.ts'
import type { StoredState } from '../../../src/shared/safetensors.ts'

const shape = { pixels: 12, hidden: [9, 7], latent: 3 }
const header = { kind: 'vae', params: {}, dataset: 'mnist', classes: ['0'], height: 4, width: 3, channels: 1 }
const state = (): StoredState => {
  const weights = initialVae(shape, 4)
  // Biases other than zero, so that they count.
  for (const [name, { data }] of Object.entries(weights)) if (name.endsWith('bias')) data.set(normals(data.length, 7))
  return weights
}

describe('the decoder in the window', () => {
  test('draws what the model that was trained draws', async () => {
    const { tf } = await openEngine()
    const weights = state()
    const codes = normals(5 * shape.latent, 2)
    const expected = tf.tidy(() => {
      const tensors = Object.fromEntries(
        Object.entries(weights).map(([name, { shape, data }]) => [name, tf.tensor(data, shape)]),
      )
      const z = tf.tensor2d(codes, [5, shape.latent])
      return decode(openFusedOps(tf), shape, tensors as never, z).dataSync()
    })
    const decoder = readDecoder(encodeModel({ header, state: weights }))
    expect(decoder).toMatchObject({ latent: 3, height: 4, width: 3, channels: 1 })
    for (let i = 0; i < 5; i++) {
      const mean = decoder.decode(codes.subarray(3 * i, 3 * i + 3))
      for (let p = 0; p < 12; p++) expect(mean[p]).toBeCloseTo(expected[12 * i + p]!, 5)
    }
  })

  test('is found in the model of a classifier on its features, too', () => {
    const weights = state()
    const within = Object.fromEntries(Object.entries(weights).map(([name, array]) => [`m1/${name}`, array]))
    const z = normals(3, 1)
    const own = readDecoder(encodeModel({ header, state: weights })).decode(z)
    expect(readDecoder(encodeModel({ header: { ...header, kind: 'vae-svm' }, state: within })).decode(z)).toEqual(own)
  })

  const broken = (change: (weights: StoredState) => void, over = {}) => {
    const weights = state()
    change(weights)
    return () => readDecoder(encodeModel({ header: { ...header, ...over }, state: weights }))
  }
  test('says what is wrong with a file that it can’t use', () => {
    expect(broken(() => {}, { kind: 'm2' })).toThrow('of kind m2')
    expect(broken((w) => delete w['decoder2/bias'])).toThrow('layer 2 of its decoder is incomplete')
    expect(broken((w) => delete w['decoder3/bias'] && delete w['decoder3/kernel'])).toThrow('not 4×3×1')
    expect(broken((w) => (w['decoder1/bias'] = w['decoder2/bias']!))).toThrow('has 9 numbers, not 7')
    expect(broken((w) => Object.keys(w).forEach((name) => name.startsWith('decoder') && delete w[name]))).toThrow(
      'no decoder',
    )
    expect(() => readDecoder(Uint8Array.of(1, 2, 3))).toThrow('damaged')
  })
})
