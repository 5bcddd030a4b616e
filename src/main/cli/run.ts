import { Command } from 'commander'
import { expected, experimentKind, experimentKinds, fieldsOf } from '../../shared/experiments/index.ts'
import type { Field } from '../../shared/experiments/index.ts'
import { completeSpec } from '../api/launch.ts'
import { DatasetService } from '../datasets/index.ts'
import { cacheDirectory } from '../paths.ts'
import { openEndpoint } from '../server/run-serve.ts'
import { connect } from './connect.ts'
import type { Client, CommonOptions, Connection } from './connect.ts'
import { FailedError, UsageError } from './errors.ts'
import { describeProblem, follow, summary } from './follow.ts'
import { note, plain, print, printJson } from './output.ts'

interface RunOptions extends CommonOptions {
  preset?: string
  name?: string
  tag?: string[]
  detach?: boolean
}

/** Options of `run` itself; all others are parameters. */
const own = new Set(['preset', 'name', 'tag', 'detach', 'library', 'json'])

/** A flag's text as the parameter's type; what is no number stays text, for the check to name it. */
function toValue(field: Field, text: string): unknown {
  const isNumeric = field.type === 'integer' || field.type === 'number' || typeof field.choices[0] === 'number'
  if (isNumeric) return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text)
  if (field.type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  return text
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
    .addHelpText('after', '\nRun `atelier run KIND --help` for the parameters of a kind.')
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
    .option('--name <text>', 'what to call the run')
    .option('--tag <text>', 'tag the run; may be given several times', (tag: string, all: string[] = []) => [
      ...all,
      tag,
    ])
    .option('--detach', 'leave the run training in the background')
  for (const field of fieldsOf(kind)) command.option(`--${field.flag} <${field.type}>`, describe(field))
  return command.action(async (options: RunOptions & Record<string, unknown>) => {
    const params: Record<string, unknown> = {}
    for (const field of fieldsOf(kind)) {
      const text = options[field.name]
      if (typeof text === 'string' && !own.has(field.name)) params[field.name] = toValue(field, text)
    }
    const { preset = null, name, tag, detach } = options
    const { json, library } = globals()
    const launch = { kind, preset, params, name, tags: tag }
    // What is wrong is told before any library is opened or made.
    await completeSpec(launch, new DatasetService(cacheDirectory()))
    await trainUntilEnd({ library, json, detach }, async (client) => (await client.runs.launch(launch)).id)
  })
}

/**
 * Queues runs by `start` (which returns the id of the one to follow) and follows it to its end; a core of our own can
 * be reached by others meanwhile.
 * @throws FailedError unless the run is done.
 */
export async function trainUntilEnd(
  options: CommonOptions & { detach?: boolean },
  start: (client: Client) => Promise<string>,
): Promise<void> {
  const connection = await connect(options, { startQueued: true })
  const endpoint =
    connection.core && !options.detach
      ? await openEndpoint(Promise.resolve(connection.core), connection.directory)
      : null
  try {
    const id = await start(connection.client)
    if (options.detach) return await leaveInBackground(connection, id, options)
    const queued = await connection.client.runs.get({ id })
    if (!options.json) note(`Run ${id} ("${plain(queued.name)}") of ${queued.kind} in ${connection.directory}`)
    const { run, left } = await follow(connection.client, id, { quiet: options.json && process.stderr.isTTY !== true })
    if (options.json) printJson(run)
    else print(summary(run))
    if (left) throw new FailedError(`Run ${id} was left ${run.status}; \`atelier show ${id}\` shows how far it is.`)
    if (run.status !== 'done') throw new FailedError(describeProblem(run))
  } finally {
    await endpoint?.close()
    await connection.close()
  }
}

/** Without a core that stays, a run needs its worker before we leave; in the queue it would wait for the next core. */
async function leaveInBackground(connection: Connection, id: string, { json }: CommonOptions): Promise<void> {
  const { client, core } = connection
  await core?.scheduler.launched()
  const run = await client.runs.get({ id })
  if (json) printJson(run)
  else print(id)
  if (core && run.status === 'queued')
    note(`Run ${id} is queued; it starts when a slot is free and Atelier (\`atelier serve\`, say) runs.`)
  if (run.status === 'failed') throw new FailedError(describeProblem(run))
}
