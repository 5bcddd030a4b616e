import { execFile } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, matchesGlob, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { createPackage, extractFile, listPackage } from '@electron/asar'
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { createCore } from '../../../src/main/core.ts'
import { packagedWorker, usePackagedWorker } from '../../../src/main/desktop/packaged.ts'
import { EngineInfo } from '../../../src/shared/engine.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../../..')
const isBuilt =
  existsSync(join(root, 'dist/main/desktop/main.js')) && existsSync(join(root, 'dist/renderer/index.html'))

// Neither the packer's scripts nor js-yaml declare their types.
const { load } = createRequire(import.meta.url)('js-yaml') as { load(text: string): unknown }
const script = <T>(file: string) => import(pathToFileURL(join(root, 'scripts', file)).href) as Promise<T>
interface Scripts {
  stageApp(options: { out: string }): void
  stageIcon(options: { out: string }): Promise<void>
  stageWorker(options: { out: string }): { node: string; worker: string; native: boolean }
  packageClosure(root: string, names: { required: string[]; optional: string[] }): string[]
}

const Rule = z.object({ from: z.string(), to: z.string(), filter: z.array(z.string()) })
const config = z
  .object({
    beforeBuild: z.string(),
    asar: z.literal(true),
    asarUnpack: z.array(z.string()),
    files: z.array(Rule),
    extraResources: z.array(Rule),
    electronFuses: z.record(z.string(), z.boolean()),
    linux: z.object({ icon: z.string(), target: z.array(z.string()) }),
    mac: z.object({ icon: z.string(), target: z.array(z.string()) }),
    win: z.object({ icon: z.string(), target: z.array(z.string()) }),
  })
  .parse(load(readFileSync(join(root, 'electron-builder.yml'), 'utf8')))

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'atelier-package-'))
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

/** No PATH, no NODE_PATH, a home of its own: nothing but what was packed can be found. */
const bare = () => ({ HOME: folder, ATELIER_CACHE: join(folder, 'cache') })
const files = (of: string) =>
  readdirSync(of, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(of, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))

/** Starts the bundle of the main process on the stand-in, out of where it was laid; what its core says of itself. */
async function startMain(app: string, resources: string) {
  const starter = join(import.meta.dirname, 'staged-main.ts')
  const { stdout } = await run(process.execPath, [starter, app, resources], { cwd: folder, env: bare() })
  const last: unknown = JSON.parse(stdout.trim().split('\n').at(-1)!)
  return z
    .object({
      info: z.object({ version: z.string(), engine: EngineInfo, library: z.object({ schemaVersion: z.number() }) }),
      node: z.string(),
      worker: z.string(),
      page: z.number(),
      preload: z.string(),
    })
    .parse(last)
}

describe('where a package carries its worker', () => {
  it('is beside the archive, and told to the core when it is there', () => {
    expect(packagedWorker('/r', 'linux')).toEqual({ node: '/r/node/bin/node', entry: '/r/worker/ml/worker.js' })
    expect(packagedWorker('/r', 'win32').node).toMatch(/node[\\/]node\.exe$/)
    const env: Record<string, string | undefined> = {}
    usePackagedWorker(join(folder, 'nowhere'), env)
    expect(env).toEqual({})
    const { node, entry } = packagedWorker(join(folder, 'fake'))
    for (const file of [node, entry]) {
      mkdirSync(join(file, '..'), { recursive: true })
      writeFileSync(file, '')
    }
    usePackagedWorker(join(folder, 'fake'), env)
    expect(env).toEqual({ ATELIER_NODE: node, ATELIER_WORKER: entry })
    const set = { ATELIER_NODE: '/mine' }
    usePackagedWorker(join(folder, 'fake'), set)
    expect(set.ATELIER_NODE).toBe('/mine')
  })
})

describe('the settings of the packer', () => {
  it('set every fuse: the hole that each closes is a way to run other code as Atelier', () => {
    expect(config.electronFuses).toEqual({
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      enableCookieEncryption: true,
      grantFileProtocolExtraPrivileges: false,
    })
  })
  it('name packages for three systems', () => {
    expect([config.linux.target, config.mac.target, config.win.target]).toEqual([
      ['AppImage', 'deb'],
      ['dmg', 'zip'],
      ['nsis'],
    ])
  })
})

describe.skipIf(!isBuilt)('what is packed', () => {
  const stage = () => join(folder, 'stage')
  const app = () => join(stage(), 'app')
  const resources = () => join(stage(), 'resources')

  beforeAll(async () => {
    const { stageApp } = await script<Scripts>('lib/stage-app.mjs')
    const { stageIcon } = await script<Scripts>('lib/stage-icon.mjs')
    const { stageWorker } = await script<Scripts>('stage-worker.mjs')
    stageApp({ out: app() })
    stageWorker({ out: resources() })
    await stageIcon({ out: join(stage(), 'icon.png') })
  }, 120_000)

  it('is all that the settings name, and all of it comes from the hook that they name', () => {
    expect(existsSync(join(root, config.beforeBuild))).toBe(true)
    const named = [...config.files, ...config.extraResources].map(({ from }) => from)
    for (const place of [...named, config.linux.icon, config.mac.icon, config.win.icon]) {
      expect(place).toMatch(/^out\/stage\//)
      expect(existsSync(join(stage(), place.slice('out/stage/'.length))), place).toBe(true)
    }
    for (const { filter } of [...config.files, ...config.extraResources]) expect(filter).toEqual(['**/*'])
  })
  it('draws the icon large enough for every system', async () => {
    expect(await sharp(join(stage(), 'icon.png')).metadata()).toMatchObject({
      width: 1024,
      height: 1024,
      format: 'png',
    })
  })
  it('holds every native module of the dependencies where the system can map it, and none in the archive', async () => {
    const { packageClosure } = await script<Scripts>('lib/stage-files.mjs')
    const { dependencies, optionalDependencies } = JSON.parse(
      readFileSync(join(root, 'package.json'), 'utf8'),
    ) as Record<string, Record<string, string>>
    const closure = packageClosure(root, {
      required: Object.keys(dependencies!),
      optional: Object.keys(optionalDependencies!),
    })
    const native = closure.flatMap((of) =>
      files(of)
        .filter((file) => /\.(node|so(\.\d+)*|dylib|dll)$/.test(file) && !file.includes('node_modules/'))
        .map((file) => relative(root, join(of, file)).replaceAll('\\', '/')),
    )
    // better-sqlite3 brings a binding for each platform; ours is the one that counts.
    const mine = `prebuilds/${process.platform}-${process.arch}.node`
    const ours = native.filter((file) => !file.includes('/prebuilds/') || file.endsWith(mine))
    expect(ours.some((file) => file.includes('better-sqlite3'))).toBe(true)
    expect(ours.some((file) => file.includes('@img/sharp'))).toBe(true)
    for (const file of ours) {
      const inWorker = existsSync(join(resources(), 'worker', file))
      const unpacked = existsSync(join(app(), file)) && config.asarUnpack.some((pattern) => matchesGlob(file, pattern))
      expect(inWorker || unpacked, file).toBe(true)
    }
    for (const file of files(app()).filter((name) => /\.(node|so(\.\d+)*|dylib|dll)$/.test(name)))
      expect(
        config.asarUnpack.some((pattern) => matchesGlob(file, pattern)),
        file,
      ).toBe(true)
  })
  it('better-sqlite3 speaks Node-API alone, so that Electron loads the binding that Node loads', async () => {
    const binding = join(app(), `node_modules/better-sqlite3/prebuilds/${process.platform}-${process.arch}.node`)
    const text = readFileSync(binding).toString('latin1')
    expect(text).toContain('napi_register_module_v1')
    // Mangled names of V8's and node's own C++ interfaces, which change with every version.
    expect(text).not.toMatch(/_ZN2v8|_ZN4node|\?\?0.*@v8@@/)
  })
  it('has no file twice in reach of a worker: no link leads out of the package', () => {
    for (const entry of readdirSync(stage(), { recursive: true, withFileTypes: true }))
      expect(entry.isSymbolicLink(), entry.name).toBe(false)
  })

  it('says which engine trains, by its own Node and nothing else', async () => {
    const { node, entry } = packagedWorker(resources())
    const { stdout } = await run(node, [entry, 'engine'], { cwd: folder, env: bare() })
    const packed = EngineInfo.parse(JSON.parse(stdout.trim().split('\n').at(-1)!))
    const source = await run(process.execPath, [join(root, 'src/ml/worker.ts'), 'engine'], { env: bare() })
    expect(packed).toEqual(EngineInfo.parse(JSON.parse(source.stdout.trim().split('\n').at(-1)!)))
  }, 60_000)
  it('trains a model to its end with it, and imports images', async () => {
    const { node, entry } = packagedWorker(resources())
    const pictures = join(folder, 'pictures')
    mkdirSync(pictures, { recursive: true })
    for (let i = 0; i < 3; i++)
      await sharp({ create: { width: 40, height: 30, channels: 3, background: { r: 80 * i, g: 9, b: 9 } } })
        .png()
        .toFile(join(pictures, `${i}.png`))
    const importing = ['dataset', 'import', '--folder', pictures, '--name', 'three', '--size', '28', '--colour', 'grey']
    const imported = await run(node, [entry, ...importing, '--cache', join(folder, 'cache')], {
      cwd: folder,
      env: bare(),
    })
    expect(JSON.parse(imported.stdout.trim().split('\n').at(-1)!)).toMatchObject({
      type: 'ready',
      manifest: { train: { count: 3 }, skipped: [] },
    })

    // The worker's place is asked for once a process, so a process of its own has to ask.
    vi.stubEnv('ATELIER_NODE', node)
    vi.stubEnv('ATELIER_WORKER', entry)
    const core = await createCore({
      libraryDirectory: join(folder, 'library'),
      cacheDirectory: join(folder, 'cache'),
      platform: 'desktop',
    })
    try {
      const params = { dataset: 'mnist', width: 4, limit: 64, batch: 32, epochs: 1, sampleEvery: 1 }
      const { id } = await core.client.runs.launch({ kind: 'wgan-gp', params })
      await vi.waitFor(() => expect(['done', 'failed']).toContain(core.library.run(id)!.status), 90_000)
      expect(core.library.run(id)).toMatchObject({ status: 'done', problem: null })
      expect(await core.client.samples.list({ id })).toHaveLength(2)
    } finally {
      await core.close()
    }
  }, 120_000)
  it('starts: the main process, its library, and the worker that it finds beside it', async () => {
    const started = await startMain(app(), resources())
    const { node, entry } = packagedWorker(resources())
    expect(started).toMatchObject({ node, worker: entry, page: 200 })
    expect(existsSync(started.preload)).toBe(true)
    expect(started.info.library.schemaVersion).toBeGreaterThan(0)
    expect(started.info.engine.name).not.toBe('Unknown engine')
  }, 60_000)

  it.skipIf(process.platform !== 'linux')(
    'electron-builder makes of it what the settings say',
    async () => {
      const electron = join(folder, 'electron')
      await fakeElectron(electron)
      const out = join(folder, 'out')
      const builder = join(root, 'node_modules/electron-builder/cli.js')
      const options = [`-c.electronDist=${electron}`, `-c.directories.output=${out}`]
      // Hard links in place of a gigabyte copied; the packer's own wish for tests.
      const env = { ...process.env, USE_HARD_LINKS: 'true' }
      await run(process.execPath, [builder, '--linux', 'dir', ...options], { cwd: root, env })

      const packed = join(out, 'linux-unpacked')
      const archive = join(packed, 'resources/app.asar')
      const inside = listPackage(archive, { isPack: false }).map((file) => file.slice(1))
      expect(files(app()).filter((file) => !inside.includes(file))).toEqual([])
      expect(inside.filter((file) => /@tensorflow|sharp|\.map$|\.ts$/.test(file))).toEqual([])
      const manifest = JSON.parse(extractFile(archive, 'package.json').toString()) as { main: string }
      expect(inside).toContain(manifest.main)
      expect(files(join(packed, 'resources/app.asar.unpacked'))).toContain(
        `node_modules/better-sqlite3/prebuilds/linux-${process.arch}.node`,
      )
      const lost = files(resources()).filter((file) => !existsSync(join(packed, 'resources', file)))
      expect(lost.filter((file) => !file.endsWith('.gitkeep'))).toEqual([])
      expect(statSync(join(packed, 'resources/node/bin/node')).mode & 0o111).toBe(0o111)

      const wire = await getCurrentFuseWire(join(packed, 'atelier'))
      const [off, on] = Buffer.from('01')
      expect(wire).toMatchObject({
        [FuseV1Options.RunAsNode]: off,
        [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: off,
        [FuseV1Options.EnableNodeCliInspectArguments]: off,
        [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: on,
        [FuseV1Options.OnlyLoadAppFromAsar]: on,
        [FuseV1Options.EnableCookieEncryption]: on,
        [FuseV1Options.GrantFileProtocolExtraPrivileges]: off,
      })

      const { node, entry } = packagedWorker(join(packed, 'resources'))
      const { stdout } = await run(node, [entry, 'engine'], { cwd: folder, env: bare() })
      expect(EngineInfo.parse(JSON.parse(stdout.trim().split('\n').at(-1)!)).version).toBeTruthy()
    },
    300_000,
  )
})

/**
 * A distribution of Electron for a machine that has none: electron-builder only copies it, renames its program and
 * flips the fuses in it. The wire is Electron's own, with the fuses as it ships them.
 */
async function fakeElectron(to: string): Promise<void> {
  const wire = Buffer.concat([
    Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'),
    Buffer.from([1, 9]),
    Buffer.from('101100011'),
    Buffer.alloc(64),
  ])
  mkdirSync(join(to, 'resources'), { recursive: true })
  const program = join(to, 'electron')
  writeFileSync(program, Buffer.concat([Buffer.from('#!/bin/sh\nexit 1\n'), wire]))
  chmodSync(program, 0o755)
  for (const file of ['LICENSE', 'LICENSES.chromium.html', 'chrome-sandbox', 'version'])
    writeFileSync(join(to, file), '-')
  const defaultApp = join(to, 'default')
  mkdirSync(defaultApp)
  writeFileSync(join(defaultApp, 'package.json'), '{}')
  await createPackage(defaultApp, join(to, 'resources/default_app.asar'))
  rmSync(defaultApp, { recursive: true })
}
