import type { Library } from '../../src/main/store/index.ts'

/** Metrics of how fast it went, on the clock: the only ones in which a run that was killed and resumed may differ. */
export const wallClockMetrics: readonly string[] = ['imagesPerSecond', 'stepsPerSecond']

/** All that a run has left in the library but times, as text by what it is of, so that two runs can be compared. */
export type RunRecord = Map<string, string>

export function recordOf(library: Library, id: string): RunRecord {
  const record: RunRecord = new Map()
  for (const name of library.metricNames(id)) {
    if (wallClockMetrics.includes(name)) continue
    // Every bit of the numbers, −0 and NaN too.
    for (const { step, epoch, value } of library.metricRows(id, name))
      record.set(`${name} at step ${step}`, `${bits(value)} (${value}), epoch ${epoch}`)
  }
  for (const { name, step, hash } of library.samples(id)) record.set(`sample ${name} of step ${step}`, hash)
  for (const { name, step, hash } of library.artifacts(id)) record.set(`artifact ${name} of step ${step}`, hash)
  for (const { name, step, value } of library.results(id))
    record.set(`result ${name} of step ${step}`, JSON.stringify(value))
  // Weights, moments and step at the end; those on the way lie where the clock has a say in it.
  const last = library.checkpoints(id).at(-1)
  if (last) record.set(`checkpoint of step ${last.step}`, last.hash)
  const frames = library.frames(id, { from: 0, to: Number.MAX_SAFE_INTEGER, limit: 5000 })
  record.set('pictures', `${library.frameSteps(id).join(' ')}: ${Buffer.from(frames).toString('base64')}`)
  return record
}

function bits(value: number): string {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  return view.getBigUint64(0).toString(16).padStart(16, '0')
}

/** Where two records differ, one line for each thing. */
export function differences(expected: RunRecord, found: RunRecord): string[] {
  const lines: string[] = []
  for (const [what, value] of expected) {
    const other = found.get(what)
    if (other === undefined) lines.push(`${what} is missing`)
    else if (other !== value) lines.push(`${what} is ${other.slice(0, 100)}, not ${value.slice(0, 100)}`)
  }
  for (const what of found.keys()) if (!expected.has(what)) lines.push(`${what} should not be there`)
  return lines
}
