import type { Study } from '../../shared/api.ts'
import type { Run } from '../../shared/run.ts'
import { openEndpoint } from '../server/run-serve.ts'
import { connect } from './connect.ts'
import type { Client, CommonOptions, Connection } from './connect.ts'
import { FailedError } from './errors.ts'
import { followAll } from './follow-all.ts'
import { describeProblem, follow, summary } from './follow.ts'
import { formatValue, note, plain, print, printJson, table } from './output.ts'

export type TrainOptions = CommonOptions & { detach?: boolean }

/** Works with a core that starts what is queued; one of our own can be reached by others meanwhile. */
async function withTraining(options: TrainOptions, work: (connection: Connection) => Promise<void>): Promise<void> {
  const connection = await connect(options, { startQueued: true })
  const endpoint =
    connection.core && !options.detach
      ? await openEndpoint(Promise.resolve(connection.core), connection.directory)
      : null
  try {
    await work(connection)
  } finally {
    await endpoint?.close()
    await connection.close()
  }
}

const isQuiet = ({ json }: CommonOptions) => json === true && process.stderr.isTTY !== true

/**
 * Queues a run by `start` (which returns its id) and follows it to its end.
 * @throws FailedError unless the run is done.
 */
export async function trainUntilEnd(options: TrainOptions, start: (client: Client) => Promise<string>): Promise<void> {
  await withTraining(options, async (connection) => {
    const { client } = connection
    const id = await start(client)
    if (options.detach) return leaveInBackground(connection, id, options)
    const queued = await client.runs.get({ id })
    if (!options.json) note(`Run ${id} ("${plain(queued.name)}") of ${queued.kind} in ${connection.directory}`)
    const { run, left } = await follow(client, id, { quiet: isQuiet(options) })
    if (options.json) printJson(run)
    else print(summary(run))
    if (left) throw new FailedError(`Run ${id} was left ${run.status}; \`atelier show ${id}\` shows how far it is.`)
    if (run.status !== 'done') throw new FailedError(describeProblem(run))
  })
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

/**
 * Queues what is missing of a study by `start` and follows all of its runs to their ends.
 * @throws FailedError unless all of them are done.
 */
export async function trainStudyUntilEnd(
  options: TrainOptions,
  start: (client: Client) => Promise<{ study: Study; queued: Run[] }>,
): Promise<void> {
  await withTraining(options, async ({ client, core, directory }) => {
    const { study, queued } = await start(client)
    const name = plain(study.name)
    note(`Study "${name}" in ${directory}: ${study.total} runs, of which ${queued.length} were queued now.`)
    if (options.detach) {
      await core?.scheduler.launched()
      if (core && queued.length > 0)
        note('What is queued starts when a slot is free and Atelier (`atelier serve`, say) runs.')
      return options.json ? printJson({ study, runs: await runsOf(client, study) }) : print(study.id)
    }
    const { runs, left } = await followAll(client, study.runs, { quiet: isQuiet(options) })
    if (options.json)
      printJson({ study: (await client.studies.list()).find(({ id }) => id === study.id) ?? study, runs })
    else print(tableOf(runs))
    const open = runs.filter(({ status }) => status !== 'done')
    const again = `\`atelier study "${name}"\` queues what is missing of it.`
    if (left) throw new FailedError(`${open.length} of ${study.total} runs were left. ${again}`)
    const lost = study.runs.length - runs.length
    if (lost > 0) throw new FailedError(`${lost} of ${study.total} runs were deleted meanwhile. ${again}`)
    if (open.length > 0) {
      const which = open.map((run) => `${run.id} (${plain(run.name)}) ${run.status}`).join(', ')
      throw new FailedError(`${open.length} of ${study.total} runs are not done: ${which}. ${again}`)
    }
  })
}

async function runsOf(client: Client, { runs }: Study): Promise<Run[]> {
  const byId = new Map((await client.runs.list()).map((run) => [run.id, run]))
  return runs.flatMap((id) => byId.get(id) ?? [])
}

function tableOf(runs: Run[]): string {
  // Only what tells them apart.
  const names = [...new Set(runs.flatMap(({ params }) => Object.keys(params)))].filter(
    (name) => new Set(runs.map(({ params }) => params[name])).size > 1,
  )
  const rows = runs.map(({ id, name, kind, status, params, metrics }) => [
    id,
    name,
    kind,
    status,
    ...names.map((each) => String(params[each] ?? '')),
    metrics.accuracy === undefined ? '' : formatValue(metrics.accuracy),
  ])
  const headings = ['ID', 'NAME', 'KIND', 'STATUS', ...names, 'ACCURACY']
  return table(headings, rows, [headings.length - 1])
}
