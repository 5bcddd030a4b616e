import { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../../..')
let script: string

/** Modules that a sandboxed preload script may require; https://electronjs.org/docs/latest/tutorial/sandbox. */
const SANDBOX_MODULES = ['electron', 'events', 'timers', 'url', 'node:events', 'node:timers', 'node:url']

beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'src/main/desktop/preload.ts')],
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    external: ['electron'],
  })
  script = outputFiles[0]!.text
})

interface Exposed {
  platform: string
  version: string
  chooseFolder(): Promise<string | null>
}

/** Runs the bundle as Electron's sandbox does: a bare `process`, a `require` of a few modules, a window. */
function load() {
  const ipcRenderer = Object.assign(new EventEmitter(), {
    sent: [] as unknown[][],
    invoked: [] as unknown[][],
    send: (...args: unknown[]) => void ipcRenderer.sent.push(args),
    invoke: async (...args: unknown[]) => (ipcRenderer.invoked.push(args), '/pictures'),
  })
  const exposed: Record<string, unknown> = {}
  const required: string[] = []
  const electron = {
    ipcRenderer,
    contextBridge: {
      exposeInMainWorld(name: string, api: unknown) {
        if (name in exposed) throw new Error('Cannot bind an API on top of an existing property on the window object')
        exposed[name] = api
      },
    },
  }
  const posted: { data: unknown; origin: string; transfer: unknown[] }[] = []
  const target = Object.assign(new EventTarget(), {
    postMessage: (data: unknown, origin: string, transfer: unknown[] = []) =>
      void posted.push({ data, origin, transfer }),
  })
  const context = createContext({
    module: { exports: {} },
    exports: {},
    require: (name: string) => {
      required.push(name)
      if (name === 'electron') return electron
      if (SANDBOX_MODULES.includes(name)) return createRequire(import.meta.url)(name)
      throw new Error(`module not found: ${name}`)
    },
    process: { platform: 'linux', argv: ['electron', '--type=renderer', '--atelier-version=1.2.3'], env: {} },
    window: target,
    location: { origin: 'app://atelier' },
  })
  runInContext(script, context)
  const say = (data: unknown, source: unknown = target, origin = 'app://atelier') =>
    target.dispatchEvent(Object.assign(new Event('message'), { data, source, origin }))
  return { exposed, ipcRenderer, posted, required, say, atelier: exposed['atelier'] as Exposed }
}
let page: ReturnType<typeof load>
beforeEach(() => {
  page = load()
})

describe('what the page is given', () => {
  it('is these names and no others: each one more is one more thing a hijacked page can do', () => {
    expect(Object.keys(page.exposed)).toEqual(['atelier'])
    expect(Object.keys(page.atelier).sort()).toEqual(['chooseFolder', 'platform', 'version'])
    expect(Object.isFrozen(page.atelier)).toBe(true)
  })
  it('tells the platform and the version', () => {
    expect(page.atelier).toMatchObject({ platform: 'linux', version: '1.2.3' })
  })
  it('the hole: a page that chooses the channel reaches every handler of the main process', async () => {
    const chooseFolder = page.atelier.chooseFolder as (...args: unknown[]) => Promise<string | null>
    expect(await chooseFolder('shell:open', '/usr/bin/xterm')).toBe('/pictures')
    expect(page.ipcRenderer.invoked).toEqual([['atelier:choose-folder']])
    expect(page.ipcRenderer.sent).toEqual([])
  })
  it('the script needs nothing that a sandboxed preload has not', () => {
    expect(page.required).toEqual(['electron'])
    expect(script).not.toMatch(/^\s*(import|export)\s/m)
  })
})

describe("the core's port", () => {
  it('is asked for when the page asks, and handed on to the page alone', () => {
    page.say('atelier:ask-port')
    expect(page.ipcRenderer.sent).toEqual([['atelier:ask-port']])
    const port = {}
    page.ipcRenderer.emit('atelier:port', { ports: [port] })
    expect(page.posted).toEqual([{ data: 'atelier:port', origin: 'app://atelier', transfer: [port] }])
  })
  it('the hole: a frame or another window asks in the name of the page', () => {
    page.say('atelier:ask-port', {})
    page.say('atelier:ask-port', null)
    page.say('atelier:ask-port', undefined, 'https://evil.example')
    page.say({ type: 'atelier:ask-port' })
    page.say('atelier:choose-folder')
    expect(page.ipcRenderer.sent).toEqual([])
  })
  it('a message without a port gives the page nothing', () => {
    page.ipcRenderer.emit('atelier:port', { ports: [] })
    expect(page.posted).toEqual([])
  })
})
