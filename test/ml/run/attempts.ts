import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll } from 'vitest'
import { decodeEvents } from '../../../src/shared/event-log.ts'
import type { WorkerEvent, WorkerSpec } from '../../../src/shared/events.ts'
import { presetParams } from '../../../src/shared/experiments/index.ts'
import type { Params } from '../../../src/shared/experiments/index.ts'

const worker = path.resolve('src/ml/worker.ts')

/** Attempts of real workers in a temporary folder, which is gone after the tests of the file. */
export function attempts(title: string) {
  const root = mkdtempSync(path.join(os.tmpdir(), `atelier-${title}-`))
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  function attempt(name: string, kind: string, params: Params, more: Partial<WorkerSpec> = {}): string {
    const folder = path.join(root, name)
    mkdirSync(folder, { recursive: true })
    const spec: Partial<WorkerSpec> = {
      kind,
      preset: null,
      params: { ...presetParams(kind), ...params },
      runId: name,
      attempt: more.resume ? 2 : 1,
      cacheDirectory: path.join(root, 'cache'),
      engine: 'auto',
      threads: null,
      resume: null,
      ...more,
    }
    writeFileSync(path.join(folder, 'spec.json'), JSON.stringify(spec))
    return folder
  }

  /** The next attempt, from a checkpoint of another one. */
  function resumed(
    name: string,
    kind: string,
    params: Params,
    from: string,
    step: number,
    more: Partial<WorkerSpec> = {},
  ): string {
    const folder = attempt(name, kind, params, { ...more, resume: { file: 'resume.safetensors', step } })
    copyFileSync(checkpointOf(from, step), path.join(folder, 'resume.safetensors'))
    return folder
  }
  return { root, attempt, resumed }
}

export function start(folder: string) {
  const child = spawn(process.execPath, [worker, 'run', folder], { stdio: 'ignore' })
  return { child, ended: new Promise<number | null>((resolve) => child.on('exit', resolve)) }
}
export const train = (folder: string): Promise<number | null> => start(folder).ended

export function eventsOf(folder: string): WorkerEvent[] {
  const file = path.join(folder, 'events.log')
  return existsSync(file) ? decodeEvents(readFileSync(file)).events : []
}
export const ofType = <T extends WorkerEvent['type']>(folder: string, type: T) =>
  eventsOf(folder).filter((e): e is Extract<WorkerEvent, { type: T }> => e.type === type)
export const endOf = (folder: string) => ofType(folder, 'ended')[0]

/** The file of the last checkpoint that was announced for a step. */
export function checkpointOf(folder: string, step: number): string {
  const found = ofType(folder, 'checkpoint').findLast((e) => e.step === step)
  if (!found) throw new Error(`There is no checkpoint of step ${step} in ${folder}.`)
  return path.join(folder, found.file)
}

/** All values of a metric, as "step value". */
export function metricOf(folder: string, name: string): string[] {
  const sets = new Map<number, string[]>()
  const found: string[] = []
  for (const e of eventsOf(folder)) {
    if (e.type === 'series') sets.set(e.set, e.names)
    if (e.type !== 'metrics') continue
    const at = sets.get(e.set)!.indexOf(name)
    if (at >= 0) found.push(`${e.step} ${e.values[at]}`)
  }
  return found
}

export async function until(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 20))
}
