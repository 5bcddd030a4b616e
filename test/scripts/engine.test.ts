import { existsSync, lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
// @ts-expect-error plain JavaScript: it runs before anything is installed
import { bindingFolder, linkEngine, unlinkEngine } from '../../scripts/lib/engine-binding.mjs'
// @ts-expect-error plain JavaScript: it runs before anything is installed
import { beginFolder, finishFolder } from '../../scripts/lib/engine-store.mjs'
// @ts-expect-error plain JavaScript: it runs before anything is installed
import { engineIsReady, ensureEngine, readEngineRecord } from '../../scripts/lib/engine.mjs'
import { silentProgress, temporaryFolder } from './support.ts'

const tfjsNode = 'node_modules/@tensorflow/tfjs-node-gpu'

/** A checkout with nothing set up, on a machine without Python. */
function checkout() {
  const folder = temporaryFolder()
  const root = path.join(folder, 'checkout')
  mkdirSync(path.join(root, tfjsNode, 'binding'), { recursive: true })
  return { root, cache: path.join(folder, 'cache'), node: process.execPath }
}

beforeEach(() => {
  vi.stubEnv('ATELIER_ENGINE', '')
  vi.stubEnv('PYTHON', 'no-such-python')
  vi.stubEnv('PATH', '/nowhere')
})
afterEach(() => vi.unstubAllEnvs())

describe.skipIf(process.platform !== 'linux')('setting the engine up where it cannot be had', () => {
  it('goes on with wasm, and writes down why and how to get the native engine', async () => {
    const where = checkout()
    const progress = silentProgress()
    const record = await ensureEngine(progress, where)
    expect(record).toMatchObject({ native: false, reason: expect.stringContaining('pip') })
    expect(record.howTo).toContain('npm run setup')
    expect(readEngineRecord(where.root)).toEqual(record)
    expect(progress.notes.join('\n')).toContain('WebAssembly')
  })

  it('does not try again at the next start, but does when the user asks', async () => {
    const where = checkout()
    await ensureEngine(silentProgress(), where)
    const second = silentProgress()
    await ensureEngine(second, where)
    expect(second.notes).toEqual([])
    const third = silentProgress()
    await ensureEngine(third, { ...where, retry: true })
    expect(third.notes).not.toEqual([])
  })

  it('tries again when another variant is asked for', async () => {
    const where = checkout()
    await ensureEngine(silentProgress(), where)
    const record = await ensureEngine(silentProgress(), { ...where, variant: 'cuda' })
    expect(record.variant).toBe('cuda')
  })

  it('leaves no half of an engine in the package', async () => {
    const where = checkout()
    const stray = path.join(where.root, tfjsNode, 'lib/napi-v8/tfjs_binding.node')
    mkdirSync(path.dirname(stray), { recursive: true })
    writeFileSync(stray, 'from another time')
    await ensureEngine(silentProgress(), where)
    expect(existsSync(stray)).toBe(false)
  })

  it('removes what an interrupted set-up left in the cache', async () => {
    const where = checkout()
    const partial = path.join(where.cache, 'engine/tensorflow-2.21.0-cpu-linux-x64.partial-1-abc')
    mkdirSync(partial, { recursive: true })
    writeFileSync(path.join(partial, 'libtensorflow_cc.so.2'), 'half')
    mkdirSync(path.join(where.cache, 'downloads/pip-xyz'), { recursive: true })
    const record = await ensureEngine(silentProgress(), where)
    expect(record.native).toBe(false)
    expect(existsSync(partial)).toBe(false)
    expect(existsSync(path.join(where.cache, 'downloads/pip-xyz'))).toBe(false)
    expect(existsSync(path.join(where.cache, 'engine/lock'))).toBe(false)
  })

  it('takes ATELIER_ENGINE=wasm for this start only', async () => {
    const where = checkout()
    vi.stubEnv('ATELIER_ENGINE', 'wasm')
    const record = await ensureEngine(silentProgress(), where)
    expect(record).toMatchObject({ native: false, reason: 'ATELIER_ENGINE=wasm is set.' })
    expect(readEngineRecord(where.root)).toBeNull()
  })
})

describe('an engine that is set up', () => {
  const wheel = { libraries: ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'] }

  function installed() {
    const { root, cache } = checkout()
    const folder = path.join(cache, 'engine/one')
    const partial = beginFolder(folder)
    mkdirSync(path.join(partial, 'lib'))
    const files: Record<string, object> = {}
    for (const name of wheel.libraries) {
      writeFileSync(path.join(partial, 'lib', name), name)
      files[`lib/${name}`] = { size: name.length, sha256: '' }
    }
    finishFolder(partial, folder, files)
    const sources = path.join(root, tfjsNode, 'binding')
    const headers = path.join(root, 'node_modules/node-api-headers')
    for (const of of [sources, headers]) mkdirSync(of, { recursive: true })
    writeFileSync(path.join(sources, 'binding.cc'), 'int main;')
    writeFileSync(path.join(headers, 'package.json'), '{}')
    const binding = bindingFolder(root, folder)
    mkdirSync(binding, { recursive: true })
    writeFileSync(path.join(binding, 'tfjs_binding.node'), 'binding')
    linkEngine(root, folder, binding, wheel)
    const record = { native: true, variant: 'cpu', tensorflow: '2.21.0', folder }
    return { root, folder, binding, record }
  }

  it('is linked, never copied, into the package', () => {
    const { root, folder, binding } = installed()
    for (const name of wheel.libraries)
      expect(lstatSync(path.join(root, tfjsNode, 'deps/lib', name)).isSymbolicLink()).toBe(true)
    const linked = path.join(root, tfjsNode, 'lib/napi-v8/tfjs_binding.node')
    expect(readFileSync(linked, 'utf8')).toBe('binding')
    linkEngine(root, folder, binding, wheel)
    expect(readFileSync(linked, 'utf8')).toBe('binding')
  })

  it('takes the place of a file or of a link to somewhere else', () => {
    const { root, folder, binding } = installed()
    const linked = path.join(root, tfjsNode, 'lib/napi-v8/tfjs_binding.node')
    unlinkEngine(root)
    mkdirSync(path.dirname(linked), { recursive: true })
    symlinkSync('/nowhere', linked)
    linkEngine(root, folder, binding, wheel)
    expect(readFileSync(linked, 'utf8')).toBe('binding')
  })

  it('is ready as long as its files are whole and linked', () => {
    const { root, folder, record } = installed()
    expect(engineIsReady(root, record, undefined)).toBe(true)
    expect(engineIsReady(root, record, 'cuda')).toBe(false)
    expect(engineIsReady(root, { ...record, tensorflow: '2.16.1' }, undefined)).toBe(false)
    expect(engineIsReady(root, null, undefined)).toBe(false)
    writeFileSync(path.join(folder, 'lib/libtensorflow_cc.so.2'), 'cut')
    expect(engineIsReady(root, record, undefined)).toBe(false)
  })

  it('is not ready when its binding was made from other sources, as after an update', () => {
    const { root, record } = installed()
    writeFileSync(path.join(root, tfjsNode, 'binding/binding.cc'), 'int other;')
    expect(engineIsReady(root, record, undefined)).toBe(false)
  })

  it('is not ready when its links are gone, as after npm ci', () => {
    const { root, record } = installed()
    unlinkEngine(root)
    expect(engineIsReady(root, record, undefined)).toBe(false)
  })
})
