import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { datasetDirectory, prepareAlone, SplitWriter, verifyChecksums } from '../../../src/ml/datasets/cache.ts'
import { listDatasets } from '../../../src/ml/datasets/list.ts'
import { openDataset } from '../../../src/ml/datasets/open-dataset.ts'
import { removeDataset } from '../../../src/ml/datasets/remove.ts'
import { temporaryFolder } from './support.ts'

/** Puts a set of five 4 × 4 RGB images, image i filled with 10 i, into a cache. */
async function withSet(id = 'fives') {
  const cache = await temporaryFolder()
  await prepareAlone(cache, id, {}, ({ publish }) =>
    publish(datasetDirectory(cache, id), async (into) => {
      const writer = new SplitWriter(into, 'train')
      await writer.append(Uint8Array.from({ length: 5 * 48 }, (_, i) => 10 * Math.floor(i / 48)))
      const train = await writer.finish(5, Uint8Array.of(0, 1, 0, 1, 0))
      return {
        format: 1,
        id,
        title: id,
        height: 4,
        width: 4,
        channels: 3,
        classes: ['even', 'odd'],
        source: 'a test',
        train,
        test: null,
        skipped: [],
        preparedAt: 1,
      }
    }),
  )
  return { cache, directory: datasetDirectory(cache, id) }
}

test('only the first images are read when fewer are asked for', async () => {
  const { cache } = await withSet()
  const { train, manifest } = await openDataset(cache, 'fives', { limit: 2 })
  expect(train.count).toBe(2)
  expect([...train.images]).toEqual(Array.from({ length: 96 }, (_, i) => (i < 48 ? 0 : 10)))
  expect([...train.labels!]).toEqual([0, 1])
  expect(manifest.train.count).toBe(5)
  expect((await openDataset(cache, 'fives', { limit: 0 })).train.count).toBe(5)
})

test('more images than the set has are refused', async () => {
  const { cache } = await withSet()
  await expect(openDataset(cache, 'fives', { limit: 6 })).rejects.toMatchObject({
    message: 'fives has 5 training images, fewer than the 6 asked for.',
    hint: 'Choose at most 5, or 0 for all.',
    badInput: true,
  })
  await expect(openDataset(cache, 'fives', { limit: -1 })).rejects.toMatchObject({ badInput: true })
})

test('an unknown set is refused, naming those there are', async () => {
  const { cache } = await withSet()
  for (const id of ['sixes', '../fives', '', 'fives/size-4', '.lock-fives']) {
    await expect(openDataset(cache, id)).rejects.toMatchObject({
      message: `There is no data set ${JSON.stringify(id)}.`,
      hint: 'There are: mnist, fashion-mnist, fives.',
      badInput: true,
    })
  }
})

test('another size is made once and kept, and goes with the set', async () => {
  const { cache, directory } = await withSet()
  const progress: (number | null)[] = []
  const onProgress = ({ fraction }: { fraction: number | null }) => progress.push(fraction)
  const first = await openDataset(cache, 'fives', { size: 9, limit: 3, onProgress })
  expect([first.height, first.width, first.channels]).toEqual([9, 9, 3])
  expect([...first.train.images]).toEqual(Array.from({ length: 3 * 243 }, (_, i) => 10 * Math.floor(i / 243)))
  expect([...first.train.labels!]).toEqual([0, 1, 0])
  expect(progress.length).toBeGreaterThan(0)
  await verifyChecksums(path.join(directory, 'size-9'), first.manifest)

  progress.length = 0
  const second = await openDataset(cache, 'fives', { size: 9, onProgress })
  expect(second.train.images.subarray(0, 3 * 243)).toEqual(first.train.images)
  expect(progress).toEqual([])

  await truncate(path.join(directory, 'size-9', 'train-images.u8'), 100)
  expect((await openDataset(cache, 'fives', { size: 9 })).train).toEqual(second.train)

  expect((await listDatasets(cache)).map(({ id }) => id)).toEqual(['mnist', 'fashion-mnist', 'fives'])
  await removeDataset(cache, 'fives')
  expect(await readdir(path.join(cache, 'datasets'))).toEqual([])
})

test('MNIST at 32 pixels has a black border of two', async () => {
  const cache = await temporaryFolder()
  const small = await openDataset(cache, 'mnist', { limit: 3 })
  const large = await openDataset(cache, 'mnist', { size: 32, limit: 3 })
  expect(large.test?.images).toHaveLength(10_000 * 1024)
  for (let n = 0; n < 3; n++) {
    for (let y = 0; y < 32; y++) {
      for (let x = 0; x < 32; x++) {
        const inside = x >= 2 && x < 30 && y >= 2 && y < 30
        const expected = inside ? small.train.images[n * 784 + (y - 2) * 28 + x - 2] : 0
        if (large.train.images[n * 1024 + y * 32 + x] !== expected) expect.fail(`image ${n} differs at ${x}, ${y}`)
      }
    }
  }
  expect(large.train.labels).toEqual(small.train.labels)
})

test.each<[string, (directory: string) => Promise<void>, string]>([
  ['cut off', (d) => truncate(path.join(d, 'train-images.u8'), 100), 'train-images.u8 has 100 bytes instead of 240'],
  ['without labels', (d) => rm(path.join(d, 'train-labels.u8')), 'train-labels.u8 is missing'],
  ['without a manifest', (d) => rm(path.join(d, 'manifest.json')), 'it has no manifest'],
  ['with half a manifest', (d) => truncate(path.join(d, 'manifest.json'), 50), 'its manifest is not JSON'],
  ['from a later version', (d) => edit(d, '"format": 1', '"format": 2'), 'not one that this version understands'],
  ['that names a file elsewhere', (d) => edit(d, 'train-images.u8', '../../../etc/passwd'), 'names other files'],
  ['under another name', (d) => edit(d, '"id": "fives"', '"id": "sixes"'), 'its manifest is that of sixes'],
])('a set %s is not taken for whole', async (_, spoil, message) => {
  const { cache, directory } = await withSet()
  await spoil(directory)
  await expect(openDataset(cache, 'fives')).rejects.toMatchObject({
    message: expect.stringMatching(/^The prepared data set fives is damaged: /) as string,
    hint: 'Remove it, then get or import it again.',
  })
  await expect(openDataset(cache, 'fives')).rejects.toThrow(message)
  expect((await listDatasets(cache)).find(({ id }) => id === 'fives')).toMatchObject({
    state: 'failed',
    problem: expect.stringContaining(message) as string,
  })
  await removeDataset(cache, 'fives')
  expect((await listDatasets(cache)).some(({ id }) => id === 'fives')).toBe(false)
})

async function edit(directory: string, from: string, to: string) {
  const file = path.join(directory, 'manifest.json')
  const text = await readFile(file, 'utf8')
  expect(text).toContain(from)
  await writeFile(file, text.replace(from, to))
}

test('a flipped byte is found by the checksums', async () => {
  const { cache, directory } = await withSet()
  const { manifest } = await openDataset(cache, 'fives')
  await verifyChecksums(directory, manifest)
  const labels = path.join(directory, 'train-labels.u8')
  const bytes = await readFile(labels)
  bytes[3]! ^= 1
  await writeFile(labels, bytes)
  await expect(verifyChecksums(directory, manifest)).rejects.toThrow('the training images have changed')
})

test('a set that is not there can not be removed', async () => {
  const { cache } = await withSet()
  await expect(removeDataset(cache, 'sixes')).rejects.toThrow('There is no data set "sixes".')
  await expect(removeDataset(cache, 'mnist')).rejects.toThrow('mnist is not in the cache.')
  await expect(removeDataset(cache, '..')).rejects.toThrow('There is no data set "..".')
  expect(await readdir(path.join(cache, 'datasets'))).toEqual(['fives'])
})

test('a new cache lists the known sets as missing', async () => {
  const cache = path.join(await temporaryFolder(), 'not', 'yet')
  expect(await listDatasets(cache)).toMatchObject([
    { id: 'mnist', state: 'missing', trainCount: 60_000, testCount: 10_000, imported: false, bytes: null },
    { id: 'fashion-mnist', state: 'missing', classes: expect.arrayContaining(['Sneaker']) as string[] },
  ])
})
