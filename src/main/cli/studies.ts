import type { Study } from '../../shared/api.ts'
import { fieldsOf } from '../../shared/experiments/index.ts'
import { expandStudy, parseAxis, semiSupervisedMethods, semiSupervisedStudy } from '../../shared/studies.ts'
import type { SemiSupervisedMethod, StudyDefinition } from '../../shared/studies.ts'
import { BadInputError } from '../api/errors.ts'
import { checkSpecs } from '../api/launch.ts'
import { checkModelFiles } from '../api/saved-models.ts'
import { toStudy } from '../api/studies.ts'
import { DatasetService } from '../datasets/index.ts'
import { cacheDirectory } from '../paths.ts'
import { withLibrary } from './connect.ts'
import type { CommonOptions } from './connect.ts'
import { UsageError } from './errors.ts'
import { plain, print, printJson, table } from './output.ts'
import { trainStudyUntilEnd } from './train.ts'
import type { TrainOptions } from './train.ts'

export interface StudyOptions extends TrainOptions {
  quick?: boolean
  dataset?: string
  labels?: string
  method?: string
  labelSeed?: string
  seed?: string
  name?: string
}

const BUILT_IN = 'semi-supervised'

/** `study`: those that are saved. */
export async function listStudies(options: CommonOptions): Promise<void> {
  await withLibrary(options, async (library) => {
    const studies = (library?.studies() ?? []).map((study) => toStudy(study, library!))
    if (options.json) return printJson(studies)
    if (studies.length === 0) return print('No studies yet. `atelier study semi-supervised --quick` makes one.')
    const rows = studies.map(({ id, name, total, missing }) => [id.slice(0, 8), name, String(total), String(missing)])
    print(table(['ID', 'NAME', 'RUNS', 'MISSING'], rows, [2, 3]))
  })
}

/** `study semi-supervised` or `study NAME`: queues what is missing and follows all of it. */
export async function runStudy(wanted: string, options: StudyOptions): Promise<void> {
  if (wanted === BUILT_IN) return saveAndRun(definitionOf(options), options)
  const given = ['quick', 'dataset', 'labels', 'method', 'labelSeed', 'seed', 'name'] as const
  if (given.some((name) => options[name] !== undefined))
    throw new UsageError(`A saved study is run as it is; only --detach goes with it. Or did you mean ${BUILT_IN}?`)
  const { id } = await withLibrary(options, async (library) => findStudy(library?.studies() ?? [], wanted))
  await trainStudyUntilEnd(options, (client) => client.studies.start({ id }))
}

/** Checks a study, saves it and runs it. What is wrong is told before any library is opened or made. */
export async function saveAndRun(
  definition: StudyDefinition,
  options: TrainOptions & { tags?: string[] },
): Promise<void> {
  const expanded = expandStudy(definition.entries)
  if (!expanded.ok) throw new BadInputError(expanded.errors)
  await checkSpecs(expanded.specs, new DatasetService(cacheDirectory()))
  await checkModelFiles(expanded.specs)
  await trainStudyUntilEnd(options, async (client) => {
    const { id } = await client.studies.save(definition)
    return client.studies.start({ id, tags: options.tags })
  })
}

function definitionOf(options: StudyOptions): StudyDefinition {
  const { quick = false, dataset, labels, method, labelSeed, seed, name } = options
  const values = (field: string, text: string) =>
    parseAxis(
      fieldsOf('vae-svm').find((each) => each.name === field)!,
      text,
    )
  const methods = method?.split(',').map((text) => text.trim())
  const unknown = methods?.find((text) => !(semiSupervisedMethods as readonly string[]).includes(text))
  if (unknown !== undefined)
    throw new UsageError(`--method must be some of ${semiSupervisedMethods.join(', ')}, not "${unknown}".`)
  const [oneSeed, ...others] = seed === undefined ? [] : values('seed', seed)
  if (others.length > 0) throw new UsageError('--seed must be one number; --label-seed takes several.')
  // What is no number is refused by name when the study is checked.
  const part = {
    ...(dataset === undefined ? {} : { datasets: values('dataset', dataset) as string[] }),
    ...(labels === undefined ? {} : { labels: values('labels', labels) as number[] }),
    ...(methods ? { methods: methods as SemiSupervisedMethod[] } : {}),
    ...(labelSeed === undefined ? {} : { labelSeeds: values('labelSeed', labelSeed) as number[] }),
    ...(oneSeed === undefined ? {} : { seed: oneSeed as number }),
  }
  const study = semiSupervisedStudy({ quick, ...part })
  // A part has a name of its own, so that it doesn't take the place of the whole.
  const flags = Object.entries({ dataset, labels, method, 'label-seed': labelSeed, seed })
    .filter(([, text]) => text !== undefined)
    .map(([flag, text]) => `, ${flag} ${text}`)
  return { ...study, name: studyName(name ?? study.name + flags.join('')) }
}

/** @throws UsageError. */
export function studyName(name: string): string {
  if (name === '' || name.length > 200)
    throw new UsageError(`A study's name has 1 to 200 characters, not ${name.length}; give it one with --name.`)
  return name
}

type Named = Pick<Study, 'id' | 'name'>

/** The study that is meant: by its name or its beginning, or by that of its id. @throws UsageError. */
function findStudy<S extends Named>(studies: S[], wanted: string): S {
  const lower = wanted.toLowerCase()
  const exact = studies.find(({ id, name }) => name.toLowerCase() === lower || id === wanted)
  if (exact) return exact
  const found = studies.filter(({ id, name }) => name.toLowerCase().startsWith(lower) || id.startsWith(wanted))
  if (found.length === 1) return found[0]!
  const names = (some: S[]) => some.map(({ name }) => `"${plain(name)}"`).join(', ')
  if (found.length > 1) throw new UsageError(`"${plain(wanted)}" could be several studies: ${names(found)}.`)
  const saved = studies.length > 0 ? `The saved ones are: ${names(studies)}` : 'None is saved yet'
  throw new UsageError(`There is no study "${plain(wanted)}". ${saved}; and there is ${BUILT_IN}.`)
}
