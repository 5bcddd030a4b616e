/**
 * The library's speed, the whole way from a worker's event log to SQLite and back to a chart.
 * `npm run bench -- store [--json]`: a line a figure, with the target beside it.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { followLog, openLibrary } from '../src/main/store/index.ts'
import type { Library } from '../src/main/store/index.ts'
import { encodeEvent } from '../src/shared/event-log.ts'
import type { WorkerEvent } from '../src/shared/events.ts'
import { encodePng } from '../src/shared/png.ts'
import { cpu, json, median, percentile, report, time } from './measure.ts'

const METRICS = 10
const STEPS = 100_000
const LONG_STEPS = 1_000_000
const GRIDS = 1000
const GRID = 256
const RUNS = 1000
const KILLS = 5
const names = Array.from({ length: METRICS }, (_, i) => `metric${i}`)
const spec = { kind: 'wgan-gp', preset: null, params: { dataset: 'mnist', width: 64, seed: 0, lrG: 1e-4, lrD: 1e-4 } }

/** Bytes of the closed library's database, write-ahead log included (there is none). */
const databaseBytes = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.startsWith('library.db'))
    .reduce((bytes, name) => bytes + statSync(join(folder, name)).size, 0)

function begin(library: Library): { id: string; folder: string; log: (event: WorkerEvent) => void } {
  const { id } = library.createRun(spec)
  library.startAttempt(id)
  const folder = library.attemptDirectory(id, 1)
  const fd = openSync(join(folder, 'events.log'), 'a')
  return { id, folder, log: (event) => void writeSync(fd, encodeEvent(event)) }
}

/** The training loop's side: a process that logs as the worker does and times each call. */
async function writer(folder: string): Promise<void> {
  const fd = openSync(join(folder, 'events.log'), 'a')
  const log = (event: WorkerEvent) => writeSync(fd, encodeEvent(event))
  log({ type: 'series', set: 0, names })
  const times = new Float64Array(STEPS)
  const values = new Float64Array(METRICS)
  const start = performance.now()
  for (let step = 0; step < STEPS; step++) {
    for (let i = 0; i < METRICS; i++) values[i] = Math.sin(step / (100 + i)) + Math.random() / 10
    const before = performance.now()
    log({ type: 'metrics', set: 0, step, epoch: step / 938, time: Date.now(), values })
    times[step] = performance.now() - before
  }
  const seconds = (performance.now() - start) / 1000
  times.sort()
  console.log(JSON.stringify({ seconds, p50: percentile(times, 0.5), p99: percentile(times, 0.99) }))
}

/** Writer and core at the same time, as in life; then the core alone on a log that is already there. */
async function points(root: string): Promise<void> {
  const folder = join(root, 'points')
  let library = openLibrary(folder)
  const first = begin(library)
  const start = performance.now()
  const child = spawn(process.execPath, [import.meta.filename, '--writer', first.folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (data: Buffer) => (said += data.toString()))
  const blocked: number[] = []
  const follower = followLog(library, first.id, 1, { interval: 20 })
  let before = performance.now()
  const pulse = setInterval(() => {
    const now = performance.now()
    blocked.push(now - before - 1)
    before = now
  }, 1)
  await once(child, 'exit')
  await follower.drain()
  clearInterval(pulse)
  const seconds = (performance.now() - start) / 1000
  await follower.stop()
  const call = JSON.parse(said) as { seconds: number; p50: number; p99: number }
  report('logging call, 10 metrics, 99th percentile', call.p99 * 1000, 'µs', { most: 50 })
  report('points, worker and core together, from process start', (METRICS * STEPS) / seconds, 'points/s', {
    least: 200_000,
  })
  report(
    'core away from its windows, 99th percentile',
    percentile(
      blocked.sort((a, b) => a - b),
      0.99,
    ),
    'ms',
    { most: 50 },
  )

  // The same log into a fresh library.
  const second = begin(library)
  writeFileSync(join(second.folder, 'events.log'), readFileSync(join(first.folder, 'events.log')))
  const again = performance.now()
  const busy = cpu()
  const catchUp = followLog(library, second.id, 1)
  await catchUp.drain()
  report('points, core catching up with a log', (METRICS * STEPS) / ((performance.now() - again) / 1000), 'points/s', {
    least: 200_000,
  })
  report('points, core catching up, by its CPU time', (METRICS * STEPS) / ((cpu() - busy) / 1000), 'points/s', {
    least: 200_000,
  })
  await catchUp.stop()
  library.close()
  report(
    'space of a point on disk, roll-ups and step marks included',
    databaseBytes(folder) / (2 * METRICS * STEPS),
    'B',
    { most: 30 },
  )
  library = openLibrary(folder, { readOnly: true })
  const missing = [first, second].reduce(
    (n, run) => n + library.chart(run.id).series.reduce((m, s) => m + STEPS - s.count, 0),
    0,
  )
  report('points lost or doubled', Math.abs(missing), 'points', { most: 0 })
  library.close()
}

/** Kills the writing worker at random moments: what its calls returned from has to be in the library. */
async function kills(root: string): Promise<void> {
  const library = openLibrary(join(root, 'kills'))
  let lost = 0
  for (let round = 0; round < KILLS; round++) {
    const run = begin(library)
    const script = `const { openSync, writeSync } = await import('node:fs')
      const { encodeEvent } = await import(${JSON.stringify(import.meta.resolve('../src/shared/event-log.ts'))})
      const log = openSync(process.argv[1] + '/events.log', 'a'), record = openSync(process.argv[1] + '/record', 'a')
      writeSync(log, encodeEvent({ type: 'series', set: 0, names: ['a'] }))
      for (let step = 0; ; step++) {
        writeSync(log, encodeEvent({ type: 'metrics', set: 0, step, epoch: 0, time: 0, values: Float64Array.of(step) }))
        writeSync(record, '.')
      }`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, run.folder], { stdio: 'inherit' })
    const exit = once(child, 'exit')
    const follower = followLog(library, run.id, 1, { interval: 10 })
    const record = join(run.folder, 'record')
    while (!statSync(record, { throwIfNoEntry: false })?.size) await new Promise((next) => setTimeout(next, 5))
    await new Promise((next) => setTimeout(next, Math.random() * 200))
    child.kill('SIGKILL')
    await exit
    await follower.drain()
    await follower.stop()
    lost += Math.max(0, statSync(record).size - (library.chart(run.id).series[0]?.count ?? 0))
  }
  library.close()
  report(`steps lost in ${KILLS} SIGKILLs of the worker`, lost, 'steps', { most: 0 })
}

function charts(root: string): void {
  const library = openLibrary(join(root, 'charts'))
  const { id } = begin(library)
  let offset = 0
  const put = (events: WorkerEvent[]) => {
    library.ingest({ runId: id, attempt: 1, events, from: offset, to: ++offset })
  }
  put([{ type: 'series', set: 0, names: ['loss'] }])
  const spike = 654_321
  for (let at = 0; at < LONG_STEPS; at += 8000)
    put(
      Array.from({ length: Math.min(8000, LONG_STEPS - at) }, (_, i) => {
        const step = at + i
        const value = step === spike ? 1000 : Math.exp(-step / 2e5) + Math.random() / 10
        return {
          type: 'metrics',
          set: 0,
          step,
          epoch: step / 938,
          time: 1.7e12 + step * 40,
          values: Float64Array.of(value),
        }
      }),
    )
  const spans = [LONG_STEPS, 400_000, 100_000, 30_000, 11_000, 9_000, 1_000]
  let worst = 0
  let worstCpu = 0
  let spikes = 0
  let looked = 0
  for (const span of spans) {
    const ranges = Array.from({ length: 40 }, () => Math.floor(Math.random() * (LONG_STEPS - span + 1)))
    const busy = cpu()
    const times = time(ranges.length, (i) => {
      const from = ranges[i]!
      const to = from + span - 1
      const s = library.chart(id, { from, to }).series[0]!
      if (from > spike || to < spike) return
      looked++
      if (s.max.includes(1000)) spikes++
    })
    worst = Math.max(worst, median(times))
    worstCpu = Math.max(worstCpu, (cpu() - busy) / (ranges.length + 1))
  }
  report('chart of any range of 1,000,000 points, 1000 buckets (worst median)', worst, 'ms', { most: 5 })
  report('the same by CPU time (worst mean)', worstCpu, 'ms', { most: 5 })
  report('charts over a one-step spike that lack it', looked - spikes, `of ${looked}`, { most: 0 })
  library.close()
}

/** Something like a grid of generated digits: bright strokes on dark ground, with noise. */
function digits(seed: number): Uint8Array {
  const pixels = new Uint8Array(GRID * GRID)
  for (let y = 0; y < GRID; y++)
    for (let x = 0; x < GRID; x++) {
      const radius = Math.hypot((x % 32) - 16 + (seed % 5), (y % 32) - 16)
      pixels[y * GRID + x] =
        radius > 6 && radius < 10 ? 200 + Math.random() * 55 : Math.random() < 0.1 ? Math.random() * 30 : 0
    }
  return pixels
}

async function samples(root: string): Promise<void> {
  const library = openLibrary(join(root, 'samples'))
  const run = begin(library)
  const images = Array.from({ length: GRIDS }, (_, i) => digits(i))
  const encoding = time(100, (i) => encodePng(images[i]!, GRID, GRID, 1))
  report('encoding a grid of 256×256 in the worker', median(encoding), 'ms', { most: 2 })
  const pngs = images.map((pixels) => encodePng(pixels, GRID, GRID, 1))
  const layout = { columns: 8, rows: 8, tileWidth: 32, tileHeight: 32 }
  const start = performance.now()
  pngs.forEach((png, step) =>
    run.log({ type: 'sample', time: step, name: 'samples', step, epoch: step, ...layout, png }),
  )
  const follower = followLog(library, run.id, 1)
  await follower.drain()
  const seconds = (performance.now() - start) / 1000
  await follower.stop()
  report('grids through the log into the library', GRIDS / seconds, 'grids/s', { least: 900 })
  const list = library.samples(run.id)
  if (list.length !== GRIDS) throw new Error(`${list.length} of ${GRIDS} grids are in the library.`)
  report('reading a grid', median(time(200, (i) => library.blob(list[i]!.hash))), 'ms', { most: 5 })
  library.close()
}

function runList(root: string): void {
  const folder = join(root, 'runs')
  let library = openLibrary(folder)
  for (let i = 0; i < RUNS; i++) {
    const { id } = library.createRun({ ...spec, tags: ['sweep'], status: 'paused' })
    library.startAttempt(id)
    const png = Uint8Array.of(i & 255, i >> 8)
    const grid = { time: i, columns: 8, rows: 8, tileWidth: 32, tileHeight: 32 }
    library.ingest({
      runId: id,
      attempt: 1,
      from: 0,
      to: 1,
      events: [
        { type: 'series', set: 0, names },
        { type: 'metrics', set: 0, step: 1, epoch: 1, time: i, values: Float64Array.from(names, () => Math.random()) },
        { type: 'sample', name: 'samples', step: 1, epoch: 1, ...grid, png },
        { type: 'ended', time: i, status: 'done', step: 1, problem: null },
      ],
    })
  }
  library.close()
  const coldTimes: number[] = []
  for (let i = 0; i < 10; i++) {
    const opened = openLibrary(folder, { readOnly: true })
    const start = performance.now()
    const runs = opened.runs()
    const took = performance.now() - start
    if (runs.length !== RUNS || Object.keys(runs[0]!.metrics).length !== METRICS)
      throw new Error('The list is not whole.')
    opened.close()
    coldTimes.push(took)
  }
  report('list of 1,000 runs with 10 metrics, first time', median(coldTimes), 'ms', { most: 20 })
  library = openLibrary(folder)
  library.runs()
  report('list of 1,000 runs with 10 metrics, again', median(time(20, () => library.runs())), 'ms', { most: 20 })
  library.close()
}
async function main(): Promise<void> {
  const writing = process.argv.indexOf('--writer')
  if (writing > 0) return writer(process.argv[writing + 1]!)
  const [load] = loadavg()
  if (!json && load! > availableParallelism() / 2)
    console.log(`This machine is busy (load ${load!.toFixed(1)}): times on the clock are longer than they would be.`)
  const root = mkdtempSync(join(tmpdir(), 'atelier-bench-'))
  try {
    await points(root)
    await kills(root)
    charts(root)
    await samples(root)
    runList(root)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

await main()
