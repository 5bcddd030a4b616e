import { findRun, withExistingCore } from './connect.ts'
import type { CommonOptions } from './connect.ts'
import { formatBytes, print, printJson, table } from './output.ts'

/** `bin`: removed runs, the last removed first. */
export async function listBin(options: CommonOptions): Promise<void> {
  await withExistingCore(options, { startQueued: false }, async ({ client }) => {
    const bin = await client.runs.bin()
    if (options.json) return printJson(bin)
    if (bin.length === 0) return print('The bin is empty.')
    const rows = bin.map(({ run, removedAt, bytes }) => [
      run.id,
      run.name,
      run.status,
      run.kind,
      new Date(removedAt).toISOString().slice(0, 16).replace('T', ' '),
      formatBytes(bytes),
    ])
    print(table(['ID', 'NAME', 'STATUS', 'KIND', 'REMOVED', 'SIZE'], rows))
  })
}

/** `bin restore RUN…`: takes runs out of the bin. */
export async function restoreRuns(wanted: string[], options: CommonOptions): Promise<void> {
  await withExistingCore(options, { startQueued: false }, async ({ client }) => {
    const binned = (await client.runs.bin()).map(({ run }) => run)
    const ids = [...new Set(wanted.map((name) => findRun(binned, name, 'the bin').id))]
    const runs = await client.runs.restore({ ids })
    if (options.json) printJson(runs)
    else print(`Restored ${ids.join(', ')}.`)
  })
}

/** `bin empty [RUN…]`: deletes for good, and says how much space that gave back. */
export async function emptyBin(wanted: string[], options: CommonOptions): Promise<void> {
  await withExistingCore(options, { startQueued: false }, async ({ client }) => {
    const binned = (await client.runs.bin()).map(({ run }) => run)
    const ids = [...new Set(wanted.map((name) => findRun(binned, name, 'the bin').id))]
    const { deleted, freedBytes } = await client.runs.emptyBin(ids.length ? { ids } : {})
    if (options.json) printJson({ deleted, freedBytes })
    else if (deleted.length === 0) print('The bin is empty.')
    else print(`Deleted ${deleted.join(', ')}; ${formatBytes(freedBytes)} are free again.`)
  })
}
