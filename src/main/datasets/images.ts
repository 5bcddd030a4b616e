import { open, readFile } from 'node:fs/promises'
import path from 'node:path'
import { DatasetManifest } from '../../shared/datasets.ts'
import type { ImageGrid } from '../../shared/run.ts'
import { encodePng } from '../../shared/png.ts'

export interface GridQuery {
  split: 'train' | 'test'
  /** Index of the first image, in the order of the file. */
  offset: number
  /** A random choice by this seed instead. */
  seed?: number
  /** Only images of this class. */
  label?: number
  /** Just these images, by their places in the file. */
  indices?: number[]
  columns: number
  rows: number
}

export interface DatasetGrid {
  grid: Omit<ImageGrid, 'hash'>
  png: Uint8Array
  /** Class of each image; empty when the set has none. */
  labels: number[]
}

/** mulberry32: enough for a choice of images to look at. */
function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Indices into `pool` (or 0 … count − 1): `wanted` distinct ones by chance, or a stretch in order. */
function choose(pool: number[] | null, count: number, wanted: number, query: GridQuery): number[] {
  const at = (i: number) => (pool ? pool[i]! : i)
  const size = pool ? pool.length : count
  if (query.seed === undefined)
    return Array.from({ length: Math.max(0, Math.min(wanted, size - query.offset)) }, (_, i) => at(query.offset + i))
  const next = random(query.seed)
  // Floyd's sampling: distinct without shuffling the whole set.
  const chosen = new Set<number>()
  for (let top = Math.max(0, size - wanted); top < size; top++) {
    const pick = Math.floor(next() * (top + 1))
    chosen.add(chosen.has(pick) ? top : pick)
  }
  return [...chosen].map(at)
}

/**
 * Draws images of a prepared data set as one PNG without gaps; places without an image are black.
 * @throws Error with code ENOENT when the set isn't prepared; RangeError when it has no such split or image.
 */
export async function datasetGrid(cacheDirectory: string, id: string, query: GridQuery): Promise<DatasetGrid> {
  const directory = path.join(cacheDirectory, 'datasets', id)
  const manifest = DatasetManifest.parse(JSON.parse(await readFile(path.join(directory, 'manifest.json'), 'utf8')))
  const split = manifest[query.split]
  if (!split) throw new RangeError(`${manifest.title} has no test images.`)
  const { width, height, channels } = manifest
  const { columns, rows } = query
  // Only the base names count, so that a manifest from elsewhere can't name files outside its folder.
  const inside = (name: string) => path.join(directory, path.basename(name))

  const labels = split.labels ? await readFile(inside(split.labels)) : null
  let pool: number[] | null = null
  if (query.label !== undefined) {
    pool = []
    if (labels) for (let i = 0; i < labels.length; i++) if (labels[i] === query.label) pool.push(i)
  }
  const indices = query.indices ?? choose(pool, split.count, columns * rows, query)
  const beyond = indices.find((index) => index >= split.count)
  if (beyond !== undefined)
    throw new RangeError(`${manifest.title} has no image ${beyond}: its ${query.split} split has ${split.count}.`)
  if (indices.length > columns * rows)
    throw new RangeError(`${indices.length} images don’t fit into ${columns}×${rows} places; ask for more rows.`)

  const stride = width * channels
  const pixels = new Uint8Array(columns * rows * height * stride)
  const tile = new Uint8Array(height * stride)
  const file = await open(inside(split.images), 'r')
  try {
    for (const [place, index] of indices.entries()) {
      await file.read(tile, 0, tile.length, index * tile.length)
      const left = (place % columns) * stride
      const top = Math.floor(place / columns) * height
      for (let y = 0; y < height; y++)
        pixels.set(tile.subarray(y * stride, (y + 1) * stride), (top + y) * columns * stride + left)
    }
  } finally {
    await file.close()
  }
  return {
    grid: { columns, rows, tileWidth: width, tileHeight: height },
    png: encodePng(pixels, columns * width, rows * height, channels),
    labels: labels ? indices.map((i) => labels[i]!) : [],
  }
}
