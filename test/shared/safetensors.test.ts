import { describe, expect, it } from 'vitest'
import { decodeSafetensors, encodeSafetensors } from '../../src/shared/safetensors.ts'

const state = {
  'g/w': { shape: [2, 3], data: Float32Array.of(1, -0, NaN, Infinity, 1e-45, -1e38) },
  updates: { shape: [], data: Int32Array.of(7) },
  empty: { shape: [0, 4], data: new Float32Array(0) },
}
const file = encodeSafetensors(state, { kind: 'dcgan', note: 'é' })

describe('safetensors', () => {
  it.each([file, Buffer.from(file)])('gives back every bit', (whole) => {
    const { state: back, metadata } = decodeSafetensors(whole)
    expect(metadata).toEqual({ kind: 'dcgan', note: 'é' })
    for (const [name, { shape, data }] of Object.entries(state)) {
      expect(back[name]!.shape).toEqual(shape)
      const bytes = (a: Float32Array | Int32Array) => Buffer.from(a.buffer, a.byteOffset, a.byteLength)
      expect(bytes(back[name]!.data).equals(bytes(data))).toBe(true)
    }
  })

  it('aligns the arrays as the format asks', () => {
    const length = Number(new DataView(file.buffer).getBigUint64(0, true))
    expect(length % 8).toBe(0)
    expect(JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)))['g/w']).toEqual({
      dtype: 'F32',
      shape: [2, 3],
      data_offsets: [0, 24],
    })
  })

  it('refuses a file cut off anywhere', () => {
    for (let cut = 0; cut < file.length; cut++)
      expect(() => decodeSafetensors(file.subarray(0, cut)), `cut at ${cut}`).toThrow(
        'damaged or not a safetensors file',
      )
  })

  it('refuses what is something else', () => {
    expect(() => decodeSafetensors(Buffer.from('SQLite format 3\0 and more'))).toThrow('damaged or not')
    expect(() => decodeSafetensors(new Uint8Array(100))).toThrow('damaged or not')
  })
})
