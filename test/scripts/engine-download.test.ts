import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
// @ts-expect-error plain JavaScript: it runs before anything is installed
import { fetchWheel, findPython, folderBytes, unpackWheel } from '../../scripts/lib/engine-download.mjs'
// @ts-expect-error plain JavaScript: it runs before anything is installed
import { fileHash } from '../../scripts/lib/engine-store.mjs'
import { python, temporaryFolder } from './support.ts'

afterEach(() => vi.unstubAllEnvs())

const makeWheel = `
import base64, hashlib, sys, zipfile
file, tamper = sys.argv[1], sys.argv[2] == "tamper"
members = {"tiny/libtiny.so.2": b"x" * 3000000, "tiny/include/tiny.h": b"int tiny();", "tiny/more/big.bin": b"no"}
rows = []
with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as z:
    for name, data in members.items():
        z.writestr(name, data)
        kept = b"other" if tamper and name.endswith(".2") else data
        h = base64.urlsafe_b64encode(hashlib.sha256(kept).digest()).decode().rstrip("=")
        rows.append("%s,sha256=%s,%d" % (name, h, len(data)))
    z.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1.0\\n")
    z.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    z.writestr("tiny-1.0.dist-info/RECORD", "\\n".join(rows) + "\\n")
`

function wheelIn(folder: string, how: 'whole' | 'tamper' = 'whole'): string {
  mkdirSync(folder, { recursive: true })
  const file = path.join(folder, 'tiny-1.0-py3-none-any.whl')
  execFileSync(python!, ['-c', makeWheel, file, how])
  return file
}

const rules = [
  ['tiny/(libtiny\\.so\\.2)', 'lib/\\1'],
  ['tiny/include/(.*)', 'include/\\1'],
]
const nothing = () => {}

const comeAndGo = `
const { mkdirSync, rmSync, writeFileSync } = require('node:fs')
for (let i = 0; i < 3000; i++) {
  mkdirSync('a/b/c/d', { recursive: true })
  writeFileSync('a/b/c/d/file', 'x')
  rmSync('a', { recursive: true })
}
`

describe('the bytes of a folder', () => {
  it('are those of all files in it and below', () => {
    const folder = temporaryFolder()
    mkdirSync(path.join(folder, 'deep/deeper'), { recursive: true })
    writeFileSync(path.join(folder, 'one'), 'x'.repeat(10))
    writeFileSync(path.join(folder, 'deep/deeper/two'), 'x'.repeat(200))
    expect(folderBytes(folder)).toBe(210)
    expect(folderBytes(path.join(folder, 'none'))).toBe(0)
  })

  it('can be counted while folders come and go in it, as pip’s do', async () => {
    const folder = temporaryFolder()
    const child = spawn(process.execPath, ['-e', comeAndGo], { cwd: folder, stdio: 'inherit' })
    const ended = once(child, 'exit')
    let looks = 0
    while (child.exitCode === null) {
      for (let i = 0; i < 100; i++, looks++) expect([0, 1]).toContain(folderBytes(folder))
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await ended).toEqual([0, null])
    expect(looks).toBeGreaterThan(100)
  }, 60_000)
})

describe.skipIf(!python)('unpacking a wheel', () => {
  it('takes what is needed, under the names that are wanted, and tells sizes and checksums', async () => {
    const folder = temporaryFolder()
    const target = path.join(folder, 'out')
    const files = await unpackWheel(python, wheelIn(folder), target, rules, nothing)
    expect(Object.keys(files).sort()).toEqual(['include/tiny.h', 'lib/libtiny.so.2'])
    expect(files['lib/libtiny.so.2'].size).toBe(3_000_000)
    expect(files['lib/libtiny.so.2'].sha256).toBe(await fileHash(path.join(target, 'lib/libtiny.so.2')))
    expect(existsSync(path.join(target, 'more'))).toBe(false)
  })

  it('refuses a member that does not have the checksum which the wheel records', async () => {
    const folder = temporaryFolder()
    const unpack = unpackWheel(python, wheelIn(folder, 'tamper'), path.join(folder, 'out'), rules, nothing)
    await expect(unpack).rejects.toThrow(/libtiny\.so\.2 does not have the checksum that the wheel records/)
  })

  it('refuses half a wheel', async () => {
    const folder = temporaryFolder()
    const file = wheelIn(folder)
    writeFileSync(file, readFileSync(file).subarray(0, 1500))
    await expect(unpackWheel(python, file, path.join(folder, 'out'), rules, nothing)).rejects.toMatchObject({
      name: 'SetupProblem',
      howTo: expect.stringContaining('npm run setup'),
    })
  })

  it('never writes outside its folder', async () => {
    const folder = temporaryFolder()
    const escape = [['tiny/libtiny\\.so\\.2', '../escaped.so']]
    await expect(unpackWheel(python, wheelIn(folder), path.join(folder, 'out'), escape, nothing)).rejects.toThrow(
      /outside the folder/,
    )
    expect(existsSync(path.join(folder, 'escaped.so'))).toBe(false)
  })
})

describe.skipIf(!python)('fetching a wheel with pip', () => {
  async function offered() {
    const folder = temporaryFolder()
    const source = path.join(folder, 'offered')
    const sha256: string = await fileHash(wheelIn(source))
    vi.stubEnv('PIP_NO_INDEX', '1')
    vi.stubEnv('PIP_FIND_LINKS', source)
    return { downloads: path.join(folder, 'downloads'), wheel: { project: 'tiny', version: '1.0', sha256, tag: 'any' } }
  }

  it('brings the file, and leaves nothing else', async () => {
    const { downloads, wheel } = await offered()
    const file = await fetchWheel(python, wheel, downloads, nothing)
    expect(await fileHash(file)).toBe(wheel.sha256)
    expect(readdirSync(downloads)).toEqual(['tiny-1.0-py3-none-any.whl'])
  })

  it('refuses a file with another checksum than the one that is known', async () => {
    const { downloads, wheel } = await offered()
    const other = { ...wheel, sha256: '0'.repeat(64) }
    await expect(fetchWheel(python, other, downloads, nothing)).rejects.toThrow(/pip could not fetch tiny 1\.0/)
    expect(readdirSync(downloads)).toEqual([])
  })

  it('takes a wheel that is there from an interrupted set-up, without asking pip', async () => {
    const { downloads, wheel } = await offered()
    await fetchWheel(python, wheel, downloads, nothing)
    const file = await fetchWheel('no-such-python', wheel, downloads, nothing)
    expect(await fileHash(file)).toBe(wheel.sha256)
  })

  it('fetches a wheel again that is there but broken', async () => {
    const { downloads, wheel } = await offered()
    mkdirSync(downloads)
    writeFileSync(path.join(downloads, 'tiny-1.0-py3-none-any.whl'), 'half')
    const file = await fetchWheel(python, wheel, downloads, nothing)
    expect(await fileHash(file)).toBe(wheel.sha256)
  })

  it('says what to do when the index cannot be reached', async () => {
    const { downloads, wheel } = await offered()
    vi.stubEnv('PIP_FIND_LINKS', path.join(downloads, 'nowhere'))
    await expect(fetchWheel(python, wheel, downloads, nothing)).rejects.toMatchObject({
      message: expect.stringContaining('pip could not fetch tiny 1.0'),
      howTo: expect.stringContaining('Check the network'),
    })
  })
})

it('says what to install when there is no Python with pip', async () => {
  const env = { PYTHON: 'no-such-python', PATH: '/nowhere' }
  await expect(findPython(env)).rejects.toMatchObject({
    name: 'SetupProblem',
    howTo: expect.stringContaining('python3-pip'),
  })
})
