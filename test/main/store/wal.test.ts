import { copyFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkLibrary, openLibrary } from '../../../src/main/store/index.ts'
import { logFault } from '../../../src/main/store/wal.ts'
import { closeLibrary, contentOf, newRun, openTemporary, temporaryFolder } from './fixtures.ts'

const FRAME = 24 + 4096
const COMMITS = 6

/** A library as a killed core leaves it: six runs, one commit each, of which the last ones are only in the log. */
function killedLibrary(): { folder: string; log: string; ends: number[] } {
  const source = temporaryFolder()
  closeLibrary(openTemporary(source))
  const library = openTemporary(source)
  const ends: number[] = []
  for (let i = 0; i < COMMITS; i++) {
    library.createRun({ ...newRun, name: `run ${i}` })
    ends.push((readFileSync(join(source, 'library.db-wal')).length - 32) / FRAME)
  }
  const folder = join(temporaryFolder(), 'library')
  mkdirSync(folder)
  for (const suffix of ['', '-wal', '-shm'])
    copyFileSync(join(source, `library.db${suffix}`), join(folder, `library.db${suffix}`))
  closeLibrary(library)
  return { folder, log: join(folder, 'library.db-wal'), ends }
}

function flip(file: string, at: number): void {
  const bytes = readFileSync(file)
  bytes[at] = bytes[at]! ^ 4
  writeFileSync(file, bytes)
}

const names = (folder: string) => {
  const library = openTemporary(folder)
  const found = library.runs().map(({ name }) => name)
  closeLibrary(library)
  return found.toReversed()
}
const runsUpTo = (n: number) => Array.from({ length: n }, (_, i) => `run ${i}`)

/** Refused, by one who writes and one who reads, with every file as it was. */
async function refused(folder: string, message: string | RegExp): Promise<void> {
  const before = contentOf(folder)
  expect(() => openLibrary(folder)).toThrow(message)
  expect(() => openLibrary(folder, { readOnly: true })).toThrow(message)
  expect(await checkLibrary(folder)).toMatchObject({ ok: false, findings: [{ part: 'database' }] })
  expect(contentOf(folder)).toEqual(before)
}

describe('the write-ahead log that a killed core leaves', () => {
  it('is taken in when it is whole, with its index or without', () => {
    const { folder, log } = killedLibrary()
    expect(logFault(log)).toBeNull()
    expect(names(folder)).toEqual(runsUpTo(COMMITS))
    const other = killedLibrary()
    rmSync(join(other.folder, 'library.db-shm'))
    expect(names(other.folder)).toEqual(runsUpTo(COMMITS))
  })

  it('is refused when a bit of any commit has flipped', async () => {
    for (const commit of [0, 3, COMMITS - 1]) {
      const { folder, log, ends } = killedLibrary()
      flip(log, 32 + (ends[commit]! - 1) * FRAME + 24 + 1000)
      await refused(folder, /write-ahead log is broken: of \d+ pages there only \d+ can be read/)
    }
  })

  it('is refused when it is cut off, or its header is broken', async () => {
    const { folder, log, ends } = killedLibrary()
    writeFileSync(log, readFileSync(log).subarray(0, 32 + ends[2]! * FRAME))
    await refused(folder, 'write-ahead log is broken')
    for (const length of [0, 32, 50]) {
      truncateSync(log, length)
      await refused(folder, 'write-ahead log is cut off')
    }
    const other = killedLibrary()
    flip(other.log, 17)
    await refused(other.folder, 'header of its write-ahead log is broken')
  })

  it('without its index, is refused when commits follow on a broken one', async () => {
    const { folder, log, ends } = killedLibrary()
    rmSync(join(folder, 'library.db-shm'))
    flip(log, 32 + (ends[1]! - 1) * FRAME + 24 + 1000)
    await refused(folder, /broken at byte \d+, and commits follow on that/)
  })

  it('without its index, loses no more than its last commit to a break there, as after a power cut', () => {
    const { folder, log, ends } = killedLibrary()
    rmSync(join(folder, 'library.db-shm'))
    flip(log, 32 + (ends[COMMITS - 1]! - 1) * FRAME + 24 + 1000)
    expect(names(folder)).toEqual(runsUpTo(COMMITS - 1))
  })

  it('is not taken in when the database turns out to be damaged', async () => {
    const { folder } = killedLibrary()
    rmSync(join(folder, 'library.db-shm'))
    const file = join(folder, 'library.db')
    const bytes = readFileSync(file)
    bytes.fill(0, bytes.length - 4096)
    writeFileSync(file, bytes)
    const before = contentOf(folder)
    expect(() => openLibrary(folder)).toThrow('The library is damaged')
    expect(contentOf(folder)).toEqual(before)
  })
})

it.each([18, 19, 47])('a header of a format that there is not (byte %i) is told as damage', (at) => {
  const { folder } = killedLibrary()
  const file = join(folder, 'library.db')
  for (const suffix of ['-wal', '-shm']) rmSync(file + suffix)
  const bytes = readFileSync(file)
  bytes[at] = 0x13
  writeFileSync(file, bytes)
  for (const readOnly of [false, true])
    expect(() => openLibrary(folder, { readOnly })).toThrow(expect.objectContaining({ code: 'damaged' }))
  expect(readFileSync(file).equals(bytes)).toBe(true)
})

it('a lock file that is none is told as such', () => {
  const folder = temporaryFolder()
  closeLibrary(openTemporary(folder))
  writeFileSync(join(folder, 'library.lock'), 'no lock '.repeat(1000))
  const before = contentOf(folder)
  expect(() => openLibrary(folder)).toThrow(
    /library\.lock in this folder is not the lock of an Atelier library.*Move it away/,
  )
  expect(contentOf(folder)).toEqual(before)
})

it('a folder in place of the database is no library', () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'library.db'))
  expect(() => openLibrary(folder)).toThrow(expect.objectContaining({ code: 'foreign' }))
  expect([...contentOf(folder).keys()]).toEqual(['library.db'])
})
