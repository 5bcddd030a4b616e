import { parseArgs } from 'node:util'
import type { Dataset, DatasetManifest, DatasetMessage } from '../../shared/datasets.ts'
import { datasetDirectory, isDatasetId, readManifest, verifyChecksums } from './cache.ts'
import { DatasetError, messageOf } from './errors.ts'
import { knownById } from './known.ts'
import { datasetIds, listDatasets } from './list.ts'
import type { PreparationOptions, PreparationProgress } from './options.ts'
import { prepareKnown } from './prepare-known.ts'
import { removeDataset } from './remove.ts'

const usage =
  'list | get ID [--directory DIR | --mirror URL] | import --folder DIR --name NAME --size 28|32|64 --colour grey|rgb | ' +
  'remove ID, each with --cache DIR'
const progressEveryMs = 100

const write = (line: DatasetMessage | Dataset) => process.stdout.write(`${JSON.stringify(line)}\n`)

/** Passes on at most ten messages a second, but each that says something new and every last one. */
function throttled(): (progress: PreparationProgress) => void {
  let last = 0
  return (progress) => {
    const now = Date.now()
    if (progress.fraction !== null && progress.fraction < 1 && progress.fraction > 0 && now - last < progressEveryMs)
      return
    last = now
    write({ type: 'progress', ...progress })
  }
}

function parse(args: string[]) {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        cache: { type: 'string' },
        directory: { type: 'string' },
        mirror: { type: 'string' },
        folder: { type: 'string' },
        name: { type: 'string' },
        size: { type: 'string' },
        colour: { type: 'string' },
      },
    })
    return { values, positionals }
  } catch (error) {
    throw new DatasetError(messageOf(error), { hint: `Expected: ${usage}.`, badInput: true, cause: error })
  }
}

type Values = ReturnType<typeof parse>['values']

function required(values: Values, name: keyof Values): string {
  const value = values[name]
  if (!value) throw new DatasetError(`--${name} is missing.`, { hint: `Expected: ${usage}.`, badInput: true })
  return value
}

async function get(cache: string, id: string, values: Values, options: PreparationOptions): Promise<DatasetManifest> {
  const known = knownById(id)
  const { directory, mirror } = values
  if (known) return await prepareKnown(cache, known, { ...options, directory, mirror, verify: true })
  const manifest = isDatasetId(id) ? await readManifest(datasetDirectory(cache, id), id) : null
  if (!manifest) {
    throw new DatasetError(`There is no data set ${JSON.stringify(id)}.`, {
      hint: `There are: ${(await datasetIds(cache)).join(', ')}.`,
      badInput: true,
    })
  }
  await verifyChecksums(datasetDirectory(cache, id), manifest, options.signal)
  return manifest
}

/** Only when needed: listing and getting sets must do without the image library, which is native code. */
async function loadImporter() {
  try {
    return (await import('./import-folder.ts')).importFolder
  } catch (error) {
    throw new DatasetError(`The image library sharp does not load here: ${messageOf(error).split('\n')[0]}`, {
      hint: 'Run `npm install` again, with optional packages.',
      cause: error,
    })
  }
}

async function run(args: string[], options: PreparationOptions): Promise<void> {
  const { values, positionals } = parse(args)
  const [command, id] = positionals
  const expected = command === 'get' || command === 'remove' ? 2 : 1
  if (!command || !['list', 'get', 'import', 'remove'].includes(command) || positionals.length !== expected) {
    const what = command ? `Not understood: ${positionals.join(' ')}.` : 'No command for the data sets was given.'
    throw new DatasetError(what, { hint: `Expected: ${usage}.`, badInput: true })
  }
  const cache = required(values, 'cache')
  if (command === 'list') (await listDatasets(cache)).forEach(write)
  else if (command === 'get') write({ type: 'ready', manifest: await get(cache, id!, values, options) })
  else if (command === 'remove') await removeDataset(cache, id!)
  else {
    const importFolder = await loadImporter()
    const request = {
      folder: required(values, 'folder'),
      name: required(values, 'name'),
      size: Number(required(values, 'size')) as 28,
      colour: required(values, 'colour') as 'grey',
    }
    write({ type: 'ready', manifest: await importFolder(cache, request, options) })
  }
}

/**
 * The data-set process: does one command and says on standard output, a JSON object a line, how it goes and ends
 * (DatasetMessage). `list` prints a `Dataset` a line instead; `remove` prints nothing when it succeeds. SIGINT and
 * SIGTERM end a preparation and leave the cache as it was.
 *
 * @param args the command and its options, without the program's name: `list`, `get ID [--directory DIR | --mirror
 *   URL]`, `import --folder DIR --name NAME --size 28|32|64 --colour grey|rgb`, `remove ID`, each with `--cache DIR`.
 * @returns the exit status: 0, 1 if the work failed, 2 if the request was wrong.
 */
export async function runDatasetCommand(args: string[]): Promise<number> {
  const abort = new AbortController()
  const cancel = () => abort.abort(new DatasetError('Cancelled.'))
  process.once('SIGINT', cancel)
  process.once('SIGTERM', cancel)
  // Whoever asked may be gone; what it asked for is still worth finishing.
  const onBrokenPipe = () => {}
  process.stdout.on('error', onBrokenPipe)
  try {
    await run(args, { onProgress: throttled(), signal: abort.signal })
    return 0
  } catch (error) {
    const reason = abort.signal.aborted ? abort.signal.reason : error
    const known = reason instanceof DatasetError ? reason : null
    write({ type: 'failed', message: messageOf(reason), hint: known?.hint ?? null })
    return known?.badInput ? 2 : 1
  } finally {
    process.removeListener('SIGINT', cancel)
    process.removeListener('SIGTERM', cancel)
    await new Promise<void>((done) => process.stdout.write('', () => done()))
    process.stdout.removeListener('error', onBrokenPipe)
  }
}
