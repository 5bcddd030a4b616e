import sharp from 'sharp'
import { expect, test } from 'vitest'
import { begun, extended, finished, pointAt } from '../../../src/renderer/components/plane/drawing-board.ts'
import { chosenFrames, newGif } from '../../../src/renderer/components/plane/gif-encoding.ts'
import { changeLines, paramsAt, pointsJson } from '../../../src/renderer/components/plane/points-json.ts'
import { shortNumber } from '../../../src/renderer/components/plane/reading.ts'
import { Drawing } from '../../../src/shared/plane/drawing.ts'
import type { PlaneFrame } from '../../../src/shared/plane/frame.ts'
import type { Change } from '../../../src/shared/run.ts'
import { makeRun } from '../../make-run.ts'

const run = makeRun({ kind: 'gan2d' })
const changes: Change[] = [
  { step: 100, time: 1, params: { lrG: 1e-4 } },
  { step: 300, time: 2, params: { lrG: 1e-4, pace: 0 } },
]

test('an animation has the frames that went in, their size, their time and nearly their colours', async () => {
  const [width, height] = [40, 30]
  const gif = newGif({ width, height, delay: 70 })
  const colours = [
    [242, 170, 106],
    [236, 236, 238],
    [126, 178, 228],
  ]
  for (const colour of colours) {
    const rgba = new Uint8ClampedArray(4 * width * height)
    for (let i = 0; i < rgba.length; i += 4) rgba.set([...colour, 255], i)
    gif.add(rgba)
  }
  const image = sharp(gif.finish(), { animated: true })
  const about = await image.metadata()
  expect(about).toMatchObject({ format: 'gif', width, pages: 3, pageHeight: height, delay: [70, 70, 70], loop: 0 })
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true })
  colours.forEach((colour, page) => {
    const at = info.channels * width * height * page
    for (let c = 0; c < 3; c++) expect(Math.abs(data[at + c]! - colour[c]!)).toBeLessThan(9)
  })
})

test('a long recording is thinned evenly, with its first and last frame, and rests on the last', () => {
  expect(chosenFrames(5, 10, 2)).toEqual([0, 1, 2, 3, 4, 4, 4])
  const chosen = chosenFrames(10_000, 100, 0)
  expect(chosen.length).toBe(100)
  expect([chosen[0], chosen.at(-1)]).toEqual([0, 9999])
  const gaps = chosen.slice(1).map((i, n) => i - chosen[n]!)
  expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1)
  expect(chosenFrames(0, 10, 5)).toEqual([])
  expect(chosenFrames(1, 10, 1)).toEqual([0, 0])
})

test('points as JSON: coordinates, step, and the parameters that held at that step', () => {
  const frame: PlaneFrame = {
    step: 150,
    output: 'probability',
    extent: 1,
    map: null,
    fake: Float32Array.of(0.1, -0.2, NaN, 0.3),
    arrows: null,
    manifold: null,
  }
  const read = JSON.parse(pointsJson(run, changes, frame, Float32Array.of(0.5, 0.25))) as Record<string, unknown>
  expect(read).toMatchObject({
    format: 'atelier-plane-points',
    run: { id: run.id, name: run.name, kind: 'gan2d' },
    step: 150,
    real: [[0.5, 0.25]],
    generated: [
      [0.1, -0.2],
      [null, 0.3],
    ],
    gradients: null,
  })
  expect((read.params as typeof run.params).lrG).toBe(1e-4)
  expect((read.params as typeof run.params).pace).toBe(run.params.pace)
})

test('changes are listed with the value before; what a change leaves as it was is not', () => {
  expect(changeLines(run, changes)).toEqual([
    { step: 100, name: 'lrG', from: 1e-3, to: 1e-4 },
    { step: 300, name: 'pace', from: run.params.pace, to: 0 },
  ])
  expect(paramsAt(run, changes, 99).lrG).toBe(1e-3)
  expect(paramsAt(run, changes, 100).lrG).toBe(1e-4)
})

test('a drawing stays on the plane, keeps its brush, and is one that the library takes', () => {
  let strokes = begun([], 0.08, pointAt(-0.8, 1.7))
  for (let i = 0; i <= 2000; i++) strokes = extended(strokes, pointAt(-0.8 + (1.6 * i) / 2000, (i / 2000) ** 2))
  strokes = begun(strokes, 0.2, pointAt(0, 0))
  const done = finished(strokes, 'empty')
  expect(done.ok).toBe(true)
  if (!done.ok) return
  expect(Drawing.parse(done.drawing)).toEqual(done.drawing)
  expect(done.drawing.strokes.map((s) => s.width)).toEqual([0.08, 0.2])
  expect(done.drawing.strokes[0]!.points[0]).toEqual([-0.8, 1])
  expect(done.drawing.strokes[0]!.points.length).toBeLessThan(700)
})

test('an empty drawing is refused in words', () => {
  expect(finished([], 'Nothing is drawn yet.')).toEqual({ ok: false, message: 'Nothing is drawn yet.' })
})

test('numbers beside the picture are as short as three digits', () => {
  expect([0.35701, 1.4, -0.00331, 0, 179.03, NaN, Infinity].map(shortNumber)).toEqual([
    '0.357',
    '1.4',
    '−0.00331',
    '0',
    '179',
    'NaN',
    '∞',
  ])
})
