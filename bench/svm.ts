/**
 * Times of fitting the linear SVM on standardised features of a real VAE, here and in scikit-learn (svm_reference.py).
 * See bench/README.md; `npm run bench -- svm --help` lists the options.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { cacheDirectory } from '../src/main/paths.ts'
import { createBatches } from '../src/ml/datasets/batches.ts'
import { openDataset } from '../src/ml/datasets/open-dataset.ts'
import { openEngine } from '../src/ml/engine/open.ts'
import { createVaeTrainer } from '../src/ml/experiments/vae/step.ts'
import { standardisation, standardise } from '../src/ml/models/feature-map/standardise.ts'
import { fitLinearSvm } from '../src/ml/models/linear-svm/index.ts'

const usage = `Usage: npm run bench -- svm [options]
  --dataset ID       mnist (default) or fashion-mnist
  --epochs N         of the VAE whose features are used (default 2)
  --rows N           may be repeated (default: 3000 and 60000)
  --rounds R         processes of each kind, by turns (default 3)
  --repeats R        fits of each size in a process (default 3)
  --json             nothing but JSON lines on standard output
  --against-sklearn  alternates with svm_reference.py and prints the ratio of the medians; takes Python from $PYTHON, else
                     python3, with scikit-learn installed`

const width = 50
const pixels = 784

/** What one process found for one size. */
interface Line {
  rows: number
  /** The first fit of the process and all, in ms. */
  first: number
  times: number[]
  /** Summed over the classes. */
  objective: number
}

const { values } = parseArgs({
  options: {
    dataset: { type: 'string', default: 'mnist' },
    epochs: { type: 'string', default: '2' },
    rows: { type: 'string', multiple: true, default: ['3000', '60000'] },
    rounds: { type: 'string', default: '3' },
    repeats: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
    'against-sklearn': { type: 'boolean', default: false },
    // What the bench starts itself with, to time in a process of its own: the folder of the features.
    fit: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
const count = (name: string, text: string) => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`--${name} must be a whole number of at least 1, not ${text}.`)
  return value
}
const sizes = values.rows.map((text) => count('rows', text))
const repeats = count('repeats', values.repeats)

if (values.help) console.log(usage)
else if (values.fit) fitAll(values.fit)
else await compare()

function fitAll(folder: string): void {
  const bytes = readFileSync(path.join(folder, 'features.f32'))
  const x = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
  const labels = readFileSync(path.join(folder, 'labels.u8'))
  for (const rows of sizes) {
    const times: number[] = []
    let objective = 0
    for (let repeat = 0; repeat < repeats; repeat++) {
      const start = performance.now()
      const fit = fitLinearSvm({
        x: x.subarray(0, rows * width),
        rows,
        features: width,
        labels: labels.subarray(0, rows),
      })
      times.push(performance.now() - start)
      objective = fit.objective.reduce((sum, value) => sum + value, 0)
    }
    console.log(JSON.stringify({ rows, first: times[0], times, objective }))
  }
}

async function compare(): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'atelier-bench-svm-'))
  try {
    await writeFeatures(folder)
    const own = ['--fit', folder, '--repeats', String(repeats), ...sizes.flatMap((rows) => ['--rows', String(rows)])]
    const reference = fileURLToPath(new URL('svm_reference.py', import.meta.url))
    const files = ['features.f32', 'labels.u8'].map((name) => path.join(folder, name))
    const theirs = [reference, ...files, String(width), ...sizes.map(String), '--repeats', String(repeats)]
    const found: Record<'atelier' | 'sklearn', Line[]> = { atelier: [], sklearn: [] }
    for (let round = 0; round < count('rounds', values.rounds); round++) {
      found.atelier.push(...linesOf(process.execPath, [fileURLToPath(import.meta.url), ...own]))
      if (values['against-sklearn']) found.sklearn.push(...linesOf(process.env['PYTHON'] ?? 'python3', theirs))
    }
    for (const rows of sizes) report(rows, found)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function report(rows: number, found: Record<'atelier' | 'sklearn', Line[]>): void {
  const of = (who: 'atelier' | 'sklearn') => {
    const lines = found[who].filter((line) => line.rows === rows)
    return lines.length
      ? {
          ms: round(median(lines.flatMap((line) => line.times))),
          firstMs: round(median(lines.map((line) => line.first))),
          objective: lines[0]!.objective,
        }
      : null
  }
  const [atelier, sklearn] = [of('atelier')!, of('sklearn')]
  const ratio = sklearn && Number((atelier.ms / sklearn.ms).toFixed(3))
  const firstRatio = sklearn && Number((atelier.firstMs / sklearn.firstMs).toFixed(3))
  if (values.json)
    return console.log(JSON.stringify({ bench: 'svm', rows, width, atelier, sklearn, ratio, firstRatio }))
  console.log(
    `${rows.toLocaleString('en')} × ${width}: ${atelier.ms} ms (first fit of a process ${atelier.firstMs} ms)`,
  )
  if (sklearn)
    console.log(
      `  scikit-learn ${sklearn.ms} ms (first ${sklearn.firstMs} ms); ratio ${ratio}, of the first fits ${firstRatio}; ` +
        `objective ${atelier.objective.toFixed(6)} against ${sklearn.objective.toFixed(6)}`,
    )
}

/** Means of q(z | x) of all training images of a VAE after a few epochs, standardised, and the labels. */
async function writeFeatures(folder: string): Promise<void> {
  const { tf } = await openEngine()
  const { train } = await openDataset(cacheDirectory(), values.dataset)
  if (!train.labels) throw new Error(`${values.dataset} has no classes.`)
  const shape = { pixels, hidden: [600, 600], latent: width }
  const trainer = createVaeTrainer(tf, { ...shape, seed: 0, learningRate: 1e-3, beta1: 0.9, beta2: 0.999 })
  const batches = createBatches(train, { batch: 128, seed: 0 })
  const buffer = new Float32Array(batches.length)
  const epochs = count('epochs', values.epochs)
  for (let epoch = 0, step = 0; epoch < epochs; epoch++) {
    if (!values.json) console.error(`Training the VAE: epoch ${epoch + 1} of ${epochs}`)
    for (let i = 0; i < batches.perEpoch; i++) {
      batches.read(epoch, i, buffer)
      const batch = tf.tensor2d(
        buffer.map((value) => (value + 1) / 2),
        [batches.batch, pixels],
      )
      trainer.step(step++, batch)
      batch.dispose()
    }
  }
  const features = new Float32Array(train.count * width)
  for (let from = 0; from < train.count; from += 2000) {
    const images = Float32Array.from(
      train.images.subarray(from * pixels, (from + 2000) * pixels),
      (value) => value / 255,
    )
    const batch = tf.tensor2d(images, [images.length / pixels, pixels])
    const means = trainer.features(batch)
    features.set(means.dataSync(), from * width)
    tf.dispose([batch, means])
  }
  const standard = standardise(standardisation(features, train.count, width), features, train.count)
  writeFileSync(path.join(folder, 'features.f32'), new Uint8Array(standard.buffer))
  writeFileSync(path.join(folder, 'labels.u8'), train.labels)
}

function linesOf(command: string, args: string[]): Line[] {
  const { status, stdout, error } = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  if (status !== 0) throw new Error(`${command} ${args[0]} did not finish: ${error?.message ?? `exit ${status}`}.`)
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line)
}

function median(list: number[]): number {
  const sorted = list.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function round(value: number): number {
  return Number(value.toPrecision(4))
}
