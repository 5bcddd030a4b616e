import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { importFolder } from '../../../src/ml/datasets/import-folder.ts'
import { openDataset } from '../../../src/ml/datasets/open-dataset.ts'
import type { FolderImport } from '../../../src/shared/datasets.ts'
import { png, temporaryFolder, writeFiles } from './support.ts'

let red: Buffer
let green: Buffer
let blue: Buffer
beforeAll(async () => {
  red = await png(40, 30, '#ff0000')
  green = await png(40, 30, '#00ff00')
  blue = await png(40, 30, '#0000ff')
})

/** Imports files from a new folder in a new cache, and opens the result. */
async function imported(files: Record<string, Uint8Array | string>, request: Partial<FolderImport> = {}) {
  const folder = request.folder ?? (await temporaryFolder())
  await writeFiles(folder, files)
  const cache = await temporaryFolder()
  const manifest = await importFolder(cache, { folder, name: 'pictures', size: 28, colour: 'rgb', ...request })
  const opened = await openDataset(cache, 'pictures')
  const length = opened.height * opened.width * opened.channels
  const image = (i: number) => opened.train.images.subarray(i * length, (i + 1) * length)
  const pixel = (i: number, x: number, y: number) =>
    [...image(i)].slice((y * opened.width + x) * opened.channels, (y * opened.width + x + 1) * opened.channels)
  return {
    folder,
    cache,
    manifest,
    opened,
    image,
    pixel,
    skipped: new Map(manifest.skipped.map((s) => [s.file, s.reason])),
  }
}

const refusal = async (files: Record<string, Uint8Array | string>, request: Partial<FolderImport> = {}) => {
  const cache = await temporaryFolder()
  const folder = await temporaryFolder()
  await writeFiles(folder, files)
  const error: unknown = await importFolder(cache, {
    folder,
    name: 'pictures',
    size: 28,
    colour: 'rgb',
    ...request,
  }).then(
    () => null,
    (reason: unknown) => reason,
  )
  const left = existsSync(path.join(cache, 'datasets')) ? await readdir(path.join(cache, 'datasets')) : []
  expect(left).toEqual([])
  return error
}

test('images of every readable format and shape become squares of one size', async () => {
  const picture = sharp({ create: { width: 50, height: 20, channels: 3, background: '#3366cc' } })
  const { manifest, opened, pixel } = await imported(
    {
      'a.png': await picture.clone().png().toBuffer(),
      'b.JPG': await picture.clone().jpeg({ quality: 100 }).toBuffer(),
      'c.webp': await picture.clone().webp({ lossless: true }).toBuffer(),
      'd.gif': await picture.clone().gif().toBuffer(),
      'e.tiff': await picture.clone().tiff({ compression: 'lzw' }).toBuffer(),
      'f.avif': await picture.clone().avif({ lossless: true }).toBuffer(),
      'g-16-bit.png': await picture.clone().toColourspace('rgb16').png().toBuffer(),
      'h-cmyk.jpg': await picture.clone().toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer(),
      'i-palette.png': await picture.clone().png({ palette: true }).toBuffer(),
      'j-without-ending': await picture.clone().png().toBuffer(),
      'notes.txt': 'no image',
      '.hidden.png': 'no image',
    },
    { size: 32 },
  )
  expect(manifest).toMatchObject({ id: 'pictures', height: 32, width: 32, channels: 3, classes: [], test: null })
  expect(manifest.skipped).toEqual([])
  expect(opened.train.count).toBe(10)
  expect(opened.train.labels).toBeNull()
  for (let i = 0; i < 10; i++) {
    const [r, g, b] = pixel(i, 16, 16)
    // CMYK goes through a printing profile, which has not quite this blue.
    const tolerance = i === 7 ? 40 : 6
    expect([
      i,
      Math.abs(r! - 0x33) <= tolerance,
      Math.abs(g! - 0x66) <= tolerance,
      Math.abs(b! - 0xcc) <= tolerance,
    ]).toEqual([i, true, true, true])
  }
})

test('the middle square is cut out', async () => {
  const bars = sharp({ create: { width: 90, height: 30, channels: 3, background: '#ff0000' } }).composite([
    { input: await png(30, 30, '#0000ff'), left: 30, top: 0 },
  ])
  const { pixel } = await imported({ 'bars.png': await bars.png().toBuffer() })
  for (const [x, y] of [
    [1, 1],
    [26, 1],
    [1, 26],
    [14, 14],
  ] as const)
    expect(pixel(0, x, y)).toEqual([0, 0, 255])
})

test('grey images have one channel, weighted like luminance', async () => {
  const { manifest, opened, pixel } = await imported(
    { 'a.png': red, 'b.png': green, 'c.png': blue, 'd.png': await png(9, 9, '#808080') },
    { colour: 'grey', size: 64 },
  )
  expect(manifest.channels).toBe(1)
  expect(opened.train.images).toHaveLength(4 * 64 * 64)
  const [r, g, b, grey] = [0, 1, 2, 3].map((i) => pixel(i, 30, 30)[0]!)
  expect(grey).toBe(128)
  expect(g! > r! && r! > b!).toBe(true)
})

test('a grey image becomes three equal channels where colour is wanted', async () => {
  const grey = await sharp(await png(9, 9, '#646464'))
    .toColourspace('b-w')
    .png()
    .toBuffer()
  const { pixel } = await imported({ 'a.png': grey })
  expect(pixel(0, 5, 5)).toEqual([100, 100, 100])
})

test('transparency is laid on white', async () => {
  const clear = sharp({ create: { width: 9, height: 9, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0 } } })
  const { pixel } = await imported({ 'a.png': await clear.png().toBuffer() })
  expect(pixel(0, 3, 3)).toEqual([255, 255, 255])
})

test('EXIF orientation is respected', async () => {
  const upper = sharp({ create: { width: 40, height: 40, channels: 3, background: '#000' } }).composite([
    { input: await png(40, 20, '#fff'), left: 0, top: 0 },
  ])
  const upright = await upper.png().toBuffer()
  // Orientation 6: the first row of the file is the right-hand side.
  const turned = await sharp(upright).withMetadata({ orientation: 6 }).jpeg({ quality: 100 }).toBuffer()
  const { pixel } = await imported({ 'a.png': upright, 'b.jpg': turned })
  expect([pixel(0, 14, 3)[0], pixel(0, 14, 24)[0]]).toEqual([255, 0])
  expect(pixel(1, 24, 14)[0]).toBeGreaterThan(245)
  expect(pixel(1, 3, 14)[0]).toBeLessThan(10)
})

test('sub-folders are classes when every image lies in one; classes alternate in the stored order', async () => {
  const files = { 'cats/1.png': red, 'cats/2.png': red, 'dogs/x/1.png': green, 'ants/1.png': blue, 'dogs/2.png': green }
  const { opened, pixel } = await imported(files)
  expect(opened.classes).toEqual(['ants', 'cats', 'dogs'])
  expect([...opened.train.labels!]).toEqual([0, 1, 2, 1, 2])
  expect([0, 1, 2, 3, 4].map((i) => pixel(i, 9, 9).indexOf(255))).toEqual([2, 0, 1, 0, 1])
})

test('a folder around the class folders does not count, a single sub-folder is a single class', async () => {
  const wrapped = await imported({ 'set/train/a/1.png': red, 'set/train/b/1.png': green })
  expect(wrapped.opened.classes).toEqual(['a', 'b'])
  const single = await imported({ 'digits/1.png': red, 'digits/2.png': green })
  expect(single.opened.classes).toEqual(['digits'])
  expect([...single.opened.train.labels!]).toEqual([0, 0])
})

test('an image beside the sub-folders means no classes, and so do more than 256', async () => {
  const beside = await imported({ 'a/1.png': red, 'b/1.png': green, '0.png': blue })
  expect(beside.opened.classes).toEqual([])
  expect(beside.opened.train.labels).toBeNull()
  const many = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`c${i}/1.png`, red]))
  expect((await imported(many(257))).opened.classes).toEqual([])
  expect((await imported(many(256))).opened.classes).toHaveLength(256)
})

test('importing the same folder again gives the same bytes', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 60 }, (_, i) => [`${i % 3}/${i}.png`, [red, green, blue][i % 3]!]),
  )
  const first = await imported(files)
  const second = await imported({}, { folder: first.folder })
  expect(second.manifest.train.sha256).toBe(first.manifest.train.sha256)
})

/** A PNG that declares any size; its pixels are one short stream of zeros. */
function bomb(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
    const ends = Buffer.alloc(8)
    ends.writeUInt32BE(data.length)
    ends.writeUInt32BE(crc32(body), 4)
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width)
  header.writeUInt32BE(height, 4)
  header.set([8, 6, 0, 0, 0], 8)
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(1e6))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

test('what can not be read is skipped and reported by name, with the reason', async () => {
  const jpeg = await sharp(await png(300, 300, '#123456'))
    .jpeg()
    .toBuffer()
  const noisy = await sharp({
    create: {
      width: 300,
      height: 300,
      channels: 3,
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
      background: '#000',
    },
  })
    .png()
    .toBuffer()
  const flipped = Buffer.from(noisy)
  for (let i = 5000; i < 5100; i++) flipped[i]! ^= 0xff
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
  const { manifest, opened, skipped } = await imported({
    'good.png': red,
    'empty.png': '',
    'text.png': 'this is text',
    'bomb.png': bomb(60_000, 60_000),
    'bomb-declared-small.png': bomb(3000, 3000),
    'cut.jpg': jpeg.subarray(0, jpeg.length / 2),
    'cut.png': noisy.subarray(0, noisy.length / 2),
    'flipped.png': flipped,
    'drawing.svg': svg,
    'drawing-in-disguise.png': svg,
    'old.bmp': Buffer.concat([Buffer.from('BM'), Buffer.alloc(100)]),
    'folder.png/inside.png': green,
  })
  expect(opened.train.count).toBe(2)
  expect(skipped.get('empty.png')).toBe('it is empty')
  expect(skipped.get('bomb.png')).toBe('it has 60,000 × 60,000 pixels; at most 120 million are read')
  const notAnImage = 'it is not a PNG, JPEG, WebP, GIF, TIFF or AVIF image'
  for (const file of ['text.png', 'drawing.svg', 'drawing-in-disguise.png', 'old.bmp']) {
    expect([file, skipped.get(file)]).toEqual([file, notAnImage])
  }
  for (const file of ['cut.jpg', 'cut.png', 'flipped.png', 'bomb-declared-small.png']) {
    expect([file, skipped.get(file)]).toEqual([file, expect.stringMatching(/^it is damaged \(/)])
  }
  const names = manifest.skipped.map(({ file }) => file)
  expect(names).toEqual(names.toSorted())
  expect(names).toHaveLength(10)
})

test.skipIf(process.platform === 'win32')(
  'links out of the folder are refused, links inside are followed to files only',
  async () => {
    const folder = await temporaryFolder()
    const outside = await temporaryFolder()
    await writeFiles(outside, { 'secret.png': blue, 'more/secret.png': blue })
    // A folder beside the imported one whose name begins like it.
    await writeFiles(`${folder}-sibling`, { 'secret.png': blue })
    onTestFinished(() => rm(`${folder}-sibling`, { recursive: true, force: true }))
    await writeFiles(folder, { 'a.png': red, 'sub/b.png': green })
    const link = (to: string, at: string) => symlink(to, path.join(folder, at))
    await link(path.join(outside, 'secret.png'), 'out.png')
    await link(path.join(`${folder}-sibling`, 'secret.png'), 'sibling.png')
    await link('../../../../../../../../etc/passwd', 'passwd.png')
    await link(path.join(outside, 'more'), 'out-folder')
    await link('sub', 'inner-folder')
    await link('.', 'circle')
    await link('sub/b.png', 'inner.png')
    await link('nowhere', 'broken.png')
    const { opened, skipped, pixel } = await imported({}, { folder })
    expect(opened.train.count).toBe(3)
    expect([0, 1, 2].map((i) => pixel(i, 3, 3).indexOf(255))).toEqual([0, 1, 1])
    expect(Object.fromEntries(skipped)).toEqual({
      'out.png': 'it is a link that leads out of the folder',
      'sibling.png': 'it is a link that leads out of the folder',
      'passwd.png': 'it is a link that leads out of the folder',
      'out-folder': 'it is a link that leads out of the folder',
      'inner-folder': 'it is a link to a folder',
      circle: 'it is a link to a folder',
      'broken.png': 'it is not there any more, or a link that leads nowhere',
    })
  },
)

test.skipIf(process.platform !== 'linux')('names of any bytes are read and shown without harm', async () => {
  const folder = await temporaryFolder()
  const odd = (name: Buffer) => Buffer.concat([Buffer.from(`${folder}/`), name])
  await mkdir(odd(Buffer.from('emoji 🐈 "quoted"')))
  await mkdir(odd(Buffer.from('line\nbreak')))
  await mkdir(odd(Buffer.from([0xff, 0x61])))
  await mkdir(odd(Buffer.from([0xfe, 0x61])))
  for (const name of await readdir(folder, { encoding: 'buffer' })) {
    await writeFile(Buffer.concat([odd(name), Buffer.from('/1.png')]), red)
  }
  await writeFile(odd(Buffer.from('line\nbreak/\u202egnp.exe.png')), 'bad')
  const { opened, manifest } = await imported({}, { folder })
  expect(opened.classes).toEqual(['emoji 🐈 "quoted"', 'line\ufffdbreak', '\ufffda', '\ufffda (2)'])
  expect(manifest.skipped.map(({ file }) => file)).toEqual(['line\ufffdbreak/\ufffdgnp.exe.png'])
})

test.skipIf(process.platform === 'win32')(
  'pipes do not hold an import up, and unreadable folders are told',
  async () => {
    const folder = await temporaryFolder()
    await writeFiles(folder, { 'a.png': red, 'closed/b.png': red })
    execFileSync('mkfifo', [path.join(folder, 'pipe.png'), path.join(folder, 'pipe')])
    await chmod(path.join(folder, 'closed'), 0)
    const { skipped } = await imported({}, { folder })
    await chmod(path.join(folder, 'closed'), 0o700)
    expect(skipped.get('pipe.png')).toBe('it is not a regular file')
    // The administrator may read everything.
    if (process.getuid?.() !== 0) expect(skipped.get('closed')).toBe('you have no right to read it')
  },
)

test('a folder without images is refused', async () => {
  expect(await refusal({ 'notes.txt': 'text', 'deep/er/readme.md': '' })).toMatchObject({
    name: 'DatasetError',
    message: expect.stringMatching(/^There are no images in .* or below it\.$/) as string,
    badInput: true,
  })
  expect(await refusal({ 'a.png': 'bad', 'b.png': '' })).toMatchObject({
    message: expect.stringMatching(
      /^None of the images in .* can be read\. a\.png: it is not a .* image; 1 more\.$/,
    ) as string,
    badInput: true,
  })
})

test('a folder that is not there, is a file, or has an impossible name is refused', async () => {
  const file = path.join(await temporaryFolder(), 'file')
  await writeFile(file, '')
  expect(await refusal({}, { folder: '/nowhere/at/all' })).toMatchObject({
    message: 'There is no folder /nowhere/at/all.',
  })
  expect(await refusal({}, { folder: file })).toMatchObject({ message: `${file} is not a folder.` })
  expect(await refusal({}, { folder: 'a\0b' })).toMatchObject({ message: expect.stringContaining('NUL') as string })
})

test('a name that is taken, known or no name is refused', async () => {
  const { cache, folder, manifest } = await imported({ 'a.png': red })
  const again = importFolder(cache, { folder, name: 'pictures', size: 64, colour: 'grey' })
  await expect(again).rejects.toMatchObject({ message: 'There is already a data set pictures.', badInput: true })
  expect(JSON.parse(await readFile(path.join(cache, 'datasets/pictures/manifest.json'), 'utf8'))).toEqual(manifest)
  expect(await refusal({ 'a.png': red }, { name: 'mnist' })).toMatchObject({ badInput: true })
  for (const name of ['', '../escape', 'a/b', '.hidden', 'UPPER', 'x'.repeat(64)]) {
    expect(await refusal({ 'a.png': red }, { name })).toMatchObject({
      message: expect.stringContaining('name:') as string,
    })
  }
  expect(await refusal({ 'a.png': red }, { size: 48 as 28 })).toMatchObject({
    message: expect.stringContaining('size:') as string,
  })
})

test('a cancelled import leaves nothing', async () => {
  const folder = await temporaryFolder()
  const cache = await temporaryFolder()
  await writeFiles(folder, Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`${i}.png`, red])))
  const abort = new AbortController()
  const onProgress = ({ fraction }: { fraction: number | null }) =>
    fraction !== null && abort.abort(new Error('enough'))
  const importing = importFolder(
    cache,
    { folder, name: 'p', size: 28, colour: 'grey' },
    { onProgress, signal: abort.signal },
  )
  await expect(importing).rejects.toThrow('enough')
  expect(await readdir(path.join(cache, 'datasets'))).toEqual([])
})
