import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { DatasetManifest } from '../../shared/datasets.ts'
import type { Dataset } from '../../shared/datasets.ts'
import { DatasetService } from '../datasets/index.ts'
import { inBytes, ok, problem, warning } from './finding.ts'
import type { Finding } from './finding.ts'

/** Lists the data sets of the cache, and reads those that are prepared against their hashes. */
export async function checkDatasets(cacheDirectory: string): Promise<Finding[]> {
  const service = new DatasetService(cacheDirectory)
  try {
    const sets = await service.list()
    return await Promise.all(sets.map((set) => checkSet(set, path.join(cacheDirectory, 'datasets', set.id))))
  } finally {
    await service.close()
  }
}

async function checkSet(set: Dataset, folder: string): Promise<Finding> {
  const { id, title, state, imported } = set
  const again = imported
    ? `Remove it (\`atelier datasets remove ${id}\`), then bring it in again.`
    : `\`atelier datasets get ${id}\` gets it again.`
  if (state === 'failed')
    return warning('data sets', `${title} (${id}): ${set.problem ?? 'it could not be prepared'}`, again)
  if (state !== 'ready')
    return ok('data sets', `${title} (${id}) is not here yet; the first run that needs it gets it.`)
  try {
    const manifest = DatasetManifest.parse(JSON.parse(await readFile(path.join(folder, 'manifest.json'), 'utf8')))
    for (const split of [manifest.train, manifest.test])
      if (split && (await hashOf(folder, split)) !== split.sha256)
        return problem('data sets', `${title} (${id}): ${split.images} is not what was prepared.`, again)
  } catch (error) {
    return problem('data sets', `${title} (${id}) can't be read: ${(error as Error).message}`, again)
  }
  const size = set.bytes === null ? '' : `, ${inBytes(set.bytes)}`
  const images = (set.trainCount + set.testCount).toLocaleString('en')
  return ok('data sets', `${title} (${id}) is whole: ${images} images${size}.`)
}

/** Of the images' file followed by the labels' file, as the preparation made it. */
async function hashOf(folder: string, { images, labels }: DatasetManifest['train']): Promise<string> {
  const hash = createHash('sha256')
  for (const name of labels === null ? [images] : [images, labels])
    for await (const part of createReadStream(path.join(folder, path.basename(name)))) hash.update(part as Buffer)
  return hash.digest('hex')
}
