import type { Study } from '../../shared/api.ts'
import { expandStudy, specKey } from '../../shared/studies.ts'
import type { StudyEntry } from '../../shared/studies.ts'
import type { Run, RunSpec } from '../../shared/run.ts'
import { NotFoundError } from '../store/index.ts'
import type { Library, SavedStudy } from '../store/index.ts'
import { os } from './base.ts'
import type { Services } from './base.ts'
import { BadInputError } from './errors.ts'
import { checkSpecs } from './launch.ts'
import { checkPlaneSets } from './plane.ts'
import { SavedModels, wholeModel } from './saved-models.ts'

const lost: readonly Run['status'][] = ['failed', 'stopped', 'interrupted']

/** The specs of a study, each with its best run: the newest that is there for good, or else the newest at all. */
function membersOf({ entries }: { entries: StudyEntry[] }, library: Library): { spec: RunSpec; run: Run | null }[] {
  const expanded = expandStudy(entries)
  if (!expanded.ok) throw new BadInputError(expanded.errors)
  const specs = expanded.specs.map((spec) => ({ ...spec, params: wholeModel(spec.params, library) }))
  const wanted = new Map<string, Run | null>(specs.map(({ kind, params }) => [specKey(kind, params), null]))
  for (const run of library.runs()) {
    const key = specKey(run.kind, run.params)
    const known = wanted.get(key)
    if (known === undefined || (known && (!lost.includes(known.status) || lost.includes(run.status)))) continue
    wanted.set(key, run)
  }
  return specs.map((spec) => ({ spec, run: wanted.get(specKey(spec.kind, spec.params))! }))
}

const isMissing = ({ run }: { run: Run | null }) => run === null || lost.includes(run.status)

/** A study with what the library has of it. */
export function toStudy(saved: SavedStudy, library: Library): Study {
  let members: ReturnType<typeof membersOf> = []
  try {
    members = membersOf(saved, library)
  } catch (error) {
    // One of another version, say: it is listed all the same; starting it tells what is wrong with it.
    if (!(error instanceof BadInputError)) throw error
  }
  return {
    ...saved,
    total: members.length,
    runs: members.flatMap(({ run }) => (run ? [run.id] : [])),
    missing: members.filter(isMissing).length,
  }
}

/** Whether a spec has these parameters; `kind` may stand among them. */
const isLike = ({ kind, params }: RunSpec, only: Record<string, unknown>) =>
  Object.entries(only).every(([name, value]) => (name === 'kind' ? kind : params[name]) === value)

export function studyHandlers({ library, scheduler, datasets }: Services) {
  const list = () => library.studies().map((study) => toStudy(study, library))
  return {
    studies: {
      list: os.studies.list.handler(list),
      save: os.studies.save.handler(({ input }) => {
        const expanded = expandStudy(input.entries)
        if (!expanded.ok) throw new BadInputError(expanded.errors)
        return toStudy(library.saveStudy(input), library)
      }),
      start: os.studies.start.handler(async ({ input: { id, only = {}, tags } }) => {
        const study = library.study(id)
        if (!study) throw new NotFoundError(`There is no study "${id}" in this library.`)
        const chosen = () => membersOf(study, library).filter(({ spec }) => isLike(spec, only))
        if (chosen().length === 0)
          throw new BadInputError([
            { name: 'only', message: `No run of the study "${study.name}" has these parameters.` },
          ])
        const specs = chosen().map(({ spec }) => spec)
        await checkSpecs(specs, datasets)
        checkPlaneSets(specs, library)
        const models = new SavedModels(library)
        const prepared = new Map<string, Awaited<ReturnType<typeof models.prepare>>>()
        for (const spec of specs) prepared.set(specKey(spec.kind, spec.params), await models.prepare(spec))
        // What is missing is asked only now: another start may have queued it while this one was checked.
        const missing = chosen().filter(isMissing)
        const runs = missing.map(({ spec }) => prepared.get(specKey(spec.kind, spec.params)))
        const queued = scheduler.addAll(runs.filter((run) => run !== undefined).map((run) => ({ ...run, tags })))
        return { study: toStudy(study, library), queued }
      }),
      remove: os.studies.remove.handler(({ input }) => {
        library.removeStudy(input.id)
        return list()
      }),
    },
  }
}
