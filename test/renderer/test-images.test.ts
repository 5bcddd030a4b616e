import { expect, test, vi } from 'vitest'
import { PAGE, testImages } from '../../src/renderer/stores/test-images.ts'
import type { TestPage } from '../../src/renderer/stores/test-images.ts'

const total = 2 * PAGE + 100
const labelOf = (i: number) => (i * 7) % 10
const page = (n: number): TestPage => ({
  png: new Blob(),
  labels: Array.from({ length: Math.min(PAGE, total - n * PAGE) }, (_, i) => labelOf(n * PAGE + i)),
  tileWidth: 28,
  tileHeight: 28,
})
const decode = async () => ({ width: 896, height: 896 }) as ImageBitmap

test('classes of all pages stand in file order, and each page is fetched once', async () => {
  const fetchPage = vi.fn(async (n: number) => page(n))
  const images = testImages(fetchPage, decode)
  const steps: number[] = []
  const labels = await images.labels(total, (_, upTo) => steps.push(upTo))
  expect([...labels]).toEqual(Array.from({ length: total }, (_, i) => labelOf(i)))
  expect(steps).toEqual([2 * PAGE, total])
  await images.labels(total)
  await images.tile(5)
  expect(fetchPage).toHaveBeenCalledTimes(3)
})

test('a tile is found in its page and at its place', async () => {
  const images = testImages(async (n) => page(n), decode)
  expect(images.peek(PAGE + 33)).toBeNull()
  const { crop } = await images.tile(PAGE + 33)
  expect(crop).toEqual({ x: 28, y: 28, width: 28, height: 28 })
  expect(images.peek(PAGE + 33)).not.toBeNull()
})

test('a page that failed is tried again', async () => {
  let calls = 0
  const images = testImages(async (n) => {
    if (!calls++) throw new Error('The connection was lost.')
    return page(n)
  }, decode)
  await expect(images.tile(0)).rejects.toThrow('connection')
  await expect(images.tile(0)).resolves.toBeDefined()
})

test('pictures are dropped when they are too many, and decoded again when asked for', async () => {
  const big = { ...page(0), tileWidth: 64, tileHeight: 64 }
  const decoded = vi.fn(decode)
  const images = testImages(async () => big, decoded)
  for (let n = 0; n < 6; n++) await images.tile(n * PAGE)
  expect(images.peek(0)).toBeNull()
  expect(images.peek(5 * PAGE)).not.toBeNull()
  await images.tile(0)
  expect(decoded).toHaveBeenCalledTimes(7)
})
