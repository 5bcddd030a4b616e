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

  /** A file with this header before so many bytes. */
  const fileOf = (header: unknown, bytes = 24) => {
    const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
    const whole = new Uint8Array(8 + text.length + bytes)
    new DataView(whole.buffer).setBigUint64(0, BigInt(text.length), true)
    whole.set(text, 8)
    return whole
  }
  const entry = (more: object = {}) => ({ dtype: 'F32', shape: [2, 3], data_offsets: [0, 24], ...more })

  it.each([
    ['nothing', 'null', 'its header is not an object'],
    ['a list', '[]', 'its header is not an object'],
    ['a number', '12', 'its header is not an object'],
    ['metadata that are no texts', { __metadata__: { a: 1 } }, 'its metadata'],
    ['metadata that are a list', { __metadata__: ['a'] }, 'its metadata'],
    ['an entry that is nothing', { a: null }, 'is not described'],
    ['an entry that is a text', { a: 'x' }, 'is not described'],
    ['a shape with a half', { a: entry({ shape: [2.5] }) }, 'is not described'],
    ['a shape that is negative', { a: entry({ shape: [-2, -3] }) }, 'is not described'],
    ['a shape beyond all numbers', { a: entry({ shape: [2 ** 52, 2 ** 52, 2 ** 52] }) }, 'another size than its shape'],
    ['offsets that are texts', { a: entry({ data_offsets: ['0', '24'] }) }, 'is not described'],
    ['offsets within a byte', { a: entry({ data_offsets: [0.5, 24.5] }) }, 'is not described'],
    ['offsets before the start', { a: entry({ data_offsets: [-24, 0] }) }, 'is not described'],
    ['offsets behind the end', { a: entry({ data_offsets: [4, 28] }) }, 'is cut off'],
    ['a type that is none', { a: entry({ dtype: ['F32'.repeat(50)] }) }, 'has the type F32F32F32F32F32F32F3;'],
    ['the same bytes a hundred thousand times', manyOf(100_000), 'overlaps'],
  ])('refuses %s in the header', (_, header, message) => {
    expect(() => decodeSafetensors(fileOf(header))).toThrow(/^The file is damaged or not a safetensors file: /)
    expect(() => decodeSafetensors(fileOf(header))).toThrow(message)
  })

  /** Would need a gigabyte times that of memory, were it a large file. */
  function manyOf(count: number): Record<string, unknown> {
    return Object.fromEntries(Array.from({ length: count }, (_, i) => [`a${i}`, entry()]))
  }

  it('takes names that mean something to JavaScript for what they are', () => {
    const { state, metadata } = decodeSafetensors(
      fileOf(`{"__metadata__":{"__proto__":"x"},"__proto__":${JSON.stringify(entry())}}`),
    )
    expect(Object.keys(state)).toEqual(['__proto__'])
    expect(Object.keys(metadata)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(state)).toBe(Object.prototype)
  })
})
