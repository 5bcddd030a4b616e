import { existsSync } from 'node:fs'
import path from 'node:path'
import { Command } from 'commander'
import { expected, experimentKind, experimentKinds, fieldsOf } from '../../shared/experiments/index.ts'
import type { Field, ParamValue, Params } from '../../shared/experiments/index.ts'
import { parseAxis } from '../../shared/studies.ts'
import { completeSpec } from '../api/launch.ts'
import { checkModelFiles } from '../api/saved-models.ts'
import { DatasetService } from '../datasets/index.ts'
import { cacheDirectory } from '../paths.ts'
import type { CommonOptions } from './connect.ts'
import { UsageError } from './errors.ts'
import { saveAndRun, studyName } from './studies.ts'
import { trainUntilEnd } from './train.ts'

interface RunOptions extends CommonOptions {
  preset?: string
  name?: string
  tag?: string[]
  detach?: boolean
}

/** Options of `run` itself; all others are parameters. */
const own = new Set(['preset', 'name', 'tag', 'detach', 'library', 'json'])

/** A file of a saved model by its whole path, which means the same to a core that runs elsewhere; a run's id stays. */
const wholePath = (model: string): string =>
  model !== '' && (/[\\/]/.test(model) || existsSync(model)) ? path.resolve(model) : model

/** The values of a flag, each as the parameter's type; what can't be read stays text, for the check to name it. */
function toValues(field: Field, text: string): ParamValue[] {
  const values = parseAxis(field, text)
  return field.name === 'model' ? values.map((value) => wholePath(String(value))) : values
}

function describe(field: Field): string {
  const unit = field.unit && !field.description.includes(field.unit) ? ` (${field.unit})` : ''
  return `${field.description}${unit} [${expected(field)}; default ${JSON.stringify(field.default)}]`
}

/** `run KIND`, a subcommand a kind, with a flag for each of its parameters. */
export function runCommand(globals: () => CommonOptions): Command {
  const run = new Command('run')
    .description('trains a model and shows how it goes')
    .argument('[kind]', `what to train: ${[...experimentKinds.keys()].join(', ')}`)
    .allowUnknownOption()
    .allowExcessArguments()
    .usage('KIND [--preset PRESET] [--PARAMETER VALUE …]')
    .addHelpText(
      'after',
      '\nRun `atelier run KIND --help` for the parameters of a kind.\n' +
        'A parameter with several values (`--labels 100,600 --seed 0..4`) makes a study of all their combinations.',
    )
    .action((kind: string | undefined) => {
      if (kind === undefined)
        throw new UsageError(`Say what to run. The kinds are: ${[...experimentKinds.keys()].join(', ')}.`)
      experimentKindOrUsage(kind)
    })
  for (const kind of experimentKinds.keys()) run.addCommand(kindCommand(kind, globals))
  return run
}

function experimentKindOrUsage(kind: string): void {
  try {
    experimentKind(kind)
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function kindCommand(kind: string, globals: () => CommonOptions): Command {
  const { title, summary: about, source, presets } = experimentKind(kind)
  const named = Object.entries(presets).map(([name, { description }]) => `  ${name}: ${description}`)
  const command = new Command(kind)
    .summary(title)
    .description(`${about}\n(${source})\n\nPresets:\n${named.join('\n')}`)
    .option('--preset <name>', `start from a preset: ${Object.keys(presets).join(', ')}`)
    .option('--name <text>', 'what to call the run, or the study')
    .option('--tag <text>', 'tag the run; may be given several times', (tag: string, all: string[] = []) => [
      ...all,
      tag,
    ])
    .option('--detach', 'leave the run training in the background')
  for (const field of fieldsOf(kind)) command.option(`--${field.flag} <${field.type}>`, describe(field))
  return command.action(async (options: RunOptions & Record<string, unknown>) => {
    const params: Params = {}
    const axes: Record<string, ParamValue[]> = {}
    const flags: string[] = []
    for (const field of fieldsOf(kind)) {
      const text = options[field.name]
      if (typeof text !== 'string' || own.has(field.name)) continue
      const values = toValues(field, text)
      if (values.length > 1) axes[field.name] = values
      else params[field.name] = values[0]!
      flags.push(` --${field.flag} ${text}`)
    }
    const { preset = null, name, tag, detach } = options
    const { json, library } = globals()
    const common = { library, json, detach }
    if (Object.keys(axes).length > 0) {
      const command = [kind, ...(preset === null ? [] : [` --preset ${preset}`]), ...flags].join('')
      const study = { name: studyName(name ?? command), entries: [{ kind, preset, params, axes }] }
      return saveAndRun(study, { ...common, tags: tag })
    }
    const launch = { kind, preset, params, name, tags: tag }
    // What is wrong is told before any library is opened or made.
    await checkModelFiles([await completeSpec(launch, new DatasetService(cacheDirectory()))])
    await trainUntilEnd(common, async (client) => (await client.runs.launch(launch)).id)
  })
}
