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
import type { Prepared } from './saved-models.ts'

const lost: readonly Run['status'][] = ['failed', 'stopped', 'interrupted']

interface Member {
  spec: RunSpec
  /** Its best run: the newest that is there for good, or else the newest at all; null if there is none. */
  run: Run | null
}

/** @throws BadInputError. */
function specsOf({ entries }: { entries: StudyEntry[] }, library: Library): RunSpec[] {
  const expanded = expandStudy(entries)
  if (!expanded.ok) throw new BadInputError(expanded.errors)
  return expanded.specs.map((spec) => ({ ...spec, params: wholeModel(spec.params, library) }))
}

function membersOf(specs: RunSpec[], library: Library): Member[] {
  const best = new Map<string, Run | null>(specs.map(({ kind, params }) => [specKey(kind, params), null]))
  for (const run of library.runs()) {
    const key = specKey(run.kind, run.params)
    const known = best.get(key)
    if (known === undefined || (known && (!lost.includes(known.status) || lost.includes(run.status)))) continue
    best.set(key, run)
  }
  return specs.map((spec) => ({ spec, run: best.get(specKey(spec.kind, spec.params))! }))
}

const isMissing = ({ run }: Member) => run === null || lost.includes(run.status)

/** A study with what the library has of it. */
export function toStudy(saved: SavedStudy, library: Library): Study {
  let members: Member[] = []
  try {
    members = membersOf(specsOf(saved, library), library)
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
        const chosen = specsOf(study, library).filter((spec) => isLike(spec, only))
        if (chosen.length === 0)
          throw new BadInputError([
            { name: 'only', message: `No run of the study "${study.name}" has these parameters.` },
          ])
        const missing = () => membersOf(chosen, library).filter(isMissing)
        const specs = missing().map(({ spec }) => spec)
        await checkSpecs(specs, datasets)
        checkPlaneSets(specs, library)
        const models = new SavedModels(library)
        const prepared = new Map<RunSpec, Prepared>()
        for (const spec of specs) prepared.set(spec, await models.prepare(spec))
        // Another start may have queued some of it while this one was checked.
        const runs = missing().flatMap(({ spec }) => prepared.get(spec) ?? [])
        const queued = scheduler.addAll(runs.map((run) => ({ ...run, tags })))
        return { study: toStudy(study, library), queued }
      }),
      remove: os.studies.remove.handler(({ input }) => {
        library.removeStudy(input.id)
        return list()
      }),
    },
  }
}
