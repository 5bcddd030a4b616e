/**
 * Times of training steps, in lines of the form of reference_steps.py, which does the same in PyTorch.
 * See bench/README.md; `npm run bench -- steps --help` lists the options.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openEngine } from '../../src/ml/engine/open.ts'
import type { EnginePreference, Tf } from '../../src/ml/engine/open.ts'
import { workloads } from './workloads.ts'

const usage = `Usage: npm run bench -- steps [options]
  --workload NAME    ${Object.keys(workloads).join(', ')}; may be repeated (default: all)
  --steps N          steps timed in one repeat (default: by workload)
  --repeats R        default 5
  --threads T        default: all cores
  --engine NAME      native, wasm or auto (default)
  --json             nothing but JSON lines on standard output (they are the default; this also silences the notes)
  --against-pytorch  alternates with reference_steps.py in R rounds (default 3) and prints the ratio of the medians;
                     takes Python from $PYTHON, else python3, with torch installed`

interface Line {
  workload: string
  unit: string
  median: number
  min?: number
  max?: number
  steps?: number
}

const median = (values: number[]) => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
const round = (value: number, digits: number) => Number(value.toFixed(digits))
const print = (line: object) => console.log(JSON.stringify(line))

function options() {
  const { values } = parseArgs({
    options: {
      workload: { type: 'string', multiple: true },
      steps: { type: 'string' },
      repeats: { type: 'string' },
      threads: { type: 'string' },
      engine: { type: 'string', default: 'auto' },
      json: { type: 'boolean', default: false },
      'against-pytorch': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const count = (name: 'steps' | 'repeats' | 'threads') => {
    const text = values[name]
    if (text === undefined) return undefined
    const value = Number(text)
    if (!Number.isInteger(value) || value < 1)
      throw new Error(`--${name} must be a whole number of at least 1, not ${text}.`)
    return value
  }
  for (const name of values.workload ?? [])
    if (!Object.hasOwn(workloads, name))
      throw new Error(`There is no workload "${name}". They are: ${Object.keys(workloads).join(', ')}.`)
  if (!['auto', 'native', 'wasm'].includes(values.engine))
    throw new Error(`--engine must be auto, native or wasm, not ${values.engine}.`)
  return {
    ...values,
    engine: values.engine as EnginePreference,
    names: values.workload ?? Object.keys(workloads),
    steps: count('steps'),
    repeats: count('repeats'),
    threads: count('threads'),
  }
}

type Options = ReturnType<typeof options>

/** The matrix-multiply rate of this machine in this minute, in GFLOP/s. */
function sgemm(tf: Tf, size = 2048, count = 6): number {
  return tf.tidy(() => {
    const [a, b] = [tf.randomUniform([size, size]), tf.randomUniform([size, size])]
    const multiply = () => {
      const c = tf.matMul(a, b)
      // A backend may compute only when the result is read; one number makes it.
      tf.slice(c, [0, 0], [1, 1]).dataSync()
      c.dispose()
    }
    multiply()
    const start = performance.now()
    for (let i = 0; i < count; i++) multiply()
    return (count * 2 * size ** 3) / (performance.now() - start) / 1e6
  })
}

async function measure({ names, steps: wanted, repeats = 5, threads, engine, json }: Options): Promise<void> {
  const { tf, info } = await openEngine(threads === undefined ? { prefer: engine } : { prefer: engine, threads })
  if (!json) console.error(`${info.name}, ${info.threads} thread(s)${info.reason ? ` (${info.reason})` : ''}`)
  const size = info.backend === 'native' ? 2048 : 512
  print({ workload: 'sgemm', unit: 'GFLOP/s', median: round(median([1, 2, 3].map(() => sgemm(tf, size))), 1) })
  for (const name of names) {
    const { steps: usual, make } = workloads[name]!
    const steps = wanted ?? usual
    const step = make(tf)
    step(0)
    const times: number[] = []
    for (let repeat = 0, at = 1; repeat < repeats; repeat++) {
      const start = performance.now()
      for (let i = 0; i < steps; i++) step(at++)
      times.push((performance.now() - start) / steps)
    }
    const line: Line = { workload: name, unit: 'ms/step', median: round(median(times), 3) }
    print({ ...line, min: round(Math.min(...times), 3), max: round(Math.max(...times), 3), steps })
  }
}

/** Runs one side once, in a process of its own, and returns its lines. */
function runOnce(command: string, args: string[]): Line[] {
  const { status, stdout, error, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26 })
  if (error || status !== 0)
    throw new Error(
      `${command} did not run: ${error?.message ?? stderr.trim().split('\n').at(-1) ?? `exit status ${status}`}`,
    )
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
}

/** Both sides by turns, each in a fresh process, so that both meet the same machine. */
function compare({ names, steps, repeats: rounds = 3, threads, engine, json }: Options): void {
  const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))
  const python = process.env['PYTHON'] || 'python3'
  const common = [
    '--repeats',
    '2',
    ...(steps ? ['--steps', `${steps}`] : []),
    ...(threads ? ['--threads', `${threads}`] : []),
  ]
  for (const name of names) {
    const ours: number[] = []
    const theirs: number[] = []
    const rates: number[] = []
    for (let round = 0; round < rounds; round++) {
      const args = ['--workload', name, ...common]
      const [rate, line] = runOnce(process.execPath, [here('index.ts'), ...args, '--engine', engine, '--json'])
      const reference = runOnce(python, [here('../reference_steps.py'), ...args]).at(-1)
      rates.push(rate!.median)
      ours.push(line!.median)
      theirs.push(reference!.median)
      if (!json)
        console.error(`${name}, round ${round + 1} of ${rounds}: ${line!.median} ms, PyTorch ${reference!.median} ms`)
    }
    const [atelier, pytorch, sgemm] = [median(ours), median(theirs), median(rates)]
    const { gflop } = workloads[name]!
    print({
      workload: name,
      unit: 'ms/step',
      atelier: round(atelier, 3),
      pytorch: round(pytorch, 3),
      ratio: round(atelier / pytorch, 3),
      gflop: Number(gflop.toPrecision(4)),
      sgemm: round(sgemm, 1),
      // Time of the step's products at the rate of sgemm, over its time.
      ofSgemmLimit: round(gflop / sgemm / (atelier / 1e3), 3),
    })
  }
}

try {
  const chosen = options()
  if (chosen.help) console.log(usage)
  else if (chosen['against-pytorch']) compare(chosen)
  else await measure(chosen)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
