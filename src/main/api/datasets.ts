import type { Dataset } from '../../shared/datasets.ts'
import { activeStatuses } from '../../shared/run.ts'
import type { DatasetService } from '../datasets/index.ts'
import { ConflictError } from '../scheduler/index.ts'
import { os } from './base.ts'
import type { Services } from './base.ts'
import { Changes } from './changes.ts'

const WATCH_INTERVAL_MS = 200

export function datasetHandlers({ library, datasets, closing }: Services) {
  return {
    list: os.datasets.list.handler(() => datasets.list()),
    watch: os.datasets.watch.handler(({ signal }) => watchDatasets(datasets, [signal, closing])),
    get: os.datasets.get.handler(({ input }) => datasets.get(input.id, input.directory)),
    importFolder: os.datasets.importFolder.handler(({ input }) => datasets.importFolder(input)),
    remove: os.datasets.remove.handler(({ input }) => {
      const user = library.runs().find((run) => activeStatuses.includes(run.status) && run.params.dataset === input.id)
      if (user) throw new ConflictError(`Run ${user.id} ("${user.name}") trains on ${input.id}; stop it first.`)
      return datasets.remove(input.id)
    }),
    images: os.datasets.images.handler(async ({ input: { id, ...query } }) => {
      const { grid, png, labels } = await datasets.images(id, query)
      return { grid, png: new Blob([png as Uint8Array<ArrayBuffer>], { type: 'image/png' }), labels }
    }),
  }
}

async function* watchDatasets(
  datasets: DatasetService,
  signals: (AbortSignal | undefined)[],
): AsyncGenerator<Dataset[]> {
  const changes = new Changes(WATCH_INTERVAL_MS, signals)
  const unsubscribe = datasets.subscribe(() => changes.note())
  try {
    yield await datasets.list()
    while (await changes.next()) yield datasets.current()
  } finally {
    unsubscribe()
  }
}
