import type { RunsChange } from '../../shared/api.ts'
import type { Run } from '../../shared/run.ts'
import { changedLive } from '../scheduler/index.ts'
import { NotFoundError } from '../store/index.ts'
import type { Library } from '../store/index.ts'
import { os } from './base.ts'
import type { Services } from './base.ts'
import { Changes } from './changes.ts'
import { BadInputError } from './errors.ts'
import { followRun } from './follow.ts'
import { completeSpec } from './launch.ts'
import { checkPlaneSets } from './plane.ts'
import { SavedModels } from './saved-models.ts'

const WATCH_INTERVAL_MS = 250

export function runHandlers(services: Services) {
  const { library, scheduler, datasets } = services
  const need = (id: string): Run => {
    const run = library.run(id)
    if (!run) throw new NotFoundError(`There is no run "${id}" in this library.`)
    return run
  }
  const all = (ids: string[]) => ids.map(need)
  return {
    list: os.runs.list.handler(() => library.runs()),
    watch: os.runs.watch.handler(({ signal }) => watchRuns(library, [signal, services.closing])),
    get: os.runs.get.handler(({ input }) => need(input.id)),
    launch: os.runs.launch.handler(async ({ input }) => {
      const complete = await completeSpec(input, datasets)
      checkPlaneSets([complete], library)
      const spec = await new SavedModels(library).prepare(complete)
      return scheduler.add({ ...spec, name: input.name, tags: input.tags })
    }),
    pause: os.runs.pause.handler(async ({ input }) => {
      await scheduler.pause(input.ids)
      return all(input.ids)
    }),
    resume: os.runs.resume.handler(({ input }) => {
      scheduler.resume(input.ids)
      return all(input.ids)
    }),
    stop: os.runs.stop.handler(async ({ input }) => {
      await scheduler.stop(input.ids, input)
      return all(input.ids)
    }),
    restart: os.runs.restart.handler(({ input }) => scheduler.restart(input.ids)),
    remove: os.runs.remove.handler(async ({ input }) => ({
      removed: await scheduler.remove(input.ids),
      freedBytes: 0,
    })),
    bin: os.runs.bin.handler(() => library.bin()),
    restore: os.runs.restore.handler(({ input: { ids } }) => {
      needBinned(library, ids)
      return all(library.restoreRuns(ids))
    }),
    emptyBin: os.runs.emptyBin.handler(({ input: { ids } }) => {
      if (ids) needBinned(library, ids)
      return library.emptyBin({ ids })
    }),
    move: os.runs.move.handler(({ input }) => {
      scheduler.move(input.id, input.position)
      return library.queue().map(need)
    }),
    edit: os.runs.edit.handler(({ input: { id, ...patch } }) => library.updateRun(id, patch)),
    change: os.runs.change.handler(async ({ input: { id, params } }) => {
      const changed = changedLive(need(id), params)
      if (!changed.ok) throw new BadInputError(changed.errors)
      await scheduler.setLive(id, changed.live)
      return need(id)
    }),
    follow: os.runs.follow.handler(({ input, signal }) => {
      need(input.id)
      return followRun(library, input, [signal, services.closing])
    }),
    log: os.runs.log.handler(({ input }) => library.log(input.id, input.after, input.limit)),
  }
}

/** @throws NotFoundError. */
function needBinned(library: Library, ids: string[]): void {
  const binned = new Set(library.bin().map(({ run }) => run.id))
  const missing = ids.find((id) => !binned.has(id))
  if (missing !== undefined) throw new NotFoundError(`There is no run "${missing}" in the bin of this library.`)
}

/** First all runs, then those that changed since, at most a few times a second. */
async function* watchRuns(library: Library, signals: (AbortSignal | undefined)[]): AsyncGenerator<RunsChange> {
  const changes = new Changes(WATCH_INTERVAL_MS, signals)
  const changed = new Set<string>()
  const removed = new Set<string>()
  const unsubscribe = library.subscribe((event) => {
    if (event.type !== 'runs') return
    for (const id of event.changed) changed.add(id)
    for (const id of event.removed) removed.add(id)
    changes.note()
  })
  try {
    yield { changed: library.runs(), removed: [] }
    while (await changes.next()) {
      const runs = [...changed].map((id) => library.run(id)).filter((run) => run !== null)
      const change = { changed: runs, removed: [...removed] }
      changed.clear()
      removed.clear()
      yield change
    }
  } finally {
    unsubscribe()
  }
}
