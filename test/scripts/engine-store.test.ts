import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
// @ts-expect-error plain JavaScript: it runs before anything is installed
import * as store from '../../scripts/lib/engine-store.mjs'
import { temporaryFolder } from './support.ts'

const content = { 'lib/one.so': 'first library', 'include/a.h': 'header' }

function fill(folder: string, replace: Record<string, string> = {}): string {
  const partial = store.beginFolder(folder)
  const files: Record<string, { size: number; sha256: string }> = {}
  for (const [name, text] of Object.entries({ ...content, ...replace })) {
    mkdirSync(path.dirname(path.join(partial, name)), { recursive: true })
    writeFileSync(path.join(partial, name), text)
    files[name] = { size: text.length, sha256: createHash('sha256').update(text).digest('hex') }
  }
  store.finishFolder(partial, folder, files, { tensorflow: '2.21.0' })
  return folder
}

describe('the engine in the cache', () => {
  it('is whole after it was filled, by sizes and by checksums', async () => {
    const folder = fill(path.join(temporaryFolder(), 'engine'))
    expect(store.quickFault(folder)).toBeNull()
    expect(await store.deepFault(folder)).toBeNull()
    expect(store.readManifest(folder)).toMatchObject({ tensorflow: '2.21.0' })
  })

  it('is not there as long as it is only being filled', () => {
    const parent = temporaryFolder()
    const folder = path.join(parent, 'engine')
    const partial = store.beginFolder(folder)
    writeFileSync(path.join(partial, 'one.so'), 'half of it')
    expect(store.quickFault(folder)).toBe('it is not there')
    store.removePartials(parent)
    expect(readdirSync(parent)).toEqual([])
  })

  it('is not taken for whole without a manifest, as an unpacking that was copied by hand would be', () => {
    const folder = fill(path.join(temporaryFolder(), 'engine'))
    rmSync(path.join(folder, 'manifest.json'))
    expect(store.quickFault(folder)).toBe('it has no valid manifest')
  })

  it('is not taken for whole with half a manifest', () => {
    const folder = fill(path.join(temporaryFolder(), 'engine'))
    truncateSync(path.join(folder, 'manifest.json'), 40)
    expect(store.quickFault(folder)).toBe('it has no valid manifest')
  })

  it('is not taken for whole when a library is cut short, grown or missing', () => {
    const parent = temporaryFolder()
    const short = fill(path.join(parent, 'short'))
    truncateSync(path.join(short, 'lib/one.so'), 5)
    expect(store.quickFault(short)).toBe('lib/one.so has 5 bytes instead of 13')
    const long = fill(path.join(parent, 'long'))
    appendFileSync(path.join(long, 'lib/one.so'), 'x')
    expect(store.quickFault(long)).toBe('lib/one.so has 14 bytes instead of 13')
    const less = fill(path.join(parent, 'less'))
    rmSync(path.join(less, 'include/a.h'))
    expect(store.quickFault(less)).toBe('include/a.h is missing')
  })

  it('tells a changed file of the same size by its checksum', async () => {
    const folder = fill(path.join(temporaryFolder(), 'engine'))
    writeFileSync(path.join(folder, 'lib/one.so'), 'other library')
    expect(store.quickFault(folder)).toBeNull()
    expect(await store.deepFault(folder)).toBe('lib/one.so does not have its checksum')
  })

  it('replaces a broken one, and leaves nothing beside it', () => {
    const parent = temporaryFolder()
    const folder = fill(path.join(parent, 'engine'))
    rmSync(path.join(folder, 'lib/one.so'))
    fill(folder, { 'lib/one.so': 'new library' })
    expect(store.quickFault(folder)).toBeNull()
    expect(readdirSync(parent)).toEqual(['engine'])
  })

  it('is filled anew after a set-up that died between writing the manifest and the rename', () => {
    const parent = temporaryFolder()
    const folder = path.join(parent, 'engine')
    const partial = store.beginFolder(folder)
    writeFileSync(path.join(partial, 'manifest.json'), JSON.stringify({ format: 1, files: {} }))
    expect(store.quickFault(folder)).not.toBeNull()
    store.removePartials(parent)
    fill(folder)
    expect(store.quickFault(folder)).toBeNull()
    expect(existsSync(partial)).toBe(false)
  })
})
