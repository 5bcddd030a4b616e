import { ConflictError } from '../scheduler/index.ts'
import { NotFoundError } from '../store/index.ts'
import { os } from './base.ts'
import type { Services } from './base.ts'

/** What runs have recorded: metrics, samples, checkpoints, results, artifacts. */
export function recordHandlers({ library }: Services) {
  const need = (id: string) => {
    if (!library.run(id)) throw new NotFoundError(`There is no run "${id}" in this library.`)
    return id
  }
  const blob = (hash: string, type: string): Blob => {
    const bytes = library.blob(hash)
    if (!bytes) throw new NotFoundError(`Nothing in this library has the hash ${hash}.`)
    return new Blob([bytes as Uint8Array<ArrayBuffer>], { type })
  }
  return {
    metrics: {
      names: os.metrics.names.handler(({ input }) => library.metricNames(need(input.id))),
      chart: os.metrics.chart.handler(({ input: { id, ...query } }) => library.chart(need(id), query)),
    },
    samples: {
      list: os.samples.list.handler(({ input }) => library.samples(need(input.id))),
      image: os.samples.image.handler(({ input }) => blob(input.hash, 'image/png')),
    },
    checkpoints: {
      list: os.checkpoints.list.handler(({ input }) => library.checkpoints(need(input.id))),
      name: os.checkpoints.name.handler(({ input: { id, step, name } }) => {
        const other = library.checkpoints(need(id)).find((each) => name !== null && each.name === name)
        if (other && other.step !== step)
          throw new ConflictError(
            `The checkpoint of step ${other.step} is called "${name}"; take that name back first.`,
          )
        return library.nameCheckpoint(id, step, name)
      }),
      download: os.checkpoints.download.handler(({ input }) => blob(input.hash, 'application/octet-stream')),
    },
    results: {
      list: os.results.list.handler(({ input }) => library.results(need(input.id))),
    },
    artifacts: {
      list: os.artifacts.list.handler(({ input }) => library.artifacts(need(input.id))),
      download: os.artifacts.download.handler(({ input }) => blob(input.hash, 'application/octet-stream')),
    },
  }
}
