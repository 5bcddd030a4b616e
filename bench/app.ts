/**
 * How fast the app is there: the core from process start, and the window in a real browser.
 * `npm run bench -- app [--json] [--no-browser]`: a line a figure, with the target beside it. Runs the built bundles.
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import path from 'node:path'
import { execFileSync } from 'node:child_process'
import { chromium } from 'playwright-core'
import type { Page } from 'playwright-core'
import WebSocket from 'ws'
import { RPCLink } from '@orpc/client/websocket'
import { createORPCClient } from '@orpc/client'
import type { ContractRouterClient } from '@orpc/contract'
import { openLibrary } from '../src/main/store/index.ts'
import { tokenProtocol } from '../src/main/server/gate.ts'
import { presetParams } from '../src/shared/experiments/index.ts'
import { encodePng } from '../src/shared/png.ts'
import type { Contract } from '../src/shared/api.ts'
// @ts-expect-error plain JavaScript, shared with the set-up
import { findChromium } from '../scripts/lib/chromium.mjs'

const RUNS = 1000
const METRICS = 10
const SERIES = 8
const POINTS = 20_000
const STARTS = 9
const root = path.resolve(import.meta.dirname, '..')
const bundle = path.join(root, 'dist/main/serve.js')
const json = process.argv.includes('--json')

function report(figure: string, value: number, unit: string, bound: { most: number } | { least: number } | null): void {
  const rounded = Number(value.toPrecision(4))
  const [target, met] =
    bound === null
      ? [null, null]
      : 'most' in bound
        ? [`<= ${bound.most}`, value <= bound.most]
        : [`>= ${bound.least}`, value >= bound.least]
  if (json) console.log(JSON.stringify({ bench: 'app', figure, value: rounded, unit, target, met }))
  else
    console.log(
      `${met === null ? '    ' : met ? 'ok  ' : 'MISS'} ${figure.padEnd(62)} ${rounded.toLocaleString('en')} ${unit}${target ? ` (${target})` : ''}`,
    )
}

const sorted = (values: number[]) => [...values].sort((a, b) => a - b)
const median = (values: number[]) => sorted(values)[Math.floor(values.length / 2)]!
const percentile = (values: number[], p: number) =>
  sorted(values)[Math.min(values.length - 1, Math.floor(values.length * p))]!

/** A thousand finished runs with ten metrics and a thumbnail each; the first eight with long series to be compared. */
function fill(folder: string): string[] {
  const library = openLibrary(folder)
  const names = ['discriminatorLoss', 'generatorLoss', 'dReal', 'dFake', 'imagesPerSecond', 'a', 'b', 'c', 'd', 'e']
  const params = presetParams('dcgan', 'quick')
  const long: string[] = []
  for (let i = 0; i < RUNS; i++) {
    const { id } = library.createRun({
      kind: 'dcgan',
      preset: 'quick',
      params: { ...params, seed: i },
      status: 'paused',
    })
    library.startAttempt(id)
    const points = i < SERIES ? POINTS : 3
    if (i < SERIES) long.push(id)
    const png = encodePng(
      new Uint8Array(64 * 64).map((_, at) => (at * (i + 3)) & 255),
      64,
      64,
      1,
    )
    const time = Date.now() - (RUNS - i) * 60_000
    const wave = (step: number, k: number) =>
      Math.exp(-step / 5000) + Math.sin(step / 50 + k + i) / 5 + Math.random() / 5
    library.ingest({
      runId: id,
      attempt: 1,
      from: 0,
      to: 1,
      events: [
        { type: 'series', set: 0, names: names.slice(0, METRICS) },
        ...Array.from({ length: points }, (_, step) => ({
          type: 'metrics' as const,
          set: 0,
          step: step + 1,
          epoch: (step + 1) / 100,
          time: time + step,
          values: Float64Array.from(names, (_name, k) => wave(step, k)),
        })),
        {
          type: 'sample',
          time,
          name: 'samples',
          step: points,
          epoch: points / 100,
          columns: 8,
          rows: 8,
          tileWidth: 8,
          tileHeight: 8,
          png,
        },
        { type: 'ended', time: time + points, status: 'done', step: points, problem: null },
      ],
    })
  }
  library.close()
  return long
}

interface Served {
  child: ChildProcess
  port: number
  firstAnswer: number
  stop(): Promise<void>
}

const freePort = () => 20_000 + Math.floor(Math.random() * 20_000)

/** Milliseconds from the start of the process to the first 200. */
async function serve(library: string, cache: string): Promise<Served> {
  const port = freePort()
  const begun = performance.now()
  const child = spawn(process.execPath, [bundle, '--library', library, '--port', String(port)], {
    env: { ...process.env, ATELIER_CACHE: cache },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  while (!(await isServed(port))) {
    if (child.exitCode !== null) throw new Error('serve ended before it answered.')
    await new Promise((resolve) => setTimeout(resolve, 3))
  }
  const firstAnswer = performance.now() - begun
  return {
    child,
    port,
    firstAnswer,
    async stop() {
      child.kill('SIGTERM')
      await exited
    },
  }
}

const isServed = (port: number) =>
  new Promise<boolean>((resolve) => {
    const sent = request({ host: '127.0.0.1', port, path: '/' }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    sent.on('error', () => resolve(false))
    sent.end()
  })

/** The token stands in core.json as soon as the library is open. */
async function tokenOf(library: string): Promise<string> {
  const file = path.join(library, 'core.json')
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 3))
  return (JSON.parse(readFileSync(file, 'utf8')) as { token: string }).token
}

function residentMegabytes(pid: number): number {
  if (process.platform === 'linux')
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1000
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1000
}

async function listOverSocket(port: number, token: string): Promise<{ runs: number; milliseconds: number }> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api`, tokenProtocol(token))
  await new Promise((resolve) => socket.once('open', resolve))
  const client: ContractRouterClient<Contract> = createORPCClient(
    new RPCLink({ websocket: socket as unknown as globalThis.WebSocket }),
  )
  const begun = performance.now()
  const runs = await client.runs.list()
  const milliseconds = performance.now() - begun
  socket.close()
  return { runs: runs.length, milliseconds }
}

async function starts(library: string, cache: string): Promise<void> {
  const times: number[] = []
  const memory: number[] = []
  const used: number[] = []
  const lists: number[] = []
  for (let i = 0; i < STARTS; i++) {
    const served = await serve(library, cache)
    times.push(served.firstAnswer)
    const token = await tokenOf(library)
    memory.push(residentMegabytes(served.child.pid!))
    const list = await listOverSocket(served.port, token)
    if (list.runs !== RUNS) throw new Error(`The list has ${list.runs} runs.`)
    lists.push(list.milliseconds)
    used.push(residentMegabytes(served.child.pid!))
    await served.stop()
  }
  report('serve, from process start to the first 200 (median)', median(times), 'ms', { most: 600 })
  report('the same, at worst', Math.max(...times), 'ms', null)
  report('resident, library of 1,000 runs open', median(memory), 'MB', { most: 100 })
  report('resident, after a window has listed them', median(used), 'MB', null)
  report('list of 1,000 runs over the WebSocket, the first', median(lists), 'ms', null)
}

/** Milliseconds from navigation until rows of the list are painted and the page has nothing more to do. */
async function paint(page: Page, address: string): Promise<number> {
  await page.goto('about:blank')
  await page.goto(address)
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const look = () => {
          if (document.querySelectorAll('[role="row"], tbody tr').length < 10) requestAnimationFrame(look)
          else requestAnimationFrame(() => requestIdleCallback(() => resolve(performance.now())))
        }
        look()
      }),
  )
}

/** Intervals between frames while the mouse moves over the chart, in milliseconds. */
async function hover(page: Page, origin: string, ids: string[]): Promise<number[]> {
  await page.goto(`${origin}/#/compare?runs=${ids.join(',')}`)
  const canvas = page.locator('canvas').first()
  await canvas.waitFor()
  await page.waitForTimeout(2000)
  const box = (await canvas.boundingBox())!
  await page.evaluate(() => {
    const frames: number[] = []
    Object.assign(globalThis, { frames })
    const tick = (now: number) => {
      frames.push(now)
      requestAnimationFrame(tick)
    }
    requestAnimationFrame(tick)
  })
  const end = performance.now() + 3000
  for (let i = 0; performance.now() < end; i++) {
    const x = box.x + box.width * (0.1 + 0.8 * Math.abs(((i / 120) % 2) - 1))
    await page.mouse.move(x, box.y + box.height * (0.3 + 0.3 * Math.sin(i / 9)))
  }
  const frames = await page.evaluate(() => (globalThis as unknown as { frames: number[] }).frames)
  return frames.slice(1).map((at, i) => at - frames[i]!)
}

async function inBrowser(library: string, cache: string, ids: string[]): Promise<void> {
  const { executablePath, args } = (await findChromium()) as { executablePath: string; args: string[] }
  const browser = await chromium.launch({ executablePath, args, headless: true })
  const served = await serve(library, cache)
  try {
    const token = await tokenOf(library)
    const origin = `http://127.0.0.1:${served.port}`
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    const paints: number[] = []
    for (let i = 0; i < 5; i++) paints.push(await paint(page, `${origin}/#token=${token}`))
    report('list of 1,000 runs painted and interactive (median)', median(paints), 'ms', { most: 1000 })
    const intervals = await hover(page, origin, ids)
    report(
      `hover on a chart of ${SERIES} series of ${POINTS.toLocaleString('en')} points`,
      1000 / median(intervals),
      'fps',
      {
        least: 58,
      },
    )
    report('the same, 95th percentile of the time between frames', percentile(intervals, 0.95), 'ms', { most: 34 })
  } finally {
    await browser.close()
    await served.stop()
  }
}

async function main(): Promise<number> {
  if (!existsSync(bundle)) {
    process.stderr.write('The app has not been built. Run `npm run build` first.\n')
    return 2
  }
  const [load] = loadavg()
  if (!json && load! > availableParallelism() / 2)
    console.log(`This machine is busy (load ${load!.toFixed(1)}): times on the clock are longer than they would be.`)
  const folder = mkdtempSync(path.join(tmpdir(), 'atelier-bench-'))
  const library = path.join(folder, 'library')
  const cache = path.join(folder, 'cache')
  try {
    const ids = fill(library)
    await starts(library, cache)
    if (!process.argv.includes('--no-browser')) await inBrowser(library, cache, ids)
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  return 0
}

process.exitCode = await main()
