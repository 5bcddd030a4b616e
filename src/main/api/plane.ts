import { CsvError, parseCsvPoints } from '../../shared/plane/csv.ts'
import { fitToPlane } from '../../shared/plane/geometry.ts'
import { setIdOf, setName } from '../../shared/plane/sets.ts'
import type { PlaneSetContent } from '../../shared/plane/sets.ts'
import type { FieldError, Params } from '../../shared/experiments/index.ts'
import type { RunSpec } from '../../shared/run.ts'
import { ConflictError } from '../scheduler/index.ts'
import type { Library } from '../store/index.ts'
import { os } from './base.ts'
import type { Services } from './base.ts'
import { BadInputError } from './errors.ts'

/** Coordinates are kept to this many digits after the point: a 200,000th of the picture's width. */
const digits = 5

/** A CSV's points as a set of the library. @throws BadInputError that names the line */
export function csvContent(text: string): PlaneSetContent {
  try {
    const { points, fit } = fitToPlane(parseCsvPoints(text))
    const rounded = Array.from(points, (x) => Number(x.toFixed(digits)))
    return { type: 'points', set: { version: 1, centre: [...fit.centre], scale: fit.scale, points: rounded } }
  } catch (error) {
    if (error instanceof CsvError) throw new BadInputError([{ name: 'text', message: error.message }])
    throw error
  }
}

/**
 * Checks that the sets of points that specs name are there, and have a batch's worth of points.
 * @throws BadInputError with one message a field
 */
export function checkPlaneSets(specs: RunSpec[], library: Library): void {
  const errors = new Map<string, FieldError>()
  for (const { params } of specs)
    for (const [name, value] of Object.entries(params)) {
      const id = typeof value === 'string' ? setIdOf(value) : null
      if (id === null) continue
      const message = problemOfSet(id, params, library)
      if (message) errors.set(message, { name, message })
    }
  if (errors.size) throw new BadInputError([...errors.values()])
}

function problemOfSet(id: string, { batch }: Params, library: Library): string | null {
  if (!library.planeSets.has(id))
    return `There is no saved set of points "${id}" in this library. \`atelier plane\` lists those there are.`
  const set = library.planeSets.set(id)
  if (set.type === 'points' && typeof batch === 'number' && set.count < batch)
    return `The set "${set.name}" has ${set.count} points, fewer than one batch of ${batch}. Choose a smaller batch.`
  return null
}

/** Runs that name a set and may still train: they would lack it. */
function usersOf(library: Library, id: string): string[] {
  const name = setName(id)
  return library
    .runs()
    .filter(({ status, params }) => status !== 'done' && Object.values(params).includes(name))
    .map((run) => run.name)
}

/** Pictures of runs, and distributions on the plane of the user's own. */
export function planeHandlers({ library }: Services) {
  return {
    frames: {
      steps: os.frames.steps.handler(({ input }) => library.frameSteps(input.id)),
      get: os.frames.get.handler(({ input: { id, from, to, limit } }) => {
        const bytes = library.frames(id, { from, to: to ?? Number.MAX_SAFE_INTEGER, limit })
        return new Blob([bytes], { type: 'application/octet-stream' })
      }),
    },
    planeSets: {
      list: os.planeSets.list.handler(() => library.planeSets.list()),
      get: os.planeSets.get.handler(({ input: { id } }) => ({
        set: library.planeSets.set(id),
        content: library.planeSets.content(id),
      })),
      save: os.planeSets.save.handler(({ input }) => library.planeSets.save(input.name, input.content)),
      importCsv: os.planeSets.importCsv.handler(({ input }) =>
        library.planeSets.save(input.name, csvContent(input.text)),
      ),
      remove: os.planeSets.remove.handler(({ input: { id } }) => {
        const users = usersOf(library, id)
        if (users.length)
          throw new ConflictError(
            `${users.length === 1 ? 'A run that is not done needs' : `${users.length} runs that are not done need`} this set: ${users.slice(0, 5).join(', ')}. Remove ${users.length === 1 ? 'it' : 'them'} first.`,
          )
        library.planeSets.remove(id)
        return library.planeSets.list()
      }),
    },
  }
}
