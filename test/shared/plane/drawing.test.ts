import { expect, it } from 'vitest'
import { Drawing, thinned } from '../../../src/shared/plane/drawing.ts'

const problem = (drawing: unknown) => Drawing.safeParse(drawing).error?.issues[0]?.message
const stroke = (points: unknown, width = 0.1) => ({ version: 1, strokes: [{ width, points }] })

it.each([
  ['nothing drawn', { version: 1, strokes: [] }, 'The drawing is empty; draw at least one stroke.'],
  ['a stroke without points', stroke([]), 'A stroke of the drawing has no points; draw it again.'],
  ['a point outside', stroke([[0, 1.5]]), 'The drawing leaves the plane: coordinates go from -1 to 1.'],
  ['NaN', stroke([[NaN, 0]]), 'A coordinate of the drawing is not a finite number; draw it again.'],
  ['no brush', stroke([[0, 0]], 0), 'The brush must be at least 0.005 wide (the plane is 2 wide).'],
  [
    'too much',
    stroke(Array(50_001).fill([0, 0])),
    'The drawing has more than 50000 points; use fewer or shorter strokes.',
  ],
])('refuses %s', (_, drawing, message) => expect(problem(drawing)).toBe(message))

it('leaves out what a mouse reports too often, but neither first nor last point', () => {
  const drawing = Drawing.parse(stroke(Array.from({ length: 1001 }, (_, i) => [i / 1000, 0])))
  const [{ points }] = thinned(drawing, 0.01).strokes as [Drawing['strokes'][0]]
  expect(points[0]).toEqual([0, 0])
  expect(points.at(-1)).toEqual([1, 0])
  expect(points.length).toBeGreaterThan(90)
  expect(points.length).toBeLessThan(103)
  expect(thinned(Drawing.parse(stroke([[0.5, 0.5]]))).strokes[0]!.points).toEqual([[0.5, 0.5]])
})
