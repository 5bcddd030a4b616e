import { expect, test } from 'vitest'
import { parseIdx } from '../../../src/ml/datasets/idx.ts'
import { idx } from './support.ts'

const values = Uint8Array.from({ length: 12 }, (_, i) => 10 * i)

test('the shape and the values of an IDX file are read, without a copy', () => {
  const bytes = idx([3, 2, 2], values)
  const { shape, data } = parseIdx(bytes, 3, 'images')
  expect(shape).toEqual([3, 2, 2])
  expect([...data]).toEqual([...values])
  expect(data.buffer).toBe(bytes.buffer)
})

test('a file that is no IDX file of bytes is refused, and its beginning is told', () => {
  const floats = idx([3, 2, 2], values)
  floats[2] = 0x0d
  expect(() => parseIdx(floats, 3, 'images.idx')).toThrow('images.idx is damaged: it begins with 0x00000d03')
  expect(() => parseIdx(Buffer.from('PNG, not IDX'), 3, 'x')).toThrow('not an IDX file of unsigned bytes')
})

test('labels in the place of images are refused as such', () => {
  expect(() => parseIdx(idx([12], values), 3, 'x')).toThrow(
    'it has 1 dimensions instead of 3; are images and labels mixed up?',
  )
})

test.each([
  ['nothing', 0, 'it holds 0 bytes, too few for an IDX file'],
  ['half a header', 9, 'it ends within its header of 16 bytes'],
  ['one byte too few', 27, 'promises 3 × 2 × 2 = 12 bytes of values, but it holds 11'],
])('a file cut off after %s is refused', (_, length, message) => {
  expect(() => parseIdx(idx([3, 2, 2], values).subarray(0, length), 3, 'x')).toThrow(message)
})

test('a file that is longer than its header says is refused', () => {
  expect(() => parseIdx(Buffer.concat([idx([12], values), Buffer.of(1)]), 1, 'x')).toThrow('but it holds 13')
})

test('a header that promises more than any file can hold costs no memory', () => {
  expect(() => parseIdx(idx([0xffffffff, 0xffffffff, 0xffffffff], values), 3, 'x')).toThrow('but it holds 12')
})
