import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
// @ts-expect-error plain JavaScript: it runs before anything is installed
import { findChromium } from '../../scripts/lib/chromium.mjs'
// @ts-expect-error plain JavaScript: it runs before anything is installed
import { fetchElectron, findElectron, hasDisplay } from '../../scripts/lib/electron.mjs'
// @ts-expect-error plain JavaScript: it runs before anything is installed
import { installedMatches } from '../../scripts/lib/packages.mjs'
// @ts-expect-error plain JavaScript: it runs before anything is installed
import { cacheDirectory, findNode } from '../../scripts/lib/paths.mjs'
// @ts-expect-error plain JavaScript: it runs before anything is installed
import { createProgress } from '../../scripts/lib/progress.mjs'
// @ts-expect-error plain JavaScript: it runs before anything is installed
import { summarise } from '../../scripts/lib/test-summary.mjs'
import { cacheDirectory as coreCacheDirectory } from '../../src/main/paths.ts'
import { silentProgress, temporaryFolder } from './support.ts'

describe('the cache folder', () => {
  it.each([
    { platform: 'linux', env: {}, home: '/home/ada' },
    { platform: 'linux', env: { XDG_CACHE_HOME: '/fast/cache' }, home: '/home/ada' },
    { platform: 'linux', env: { XDG_CACHE_HOME: 'relative' }, home: '/home/ada' },
    { platform: 'linux', env: { ATELIER_CACHE: '~/here' }, home: '/home/ada' },
    { platform: 'linux', env: { ATELIER_CACHE: '/there' }, home: '/home/ada' },
    { platform: 'darwin', env: {}, home: '/Users/ada' },
    { platform: 'win32', env: { LOCALAPPDATA: '/appdata' }, home: '/ada' },
  ] as const)('is where the core looks for it: $platform $env', (source) => {
    expect(cacheDirectory(source)).toBe(coreCacheDirectory(source))
  })
})

describe('whether the packages are those of the lockfile', () => {
  const lock = {
    packages: {
      '': {},
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b': { version: '2.0.0', optional: true },
    },
  }

  it('accepts what matches, without the optional ones of other platforms', () => {
    expect(installedMatches(lock, { packages: { 'node_modules/a': { version: '1.0.0' } } })).toBe(true)
  })

  it.each([
    ['a missing package', { packages: {} }],
    ['another version', { packages: { 'node_modules/a': { version: '1.0.1' } } }],
    [
      'another version of an optional one',
      {
        packages: { 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '1.9.0' } },
      },
    ],
    ['no record of an installation', null],
  ])('refuses %s', (_name, installed) => {
    expect(installedMatches(lock, installed)).toBe(false)
  })
})

describe('the last line of npm test', () => {
  const report = { success: true, numPassedTests: 12, numFailedTests: 0, numPendingTests: 0, testResults: [] }

  it('counts what passed', () => {
    expect(summarise(report, 0)).toEqual({ line: '12 passed, 0 failed', ok: true })
  })

  it('counts what was skipped', () => {
    expect(summarise({ ...report, numPendingTests: 2, numTodoTests: 1 }, 0).line).toBe('12 passed, 0 failed, 3 skipped')
  })

  it('counts failed tests, and files that failed before their first test', () => {
    const testResults = [
      { status: 'failed', assertionResults: [{ status: 'failed' }] },
      { status: 'failed', assertionResults: [] },
    ]
    const result = summarise({ ...report, success: false, numFailedTests: 1, testResults }, 1)
    expect(result).toEqual({ line: '12 passed, 2 failed', ok: false })
  })

  it('never says that nothing failed when vitest says otherwise or left no report', () => {
    expect(summarise(report, 1)).toEqual({ line: '12 passed, 1 failed', ok: false })
    expect(summarise({ ...report, success: false }, 0).ok).toBe(false)
    expect(summarise(null, 137)).toEqual({ line: '0 passed, 1 failed', ok: false })
  })
})

describe('progress', () => {
  function recorder(isTTY: boolean) {
    const written: string[] = []
    return { written, stream: { isTTY, columns: 60, write: (text: string) => written.push(text) } }
  }

  it('prints plain lines where there is no terminal: start, quarters, end', async () => {
    const { written, stream } = recorder(false)
    await createProgress({ stream }).step('Fetching', async (update: (fraction: number) => void) => {
      for (let percent = 0; percent <= 100; percent += 5) update(percent / 100)
    })
    expect(written).toEqual([
      '  Fetching …\n',
      '  Fetching: 25%\n',
      '  Fetching: 50%\n',
      '  Fetching: 75%\n',
      '  ✓ Fetching (0 s)\n',
    ])
  })

  it('tells how a step failed, and lets the failure through', async () => {
    const { written, stream } = recorder(false)
    const step = createProgress({ stream }).step('Fetching', () => Promise.reject(new Error('no network\nat x')))
    await expect(step).rejects.toThrow('no network')
    expect(written.at(-1)).toBe('  ✗ Fetching: no network (0 s)\n')
  })
})

describe('Electron', () => {
  it('is looked for in $ELECTRON_OVERRIDE_DIST_PATH first', () => {
    const folder = temporaryFolder()
    const options = { root: folder, env: { ELECTRON_OVERRIDE_DIST_PATH: folder }, platform: 'linux' }
    expect(findElectron(options)).toBeNull()
    writeFileSync(path.join(folder, 'electron'), '')
    expect(findElectron(options)).toBe(path.join(folder, 'electron'))
  })

  it('is fetched once: a failure is remembered until it is asked for again', async () => {
    const root = temporaryFolder()
    const folder = path.join(root, 'node_modules/electron')
    mkdirSync(folder, { recursive: true })
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ version: '45.4.1', type: 'commonjs' }))
    writeFileSync(path.join(folder, 'install.js'), "console.error('Error: 403 Forbidden'); process.exit(1)")
    const options = { root, node: process.execPath }
    const first = silentProgress()
    expect(await fetchElectron(first, options)).toBe('Error: 403 Forbidden')
    expect(first.steps).toHaveLength(1)
    const second = silentProgress()
    expect(await fetchElectron(second, options)).toBe('Error: 403 Forbidden')
    expect(second.steps).toHaveLength(0)
    const third = silentProgress()
    await fetchElectron(third, { ...options, retry: true })
    expect(third.steps).toHaveLength(1)
  })

  it('needs a screen on Linux', () => {
    expect(hasDisplay({ platform: 'linux', env: {} })).toBe(false)
    expect(hasDisplay({ platform: 'linux', env: { WAYLAND_DISPLAY: 'wayland-0' } })).toBe(true)
    expect(hasDisplay({ platform: 'darwin', env: {} })).toBe(true)
  })
})

describe('Chromium for the tests', () => {
  it('is the one that the user names', async () => {
    const file = path.join(temporaryFolder(), 'chromium')
    writeFileSync(file, '')
    expect((await findChromium({ env: { ATELIER_CHROMIUM: file } })).executablePath).toBe(file)
  })

  it('is refused when the named one is not there', async () => {
    await expect(findChromium({ env: { ATELIER_CHROMIUM: '/no/chromium' } })).rejects.toThrow(
      'ATELIER_CHROMIUM names /no/chromium, which does not exist.',
    )
  })
})

it('finds the Node that npm installed', () => {
  expect(findNode()).toContain('node')
})

describe.skipIf(process.platform === 'win32')('a program run in our place', () => {
  function runThrough(script: string) {
    const folder = temporaryFolder()
    const program = path.join(folder, 'program.sh')
    writeFileSync(program, `#!/bin/sh\n${script}\n`)
    chmodSync(program, 0o755)
    const url = pathToFileURL(path.resolve(import.meta.dirname, '../../scripts/lib/pass-through.mjs')).href
    const code = `import { passThrough } from ${JSON.stringify(url)}
      process.exitCode = await passThrough(${JSON.stringify(program)}, ['one', 'two words'])`
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['pipe', 'pipe', 'inherit'] })
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    return { child, ended, output: () => out }
  }

  it('gets our arguments and input, and its status becomes ours', async () => {
    const { child, ended, output } = runThrough('echo "$#:$2"; cat; exit 3')
    child.stdin.end('typed')
    expect(await ended).toBe(3)
    expect(output()).toBe('2:two words\ntyped')
  })

  it('gets our signals', async () => {
    const { child, ended, output } = runThrough("trap 'echo told; exit 5' TERM; echo up; while :; do sleep 0.05; done")
    await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()))
    child.kill('SIGTERM')
    expect(await ended).toBe(5)
    expect(output()).toBe('up\ntold\n')
  })

  it('ends us with 128 and the number of the signal that ended it', async () => {
    const { ended } = runThrough('kill -9 $$')
    expect(await ended).toBe(137)
  })
})
