import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, utimes, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { withLock } from '../../../src/ml/datasets/lock.ts'
import { listDatasets } from '../../../src/ml/datasets/list.ts'
import { openDataset } from '../../../src/ml/datasets/open-dataset.ts'
import { Dataset } from '../../../src/shared/datasets.ts'
import { png, startCommand, temporaryFolder, writeFiles } from './support.ts'

const run = async (args: string[]) => await startCommand(args).ended
const reading = (line: string) => /Reading images: [1-9]/.test(line)

async function folderOf(count: number): Promise<string> {
  const folder = await temporaryFolder()
  const image = await png(400, 400, '#345678')
  await writeFiles(folder, Object.fromEntries(Array.from({ length: count }, (_, i) => [`${i}.png`, image])))
  return folder
}
const importing = (folder: string, cache: string) => [
  'import',
  '--folder',
  folder,
  '--name',
  'pictures',
  '--size',
  '28',
  '--colour',
  'grey',
  '--cache',
  cache,
]

test('get, list, import and remove do their work and say so', async () => {
  const cache = await temporaryFolder()
  const got = await run(['get', 'mnist', '--cache', cache])
  expect(got.code).toBe(0)
  expect(got.messages.at(-1)).toMatchObject({ type: 'ready', manifest: { id: 'mnist', train: { count: 60_000 } } })

  const folder = await folderOf(3)
  await writeFile(path.join(folder, 'bad.png'), 'bad')
  const imported = await run(importing(folder, cache))
  expect(imported.code).toBe(0)
  expect(imported.messages.map(({ type }) => type)).toContain('progress')
  expect(imported.messages.at(-1)).toMatchObject({ type: 'ready', manifest: { skipped: [{ file: 'bad.png' }] } })

  const listed = await run(['list', '--cache', cache])
  const rows = listed.lines.map((line) => Dataset.parse(JSON.parse(line)))
  expect(rows.map(({ id, state, imported: own }) => [id, state, own])).toEqual([
    ['mnist', 'ready', false],
    ['fashion-mnist', 'missing', false],
    ['pictures', 'ready', true],
  ])
  expect(rows[2]).toMatchObject({ trainCount: 3, bytes: 3 * 784, skipped: [{ file: 'bad.png' }] })

  expect(await run(['remove', 'pictures', '--cache', cache])).toMatchObject({ code: 0, lines: [] })
  expect((await listDatasets(cache)).map(({ id }) => id)).toEqual(['mnist', 'fashion-mnist'])
})

test.each([
  [[], 'No command for the data sets was given.'],
  [['dance', '--cache', '/tmp/x'], 'Not understood: dance.'],
  [['get', '--cache', '/tmp/x'], 'Not understood: get.'],
  [['list'], '--cache is missing.'],
  [['list', '--cache', '/tmp/x', '--colour'], "Option '--colour <value>' argument missing"],
  [['get', 'sevens', '--cache', '/nowhere'], 'There is no data set "sevens".'],
  [['get', 'mnist', '--cache', '/nowhere', '--directory', '/nowhere'], 'There is no folder /nowhere.'],
  [
    ['import', '--cache', '/nowhere', '--folder', '/nowhere', '--name', 'a', '--size', '28', '--colour', 'pink'],
    'colour',
  ],
  [
    ['import', '--cache', '/nowhere', '--folder', '/nowhere', '--name', 'a', '--size', '28', '--colour', 'rgb'],
    'There is no folder',
  ],
])('bad input is one message and status 2: %j', async (args, message) => {
  const { code, lines, messages } = await run(args)
  expect(code).toBe(2)
  expect(lines).toHaveLength(messages.length)
  expect(messages.filter(({ type }) => type === 'failed')).toEqual(
    [{ type: 'failed', message: expect.stringContaining(message) as string, hint: expect.any(String) as string }].map(
      (expected) => (message === 'colour' ? { ...expected, hint: null } : expected),
    ),
  )
  expect(existsSync('/nowhere')).toBe(false)
})

test.skipIf(process.platform === 'win32')(
  'an import killed in its midst leaves no set, and the next one takes its place',
  async () => {
    const cache = await temporaryFolder()
    const folder = await folderOf(600)
    const first = startCommand(importing(folder, cache))
    await first.until(reading)
    first.kill('SIGSTOP')
    expect((await listDatasets(cache)).find(({ id }) => id === 'pictures')).toMatchObject({ state: 'preparing' })
    first.kill('SIGKILL')
    expect((await first.ended).signal).toBe('SIGKILL')
    const left = await readdir(path.join(cache, 'datasets'))
    expect(left.some((name) => name.startsWith('.preparing-pictures~'))).toBe(true)
    expect((await listDatasets(cache)).some(({ id }) => id === 'pictures')).toBe(false)
    await expect(openDataset(cache, 'pictures')).rejects.toThrow('There is no data set')

    const second = await run(importing(folder, cache))
    expect(second.messages.at(-1)).toMatchObject({ type: 'ready', manifest: { train: { count: 600 } } })
    expect(await readdir(path.join(cache, 'datasets'))).toEqual(['pictures'])
  },
)

test.skipIf(process.platform === 'win32')('an import that is told to end leaves nothing', async () => {
  const cache = await temporaryFolder()
  const importer = startCommand(importing(await folderOf(600), cache))
  await importer.until(reading)
  importer.kill('SIGSTOP')
  importer.kill('SIGTERM')
  importer.kill('SIGCONT')
  const { code, messages } = await importer.ended
  expect(code).toBe(1)
  expect(messages.at(-1)).toEqual({ type: 'failed', message: 'Cancelled.', hint: null })
  expect(await readdir(path.join(cache, 'datasets'))).toEqual([])
})

test.skipIf(process.platform === 'win32')('two imports of one name: one is done, the other refused', async () => {
  const cache = await temporaryFolder()
  const folder = await folderOf(300)
  const first = startCommand(importing(folder, cache))
  await first.until(reading)
  first.kill('SIGSTOP')
  const second = await run(importing(folder, cache))
  expect(second.code).toBe(2)
  expect(second.messages.at(-1)).toMatchObject({ type: 'failed', message: 'pictures is being imported right now.' })
  expect((await run(['remove', 'pictures', '--cache', cache])).code).toBe(2)
  first.kill('SIGCONT')
  expect((await first.ended).code).toBe(0)
})

test('processes that want the same set at once all get it, prepared once', async () => {
  const cache = await temporaryFolder()
  const ended = await Promise.all([1, 2, 3, 4].map(() => run(['get', 'mnist', '--cache', cache])))
  expect(ended.map(({ code }) => code)).toEqual([0, 0, 0, 0])
  const times = ended.map(({ messages }) => {
    const last = messages.at(-1)
    return last?.type === 'ready' ? last.manifest.preparedAt : null
  })
  expect(new Set(times).size).toBe(1)
  expect(times[0]).toBeGreaterThan(0)
  expect(await readdir(path.join(cache, 'datasets'))).toEqual(['mnist'])
})

test('a lock whose owner died is taken over, one whose owner lives is not', async () => {
  const directory = await temporaryFolder()
  const file = path.join(directory, '.lock-a')
  const dead = spawnSync(process.execPath, ['-e', '']).pid
  const owner = (pid: number, more = {}) =>
    JSON.stringify({ token: 'x', pid, host: os.hostname(), started: null, ...more })
  const take = () =>
    withLock(
      directory,
      'a',
      {
        onWait: () => {
          throw new Error('held')
        },
      },
      () => Promise.resolve('taken'),
    )

  for (const text of [owner(dead), owner(process.pid, { started: '1' })]) {
    await writeFile(file, text)
    if (process.platform !== 'linux' && text.includes('"1"')) continue
    expect(await take()).toBe('taken')
    expect(existsSync(file)).toBe(false)
  }
  for (const text of [owner(process.pid), owner(1, { host: 'another' }), '']) {
    await writeFile(file, text)
    await expect(take()).rejects.toThrow('held')
    // Whose life can't be looked up must show it by touching the file.
    await utimes(file, new Date(), new Date(Date.now() - 120_000))
    expect(await take()).toBe('taken')
  }
})

test('many at one abandoned lock: never two at work', async () => {
  const directory = await temporaryFolder()
  await writeFile(
    path.join(directory, '.lock-a'),
    JSON.stringify({
      token: 'x',
      pid: spawnSync(process.execPath, ['-e', '']).pid,
      host: os.hostname(),
      started: null,
    }),
  )
  let inside = 0
  let most = 0
  let done = 0
  await Promise.all(
    Array.from({ length: 12 }, () =>
      withLock(directory, 'a', {}, async () => {
        most = Math.max(most, ++inside)
        await new Promise((resolve) => setTimeout(resolve, 2))
        inside--
        done++
      }),
    ),
  )
  expect([most, done]).toEqual([1, 12])
})
