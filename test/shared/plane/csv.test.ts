import { describe, expect, it } from 'vitest'
import { CsvError, expectBatch, parseCsvPoints } from '../../../src/shared/plane/csv.ts'

const parse = (text: string) => [...parseCsvPoints(text)]

describe('points from text', () => {
  it.each([
    ['commas', '1,2\n3.5,-4e-1\n', [1, 2, 3.5, -0.4]],
    ['semicolons and decimal commas', '1,5;2\n-3;,25', [1.5, 2, -3, 0.25]],
    ['tabs', '1\t2\n3\t4', [1, 2, 3, 4]],
    [
      'a header, quotes, spaces, Windows line ends, a byte-order mark',
      '\ufeff"a", "b"\r\n"1", "2"\r\n\r\n 3 , 4 \r\n',
      [1, 2, 3, 4],
    ],
    ['columns named x and y among others', 'id,y,name,x\n7,1,a,2\n8,3,b,4', [2, 1, 4, 3]],
  ])('reads %s', (_, text, expected) => expect(parse(text)).toEqual(expected))

  it.each([
    ['text', 'x,y\n1,2\n3,four', 'Line 3: y is "four", expected a number. Mend or remove the line.'],
    ['NaN', '1,2\nNaN,3', 'Line 2: x is NaN, expected a finite number of at most 1e150. Mend or remove the line.'],
    ['infinity', '1,-inf', 'Line 1: y is -inf, expected a finite number of at most 1e150. Mend or remove the line.'],
    ['an overflow', '1,1e999', 'Line 1: y is 1e999, expected a finite number of at most 1e150.'],
    ['an empty cell', '1,2\n\n3,', 'Line 3: y is empty, expected a number.'],
    ['one column', '1\n2\n', 'Line 1: found 1 column, expected 2: x and y, divided by a comma, a semicolon or a tab.'],
    ['three columns', '1,2,3', 'Line 1: found 3 columns, expected 2. Remove the others, or name the columns'],
    ['ragged lines', '1,2\n1,2,3', 'Line 2: found 3 columns, expected 2 as in the lines before. Mend or remove it.'],
    ['a lost column', '1,2\n3', 'Line 2: found 1 column, expected 2 as in the lines before.'],
    ['nothing', ' \n', 'The file holds no points; expected one a line, as x,y.'],
    ['a header alone', 'x,y\n', 'The file holds no points; expected one a line, as x,y.'],
  ])('refuses %s and says where', (_, text, message) => {
    expect(() => parse(text)).toThrow(message)
    expect(() => parse(text)).toThrow(CsvError)
  })

  it('takes a million points and refuses the next', () => {
    const million = '1,2\n'.repeat(1_000_000)
    expect(parseCsvPoints(million).length).toBe(2_000_000)
    expect(() => parseCsvPoints(`x,y\n${million}1,2`)).toThrow(
      'Line 1000002: there are more than 1,000,000 points. Take every n-th, so that fewer are left.',
    )
  })

  it('refuses fewer points than a batch', () => {
    expect(() => expectBatch(new Float32Array(20), 150)).toThrow(
      'There are 10 points, fewer than one batch of 150. Add points or train with a smaller batch.',
    )
    expectBatch(new Float32Array(300), 150)
  })
})
