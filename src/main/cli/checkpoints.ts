import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Checkpoint } from '../../shared/run.ts'
import { findRun, withExistingCore, withLibrary } from './connect.ts'
import type { CommonOptions } from './connect.ts'
import { UsageError } from './errors.ts'
import { formatBytes, plain, print, printJson, table } from './output.ts'

const stepOf = (text: string): number => {
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`A step is a whole number from 0, not "${text}".`)
  return Number(text)
}

const wanted = (runId: string, checkpoints: Checkpoint[], step: number): Checkpoint => {
  const found = checkpoints.find((checkpoint) => checkpoint.step === step)
  if (found) return found
  const steps = checkpoints.map((checkpoint) => checkpoint.step).join(', ')
  throw new UsageError(`Run ${runId} has no checkpoint of step ${step}. It has: ${steps || 'none yet'}.`)
}

/** `checkpoints RUN [STEP --out FILE]`: what can be gone on from, or one of it as a safetensors file. */
export async function getCheckpoints(
  name: string,
  step: string | undefined,
  options: CommonOptions & { out?: string },
): Promise<void> {
  if (step !== undefined && options.out === undefined) throw new UsageError('Say where it shall go: --out FILE.')
  if (step === undefined && options.out !== undefined) throw new UsageError('Say which checkpoint: STEP --out FILE.')
  const at = step === undefined ? null : stepOf(step)
  await withLibrary(options, async (library) => {
    const run = findRun(library?.runs() ?? [], name)
    const checkpoints = library!.checkpoints(run.id)
    if (at === null) {
      if (options.json) return printJson(checkpoints)
      const rows = checkpoints.map((c) => [
        String(c.step),
        c.epoch.toFixed(2),
        formatBytes(c.bytes),
        new Date(c.time).toISOString().slice(0, 19).replace('T', ' '),
        plain(c.name ?? ''),
      ])
      return print(table(['STEP', 'EPOCH', 'SIZE', 'SAVED', 'NAME'], rows, [0, 1, 2]))
    }
    const checkpoint = wanted(run.id, checkpoints, at)
    const file = path.resolve(options.out!)
    try {
      await writeFile(file, library!.blob(checkpoint.hash)!)
    } catch (error) {
      throw new UsageError(`${file} can't be written: ${(error as Error).message}`)
    }
    if (options.json) printJson({ file, ...checkpoint })
    else print(`The checkpoint of step ${at} (${formatBytes(checkpoint.bytes)}) is in ${file}`)
  })
}

/** `checkpoint name RUN STEP NAME` and `checkpoint unname RUN STEP`: one with a name is kept for ever. */
export async function nameCheckpoint(
  name: string,
  step: string,
  to: string | null,
  options: CommonOptions,
): Promise<void> {
  const at = stepOf(step)
  if (to !== null && (to.trim() === '' || to.length > 100))
    throw new UsageError('A name of a checkpoint has 1 to 100 characters.')
  await withExistingCore(options, { startQueued: false }, async ({ client }) => {
    const run = findRun(await client.runs.list(), name)
    wanted(run.id, await client.checkpoints.list({ id: run.id }), at)
    const checkpoint = await client.checkpoints.name({ id: run.id, step: at, name: to })
    if (options.json) return printJson(checkpoint)
    print(
      checkpoint.name === null
        ? `The checkpoint of step ${at} of run ${run.id} has no name any more; it goes when it is no longer among those to keep.`
        : `The checkpoint of step ${at} of run ${run.id} is called "${plain(checkpoint.name)}" and is kept for ever.`,
    )
  })
}
