import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { setName } from '../../shared/plane/sets.ts'
import type { PlaneSet } from '../../shared/plane/sets.ts'
import { withCore, withExistingCore, withLibrary } from './connect.ts'
import type { Client, CommonOptions } from './connect.ts'
import { UsageError } from './errors.ts'
import { plain, print, printJson, table } from './output.ts'

const maxBytes = 64 << 20

/** `plane`: the distributions of the user's own. */
export async function listPlaneSets({ json, ...options }: CommonOptions): Promise<void> {
  await withLibrary(options, async (library) => {
    const sets = library?.planeSets.list() ?? []
    if (json) return printJson(sets)
    if (sets.length === 0)
      return print('No saved sets. `atelier plane import FILE.csv` makes one; drawings are made in the window.')
    const rows = sets.map((set) => [setName(set.id), set.name, set.type, String(set.count)])
    print(table(['DISTRIBUTION', 'NAME', 'TYPE', 'COUNT'], rows, [3]))
  })
}

/** The text of a file of points. @throws UsageError when there is none, or it is too large. */
async function readPoints(file: string): Promise<string> {
  const found = await stat(file).catch(() => null)
  if (!found?.isFile()) throw new UsageError(`There is no file ${file}.`)
  if (found.size > maxBytes)
    throw new UsageError(`${file} has ${found.size} bytes; files of points may have ${maxBytes}. Take every n-th line.`)
  return readFile(file, 'utf8')
}

/** Saves a CSV file's points in the library. */
export async function importPoints(client: Client, file: string, name?: string): Promise<PlaneSet> {
  return client.planeSets.importCsv({ name: name ?? path.basename(file, '.csv'), text: await readPoints(file) })
}

/** `plane import FILE`. */
export async function importPlaneSet(file: string, options: CommonOptions & { name?: string }): Promise<void> {
  await readPoints(file)
  await withCore(options, { startQueued: false }, async ({ client }) => {
    const set = await importPoints(client, file, options.name)
    if (options.json) printJson(set)
    else print(`${setName(set.id)}  ${plain(set.name)}  ${set.count} points`)
  })
}

/** `plane remove ID`. */
export async function removePlaneSet(wanted: string, options: CommonOptions): Promise<void> {
  await withExistingCore(options, { startQueued: false }, async ({ client }) => {
    const id = wanted.replace(/^set:/, '')
    const sets = await client.planeSets.remove({ id })
    if (options.json) printJson(sets)
    else print(`${setName(id)} is no longer in the library.`)
  })
}
