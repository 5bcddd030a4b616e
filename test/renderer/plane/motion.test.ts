import { expect, test } from 'vitest'
import { countMoving, gainFor, plainGain } from '../../../src/renderer/components/plane/arrows.ts'
import { createBlender, together } from '../../../src/renderer/components/plane/blending.ts'
import { indexAt, placeAt, stepped, ticked, unionOf } from '../../../src/renderer/components/plane/clock.ts'
import type { Clock } from '../../../src/renderer/components/plane/clock.ts'
import { iterationAt, iterationParts } from '../../../src/renderer/components/plane/iteration.ts'
import { useCrosshair } from '../../../src/renderer/components/plane/use-crosshair.ts'
import { cellOpacities } from '../../../src/renderer/components/plane/manifold.ts'
import type { PlaneFrame } from '../../../src/shared/plane/frame.ts'

const frame = (step: number, x: number, over: Partial<PlaneFrame> = {}): PlaneFrame => ({
  step,
  output: 'probability',
  extent: 1,
  map: { side: 2, values: Float32Array.of(x, x, x, x) },
  fake: Float32Array.of(x, 0, 0, x),
  arrows: Float32Array.of(x, x, x, x),
  manifold: null,
  ...over,
})

test('between two frames everything is on its way, and the frames stay as they were', () => {
  const blend = createBlender()
  const [a, b] = [frame(10, 0), frame(20, 1)]
  const half = blend(a, b, together(0.5))
  expect(half.step).toBe(15)
  expect([...half.fake!]).toEqual([0.5, 0, 0, 0.5])
  expect([...half.map!.values]).toEqual([0.5, 0.5, 0.5, 0.5])
  expect(blend(a, b, together(0))).toBe(a)
  // Having handed out a frame's own arrays must not make the next blend write into them.
  blend(a, b, { map: 1, fake: 0, arrows: 0 })
  blend(frame(30, 5), frame(40, 6), together(0.5))
  expect([...a.fake!]).toEqual([0, 0, 0, 0])
  expect([...b.map!.values]).toEqual([1, 1, 1, 1])
})

test('frames of other noise or another output change at the half, never as a mixture', () => {
  const blend = createBlender()
  const [a, b] = [frame(10, 0), frame(20, 1, { fake: Float32Array.of(1, 1) })]
  expect(blend(a, b, together(0.49))).toBe(a)
  expect(blend(a, b, together(0.5))).toBe(b)
  const critic = frame(20, 1, { output: 'value' })
  expect(blend(a, critic, together(0.9))).toBe(critic)
})

test('places and indices are each other’s inverse on steps of any spacing', () => {
  const steps = [0, 1, 5, 6, 100]
  for (const index of [0, 0.25, 1, 1.5, 3.9, 4]) expect(indexAt(steps, placeAt(steps, index))).toBeCloseTo(index, 10)
  expect(placeAt(steps, 1.5)).toBe(3)
  expect(indexAt(steps, -5)).toBe(0)
  expect(indexAt(steps, 500)).toBe(4)
  expect(indexAt([7], 7)).toBe(0)
  expect(placeAt([7], 3)).toBe(7)
  expect(placeAt([], 3)).toBe(0)
})

test('live, the picture keeps moving between bunches of frames and never runs ahead of them', () => {
  const steps: number[] = []
  let clock: Clock = { mode: 'live', place: 0, speed: 30 }
  const moves: number[] = []
  for (let tick = 0; tick < 60 * 8; tick++) {
    // 7 or 8 frames, 5 steps apart, four times a second: 30 a second.
    if (tick % 15 === 0) for (let i = 0; i < (tick % 30 ? 8 : 7); i++) steps.push(steps.length * 5)
    const before = indexAt(steps, clock.place)
    clock = ticked(clock, 1 / 60, steps)
    const after = indexAt(steps, clock.place)
    if (tick > 240) moves.push(after - before)
    expect(after).toBeLessThanOrEqual(steps.length - 1)
  }
  // Half a frame a tick in the mean, and no tick that stands or leaps.
  expect(moves.reduce((a, b) => a + b) / moves.length).toBeCloseTo(0.5, 1)
  expect(Math.min(...moves)).toBeGreaterThan(0.25)
  expect(Math.max(...moves)).toBeLessThan(0.8)
  // When no more come it arrives at the last one.
  for (let tick = 0; tick < 300; tick++) clock = ticked(clock, 1 / 60, steps)
  expect(clock.place).toBe(steps.at(-1))
})

test('a picture that opens on a long recording is at its end at once', () => {
  const steps = Array.from({ length: 5000 }, (_, i) => i)
  expect(ticked({ mode: 'live', place: 0, speed: 30 }, 1 / 60, steps).place).toBe(4999)
})

test('playing goes by frames a second and stands at the end; a window that slept does not leap', () => {
  const steps = [0, 10, 20, 30]
  let clock: Clock = { mode: 'play', place: 0, speed: 10 }
  clock = ticked(clock, 0.1, steps)
  expect(clock.place).toBeCloseTo(10)
  expect(ticked(clock, 60, steps)).toEqual({ mode: 'still', place: 30, speed: 10 })
  expect(ticked({ ...clock, speed: 1 }, 60, steps).place).toBeCloseTo(12.5)
  expect(ticked({ ...clock, mode: 'still' }, 1, steps).place).toBe(clock.place)
})

test('single steps go to whole frames and stay within the recording', () => {
  const steps = [0, 10, 20]
  const at = (place: number): Clock => ({ mode: 'play', place, speed: 30 })
  expect(stepped(at(12), 1, steps)).toEqual({ mode: 'still', place: 20, speed: 30 })
  expect(stepped(at(12), -1, steps).place).toBe(10)
  expect(stepped(at(10), -1, steps).place).toBe(0)
  expect(stepped(at(20), 1, steps).place).toBe(20)
})

test('two runs under one scrubber stop at the steps of both', () => {
  expect(unionOf([[0, 10, 20], [0, 15], []])).toEqual([0, 10, 15, 20])
})

test('an iteration goes through its parts in order: the discriminator learns before the points move', () => {
  const views = Array.from({ length: 121 }, (_, i) => iterationAt(i / 120))
  expect([...new Set(views.map((v) => v.part))]).toEqual([...iterationParts])
  for (const view of views) if (view.blend.fake > 0) expect(view.blend.map).toBe(1)
  for (const view of views) if (view.blend.map > 0) expect(view.index).toBeGreaterThanOrEqual(3)
  expect(iterationAt(0).blend).toEqual({ map: 0, fake: 0, arrows: 0 })
  expect(iterationAt(1).blend).toEqual({ map: 1, fake: 1, arrows: 1 })
})

test('arrows keep one gain while they shrink, so that one sees them vanish', () => {
  const arrows = (size: number) => Float32Array.from({ length: 40 }, (_, i) => (i % 2 ? 0 : size))
  expect(gainFor(arrows(1), null)).toBe(plainGain)
  expect(gainFor(arrows(0.01), plainGain)).toBe(plainGain)
  expect(countMoving(arrows(1), plainGain)).toBe(20)
  expect(countMoving(arrows(0.01), plainGain)).toBe(0)
  // A clipped critic's gradients are of another size altogether.
  const clipped = gainFor(arrows(0.0004), null)
  expect(clipped * 0.0004).toBeGreaterThan(0.05)
  expect(gainFor(arrows(0.0002), clipped)).toBe(clipped)
  expect(gainFor(arrows(NaN), clipped)).toBe(clipped)
})

test('the manifold is the fuller the denser; folded or empty cells are finite', () => {
  const grid = (columns: number, x: (c: number) => number) => {
    const points = new Float32Array(2 * 2 * columns)
    for (let r = 0; r < 2; r++) for (let c = 0; c < columns; c++) points.set([x(c), r], 2 * (r * columns + c))
    return { rows: 2, columns, points }
  }
  const [narrow, wide, none] = cellOpacities(grid(4, (c) => [0, 0.1, 0.9, 0.9][c]!))
  expect(narrow).toBeGreaterThan(wide!)
  expect(none).toBe(0.75)
  expect(cellOpacities({ rows: 1, columns: 5, points: new Float32Array(10) }).length).toBe(0)
})

test('slow training is waited for: at the end the clock plays on as soon as there is another step', () => {
  const clock: Clock = { mode: 'play', place: 2, speed: 1 }
  const waiting = ticked(clock, 0.2, [0, 1, 2], true)
  expect(waiting).toEqual(clock)
  expect(ticked(waiting, 0.2, [0, 1, 2, 3], true).place).toBeCloseTo(2.2)
})

test('the arrow keys read the map where the pointer can’t, and stay within it', () => {
  const crosshair = useCrosshair(
    () => ({ left: 0, top: 0, size: 100, extent: 1 }),
    (x, y) => x + 10 * y,
  )
  const press = (key: string, shiftKey = false) => crosshair.onKey(new KeyboardEvent('keydown', { key, shiftKey }))
  press('ArrowRight')
  press('ArrowUp', true)
  expect(crosshair.words.value).toBe('x 0.05, y 0.20: D 2.050')
  expect(crosshair.place.value).toEqual({ left: 52.5, top: 40 })
  for (let i = 0; i < 30; i++) press('ArrowLeft', true)
  expect(crosshair.at.value!.x).toBe(-1)
  press('Escape')
  expect(crosshair.words.value).toBe('')
})
