import { stat } from 'node:fs/promises'
import { datasetDirectory, isDatasetId, prepareAlone } from './cache.ts'
import { DatasetError } from './errors.ts'
import { datasetIds } from './list.ts'

/**
 * Takes a prepared set, with its versions in other sizes, out of the cache. A run that has opened it goes on.
 *
 * @throws DatasetError if there is no such set, or it is being prepared.
 */
export async function removeDataset(cacheDirectory: string, id: string): Promise<void> {
  const directory = datasetDirectory(cacheDirectory, id)
  if (!isDatasetId(id) || !(await stat(directory).catch(() => null))) {
    const ids = isDatasetId(id) ? await datasetIds(cacheDirectory) : []
    throw new DatasetError(
      ids.includes(id) ? `${id} is not in the cache.` : `There is no data set ${JSON.stringify(id)}.`,
      { hint: ids.includes(id) ? null : '`atelier datasets` lists those there are.', badInput: true },
    )
  }
  const onWait = () => {
    throw new DatasetError(`${id} is being prepared right now.`, { hint: 'Wait until that has ended.', badInput: true })
  }
  await prepareAlone(cacheDirectory, id, { onWait }, ({ discard }) => discard(directory))
}
