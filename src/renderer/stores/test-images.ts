import { defineStore } from 'pinia'
import { watch } from 'vue'
import { api } from '../api.ts'
import { cropOf } from '../components/samples/tiles.ts'
import type { Crop } from '../components/samples/tiles.ts'
import { useDatasets } from './datasets.ts'

/** Images a page; the most that one call gives. */
export const SIDE = 32
export const PAGE = SIDE * SIDE
/** Pixels of decoded pages that are kept: 64 MB. */
const PIXELS = 16e6
/** Pages asked for at a time. */
const AT_ONCE = 2

export interface TestPage {
  png: Blob
  labels: readonly number[]
  tileWidth: number
  tileHeight: number
}
export interface TestTile {
  image: ImageBitmap
  crop: Crop
}

export interface TestImages {
  /**
   * The class of each test image, in file order; what is not labelled stays 255. Pages come in order, so a picture can
   * be drawn before all are here. @throws what a page's fetch throws
   */
  labels(count: number, onPage?: (known: Uint8Array, upTo: number) => void): Promise<Uint8Array>
  /** An image by its place, ready to draw. */
  tile(index: number): Promise<TestTile>
  /** The same if it is here already. */
  peek(index: number): TestTile | null
}

/**
 * The test images of one data set in pages of 32 × 32, each fetched once: a page brings the classes of a thousand images
 * and their pictures together, so that a scatter plot has its colours and a pointer over it its pictures at once.
 */
export function testImages(
  fetchPage: (page: number) => Promise<TestPage>,
  decode: (png: Blob) => Promise<ImageBitmap>,
): TestImages {
  const pages = new Map<number, Promise<TestPage>>()
  const bitmaps = new Map<number, { image: ImageBitmap; page: TestPage }>()
  const decoding = new Map<number, Promise<{ image: ImageBitmap; page: TestPage }>>()

  function pageOf(page: number): Promise<TestPage> {
    let known = pages.get(page)
    if (!known) {
      pages.set(page, (known = fetchPage(page)))
      // One that failed is tried again when it is asked for again.
      known.catch(() => pages.delete(page))
    }
    return known
  }
  async function decodePage(number: number) {
    try {
      const page = await pageOf(number)
      const decoded = { page, image: await decode(page.png) }
      bitmaps.set(number, decoded)
      const size = PAGE * page.tileWidth * page.tileHeight
      for (const oldest of bitmaps.keys()) {
        if (bitmaps.size * size <= PIXELS || bitmaps.size === 1) break
        bitmaps.delete(oldest)
      }
      return decoded
    } finally {
      decoding.delete(number)
    }
  }
  const tileOf = ({ image, page }: { image: ImageBitmap; page: TestPage }, index: number): TestTile => ({
    image,
    crop: cropOf({ columns: SIDE, rows: SIDE, ...page }, index % PAGE),
  })
  function peek(index: number): TestTile | null {
    const number = Math.floor(index / PAGE)
    const found = bitmaps.get(number)
    if (!found) return null
    bitmaps.delete(number)
    bitmaps.set(number, found)
    return tileOf(found, index)
  }
  return {
    peek,
    async tile(index) {
      const here = peek(index)
      if (here) return here
      const number = Math.floor(index / PAGE)
      let pending = decoding.get(number)
      if (!pending) decoding.set(number, (pending = decodePage(number)))
      return tileOf(await pending, index)
    },
    async labels(count, onPage) {
      const labels = new Uint8Array(count).fill(255)
      const last = Math.ceil(count / PAGE)
      for (let from = 0; from < last; from += AT_ONCE) {
        const some = Array.from({ length: Math.min(AT_ONCE, last - from) }, (_, i) => pageOf(from + i))
        for (const [i, page] of (await Promise.all(some)).entries())
          labels.set(page.labels.slice(0, count - (from + i) * PAGE), (from + i) * PAGE)
        onPage?.(labels, Math.min(count, (from + some.length) * PAGE))
      }
      return labels
    },
  }
}

export const useTestImages = defineStore('test-images', () => {
  const sets = new Map<string, TestImages>()
  const datasets = useDatasets()
  // A set that is got again may have other images.
  watch(
    () => datasets.list,
    (list) => list.forEach((set) => set.state !== 'ready' && sets.delete(set.id)),
  )
  return {
    of(id: string): TestImages {
      let set = sets.get(id)
      if (!set) {
        set = testImages(
          async (page) => {
            const { png, labels, grid } = await api.datasets.images({
              id,
              split: 'test',
              offset: page * PAGE,
              columns: SIDE,
              rows: SIDE,
            })
            return { png, labels, tileWidth: grid.tileWidth, tileHeight: grid.tileHeight }
          },
          (png) => createImageBitmap(png),
        )
        sets.set(id, set)
      }
      return set
    },
  }
})
