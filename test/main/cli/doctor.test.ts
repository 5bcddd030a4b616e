import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it, vi } from 'vitest'
import type { Finding } from '../../../src/main/doctor/index.ts'
import { launch, makePlace, openCore, untilStatus } from '../support.ts'
import type { Place } from '../support.ts'
import { atelier } from './atelier.ts'

// The doctor opens the real engine, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 240_000 })

interface Report {
  ok: boolean
  library: string
  log: string
  findings: Finding[]
}

/** A place whose processes are the real ones. */
function realPlace(): Place {
  const place = makePlace()
  delete place.env.ATELIER_WORKER
  return place
}

async function examine(place: Place): Promise<Report & { of(part: string): Finding[] }> {
  const { status, stdout, stderr } = await atelier(place, 'doctor', '--json')
  expect(stderr).toBe('')
  const report = JSON.parse(stdout) as Report
  expect(status).toBe(report.ok ? 0 : 1)
  expect(report.ok).toBe(report.findings.every(({ level }) => level !== 'problem'))
  return { ...report, of: (part) => report.findings.filter((finding) => finding.part === part) }
}

async function makeLibrary(place: Place): Promise<void> {
  const core = await openCore(place)
  const { id } = await launch(core, { epochs: 1 })
  await untilStatus(core, id, 'done')
  await core.close()
}

it('finds a good library sound, starts a real worker, and changes nothing', async () => {
  const place = realPlace()
  await makeLibrary(place)
  const before = readFileSync(path.join(place.library, 'library.db'))
  // A reader of a database with a write-ahead log needs these two beside it.
  const files = () => readdirSync(place.library).filter((name) => !/-(wal|shm)$/.test(name))
  const filesBefore = files()
  const report = await examine(place)
  // What the machine that runs the tests has of disk and memory is not the question.
  const bad = report.findings.filter(({ level, part }) => level === 'problem' && part !== 'disk' && part !== 'memory')
  expect(bad).toEqual([])
  const [library, writable, owner] = report.of('library')
  expect(library).toMatchObject({ level: 'ok', message: expect.stringContaining('1 run, ') })
  expect(library!.message).toContain('It is sound')
  expect(writable!.message).toBe('It can be written.')
  expect(owner!.message).toBe('No Atelier has it open.')
  expect(report.of('worker')).toMatchObject([{ level: 'ok', message: expect.stringContaining('started, opened') }])
  expect(report.of('engine')[0]!.message).toMatch(/TensorFlow|JavaScript/)
  expect(report.of('network')).toMatchObject([{ level: 'ok' }])
  expect(report.of('data sets').map(({ message }) => message)).toEqual(
    expect.arrayContaining([expect.stringContaining('(mnist) is not here yet')]),
  )
  expect(report.log).toBe(path.join(place.library, 'logs', 'atelier.log'))
  expect(files()).toEqual(filesBefore)
  expect(readFileSync(path.join(place.library, 'library.db')).equals(before)).toBe(true)
})

it('says who has the library open', async () => {
  const place = makePlace()
  await openCore(place)
  const { of } = await examine(place)
  expect(of('library').at(-1)!.message).toContain(`Process ${process.pid} on `)
})

it('finds a broken library and a training program that does not start, says what to do, and exits with 1', async () => {
  const place = realPlace()
  await makeLibrary(place)
  const file = path.join(place.library, 'library.db')
  truncateSync(file, 20_000)
  place.env.ATELIER_WORKER = path.join(place.directory, 'missing.ts')
  const report = await examine(place)
  expect(report.of('library')).toMatchObject([{ level: 'problem', hint: expect.stringContaining('backup') }])
  expect(report.of('library')[0]!.message).toContain('damaged')
  expect(report.of('worker')).toMatchObject([{ level: 'problem', hint: expect.stringContaining('npm run setup') }])
  // The others were looked at all the same.
  expect(report.of('network')).toHaveLength(1)
  expect(report.of('memory')).toHaveLength(1)

  const { status, stdout } = await atelier(place, 'doctor')
  expect(status).toBe(1)
  expect(stdout).toMatch(/^PROBLEM {2}library {4}.*damaged.*\n +→ Restore library\.db from a backup/m)
  expect(stdout).toMatch(/\d problems( and \d warnings?)?\.\n$/)
})

it('makes no library where there is none, and finds nothing wrong with that', async () => {
  const place = makePlace()
  const { of } = await examine(place)
  expect(of('library')).toMatchObject([{ level: 'ok', message: expect.stringContaining('the first start makes it') }])
  expect(existsSync(place.library)).toBe(false)
})

it('reads prepared data sets against their hashes', async () => {
  const place = realPlace()
  const folder = path.join(place.cache, 'datasets', 'tiny')
  mkdirSync(folder, { recursive: true })
  const images = Buffer.alloc(3 * 28 * 28, 7)
  writeFileSync(path.join(folder, 'train-images.u8'), images)
  const sha256 = createHash('sha256').update(images).digest('hex')
  const manifest = {
    format: 1,
    id: 'tiny',
    title: 'Tiny',
    height: 28,
    width: 28,
    channels: 1,
    classes: [],
    source: 'a folder',
    train: { count: 3, images: 'train-images.u8', labels: null, sha256 },
    test: null,
    skipped: [],
    preparedAt: 0,
  }
  writeFileSync(path.join(folder, 'manifest.json'), JSON.stringify(manifest))
  const tiny = async () => (await examine(place)).of('data sets').find(({ message }) => message.includes('(tiny)'))!
  expect(await tiny()).toMatchObject({ level: 'ok', message: expect.stringContaining('is whole: 3 images') })
  images[100] = 8
  writeFileSync(path.join(folder, 'train-images.u8'), images)
  expect(await tiny()).toMatchObject({ level: 'problem', hint: expect.stringContaining('datasets remove tiny') })
})
