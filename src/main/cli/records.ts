import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { toMetricValue } from '../../shared/run.ts'
import type { Run } from '../../shared/run.ts'
import type { Library, MetricRow } from '../store/index.ts'
import { findRun, withLibrary } from './connect.ts'
import type { CommonOptions } from './connect.ts'
import { UsageError } from './errors.ts'
import { formatBytes, formatValue, print, printJson, table, write } from './output.ts'

const WRITE_EVERY = 2000

const csvCell = (text: string) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
const csvNumber = (value: number | null) => (value === null ? '' : String(value))

/** Series side by side, a line a step; a series without a point at a step leaves its cell empty. */
async function writeCsv(library: Library, run: Run, names: string[]): Promise<void> {
  await write(`${['step', 'epoch', 'time', ...names].map(csvCell).join(',')}\n`)
  const series = names.map((name) => library.metricRows(run.id, name))
  const heads: (MetricRow | null)[] = series.map((rows) => rows.next().value ?? null)
  let lines: string[] = []
  for (;;) {
    const step = Math.min(...heads.map((row) => row?.step ?? Infinity))
    if (step === Infinity) break
    const { epoch, time } = heads.find((row) => row?.step === step)!
    const values = heads.map((row) => (row?.step === step ? String(row.value) : ''))
    lines.push([step, csvNumber(epoch), csvNumber(time), ...values].join(','))
    heads.forEach((row, i) => {
      if (row?.step === step) heads[i] = series[i]!.next().value ?? null
    })
    if (lines.length >= WRITE_EVERY) {
      await write(`${lines.join('\n')}\n`)
      lines = []
    }
  }
  if (lines.length > 0) await write(`${lines.join('\n')}\n`)
}

function columns(library: Library, run: Run, name: string) {
  const rows = [...library.metricRows(run.id, name)]
  return {
    step: rows.map((row) => row.step),
    epoch: rows.map((row) => row.epoch),
    time: rows.map((row) => row.time),
    value: rows.map((row) => toMetricValue(row.value)),
  }
}

function statistics(library: Library, run: Run, name: string): string[] {
  let [count, low, high, last] = [0, Infinity, -Infinity, NaN]
  for (const { value } of library.metricRows(run.id, name)) {
    count++
    last = value
    if (value < low) low = value
    if (value > high) high = value
  }
  return [name, String(count), ...[low, high, last].map((value) => formatValue(toMetricValue(value)))]
}

/** `metrics RUN [NAME]`: a summary, or every point. */
export async function showMetrics(
  wanted: string,
  name: string | undefined,
  options: CommonOptions & { csv?: boolean },
): Promise<void> {
  if (options.csv && options.json) throw new UsageError('Choose one of --csv and --json.')
  await withLibrary(options, async (library) => {
    const run = findRun(library?.runs() ?? [], wanted)
    const all = library!.metricNames(run.id)
    if (name !== undefined && !all.includes(name))
      throw new UsageError(
        all.length === 0
          ? `Run ${run.id} has recorded no metrics yet.`
          : `Run ${run.id} has no metric "${name}". It has: ${all.join(', ')}.`,
      )
    const names = name === undefined ? all : [name]
    if (options.csv) return writeCsv(library!, run, names)
    if (options.json) return printJson(Object.fromEntries(names.map((each) => [each, columns(library!, run, each)])))
    const rows = names.map((each) => statistics(library!, run, each))
    print(table(['METRIC', 'POINTS', 'MIN', 'MAX', 'LAST'], rows, [1, 2, 3, 4]))
  })
}

/** `samples RUN`: the grids there are, or one of them as a PNG file. */
export async function getSamples(
  wanted: string,
  options: CommonOptions & { epoch?: string; out?: string },
): Promise<void> {
  const epoch = options.epoch === undefined ? undefined : Number(options.epoch)
  if (epoch !== undefined && !(options.epoch!.trim() !== '' && epoch >= 0 && Number.isFinite(epoch)))
    throw new UsageError(`--epoch must be a number from 0 (before training), not "${options.epoch}".`)
  if (epoch !== undefined && options.out === undefined)
    throw new UsageError('Say where the samples shall go: --out FILE.png.')
  await withLibrary(options, async (library) => {
    const run = findRun(library?.runs() ?? [], wanted)
    const samples = library!.samples(run.id)
    if (options.out === undefined) {
      if (options.json) return printJson(samples)
      const rows = samples.map((s) => [
        String(s.epoch),
        String(s.step),
        s.name,
        `${s.columns}×${s.rows} of ${s.tileWidth}×${s.tileHeight}`,
      ])
      return print(table(['EPOCH', 'STEP', 'NAME', 'IMAGES'], rows, [0, 1]))
    }
    const sample = epoch === undefined ? samples.at(-1) : samples.findLast((s) => s.epoch === epoch)
    if (!sample)
      throw new UsageError(
        samples.length === 0
          ? `Run ${run.id} has no samples yet.`
          : `Run ${run.id} has no samples of epoch ${epoch}. It has those of: ${samples.map((s) => s.epoch).join(', ')}.`,
      )
    const file = await writeOut(options.out, library!.blob(sample.hash)!)
    if (options.json) printJson({ file, ...sample })
    else print(`Samples of epoch ${sample.epoch} (step ${sample.step}) are in ${file}`)
  })
}

/** Returns the file's whole path. @throws UsageError when it can't be written. */
async function writeOut(out: string, content: Uint8Array): Promise<string> {
  const file = path.resolve(out)
  try {
    await writeFile(file, content)
  } catch (error) {
    throw new UsageError(`${file} can't be written: ${(error as Error).message}`)
  }
  return file
}

/** `artifacts RUN [NAME --out FILE]`: what a run has left, or one of it as a file. */
export async function getArtifacts(
  wanted: string,
  name: string | undefined,
  options: CommonOptions & { out?: string },
): Promise<void> {
  if (name !== undefined && options.out === undefined) throw new UsageError('Say where it shall go: --out FILE.')
  if (name === undefined && options.out !== undefined) throw new UsageError('Say which artifact: NAME --out FILE.')
  await withLibrary(options, async (library) => {
    const run = findRun(library?.runs() ?? [], wanted)
    const artifacts = library!.artifacts(run.id)
    if (name === undefined) {
      if (options.json) return printJson(artifacts)
      const rows = artifacts.map((a) => [a.name, String(a.step), formatBytes(a.bytes), a.mediaType, a.description])
      return print(table(['NAME', 'STEP', 'SIZE', 'TYPE', 'WHAT IT IS'], rows, [1, 2]))
    }
    const artifact = artifacts.find((each) => each.name === name)
    if (!artifact)
      throw new UsageError(
        artifacts.length === 0
          ? `Run ${run.id} has left nothing yet.`
          : `Run ${run.id} has left no "${name}". It has: ${artifacts.map((each) => each.name).join(', ')}.`,
      )
    const file = await writeOut(options.out!, library!.blob(artifact.hash)!)
    if (options.json) printJson({ file, ...artifact })
    else print(`${artifact.description} (step ${artifact.step}, ${formatBytes(artifact.bytes)}) is in ${file}`)
  })
}
