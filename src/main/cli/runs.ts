import { cliCommand, experimentKinds } from '../../shared/experiments/index.ts'
import { headlineMetrics } from '../../shared/headline.ts'
import { activeStatuses } from '../../shared/run.ts'
import type { Run } from '../../shared/run.ts'
import { findRun, withExistingCore, withLibrary } from './connect.ts'
import type { Client, CommonOptions, Connection } from './connect.ts'
import { describeProblem, progressLine, summary } from './follow.ts'
import { activeTime, formatDuration, formatValue, note, plain, print, printJson, table } from './output.ts'
import { trainUntilEnd } from './train.ts'

/** A pause or stop takes effect between steps, with a checkpoint; that long it is waited for. */
const SETTLE_MS = 60_000
const POLL_MS = 150

/** The parameters that tell runs of a kind apart. */
function keyParams(run: Run): string {
  const kind = experimentKinds.get(run.kind)
  const names = kind ? kind.keyParams : Object.keys(run.params)
  return names.map((name) => `${name} ${run.params[name]}`).join(', ')
}

function progressCell(run: Run): string {
  return run.progress ? `${run.progress.epoch.toFixed(1)}/${run.progress.epochs}` : ''
}

/** "critic -1.98, generator 0.648", "accuracy 0.967". */
const headlineCell = (run: Run): string =>
  headlineMetrics(run)
    .map(({ name }) => `${name.replace(/Loss$/, '')} ${formatValue(run.metrics[name]!)}`)
    .join(', ')

const time = (at: number | null) => (at === null ? '' : new Date(at).toISOString().slice(0, 16).replace('T', ' '))

/** `runs`: all runs, newest first. */
export async function listRuns(options: CommonOptions): Promise<void> {
  await withLibrary(options, async (library) => {
    const runs = library?.runs() ?? []
    if (options.json) return printJson(runs)
    if (runs.length === 0) return print('No runs yet. `atelier run wgan-gp --preset quick` makes one.')
    const rows = runs.map((run) => [
      run.id,
      run.name,
      run.status,
      run.kind,
      String(run.params.dataset ?? ''),
      progressCell(run),
      headlineCell(run),
      time(run.startedAt),
      run.startedAt === null ? '' : formatDuration(activeTime(run)),
    ])
    print(table(['ID', 'NAME', 'STATUS', 'KIND', 'DATA SET', 'EPOCH', 'VALUES', 'STARTED', 'TIME'], rows, [5, 8]))
  })
}

/** `show RUN`: all of one run. */
export async function showRun(wanted: string, options: CommonOptions): Promise<void> {
  await withLibrary(options, async (library) => {
    const run = findRun(library?.runs() ?? [], wanted)
    const [samples, checkpoints] = [library!.samples(run.id), library!.checkpoints(run.id)]
    const [results, artifacts] = [library!.results(run.id), library!.artifacts(run.id)]
    if (options.json) return printJson({ ...run, samples, checkpoints, results, artifacts })
    print(summary(run))
    if (run.progress) print(`  ${progressLine(run)}`)
    if (run.problem) print(`\n${describeProblem(run)}`)
    const params = Object.entries(run.params).map(([name, value]) => [`  ${name}`, String(value)])
    print(`\n${table(['PARAMETER', 'VALUE'], params)}`)
    print(`\nTags         ${run.tags.map(plain).join(', ') || 'none'}`)
    if (run.notes) print(`Notes        ${run.notes.split('\n').map(plain).join('\n             ')}`)
    print(`Engine       ${run.engine ? plain(run.engine.name) : 'not known yet'}`)
    print(`Attempts     ${run.attempts}`)
    const inputs = run.inputs.map(({ role, runId }) => `${role} of run ${runId}`)
    print(`Builds on    ${inputs.join(', ') || 'nothing'}`)
    print(`Samples      ${samples.map(({ epoch }) => Number(epoch.toFixed(2))).join(', ') || 'none'} (epochs)`)
    print(`Checkpoints  ${checkpoints.map(({ step }) => step).join(', ') || 'none'} (steps)`)
    print(`Results      ${results.map(({ name }) => plain(name)).join(', ') || 'none'}`)
    print(`Artifacts    ${artifacts.map(({ name }) => plain(name)).join(', ') || 'none'}`)
    if (experimentKinds.has(run.kind)) print(`Command      ${cliCommand(run.kind, run.preset, run.params)}`)
    else print(`Command      none: this version knows no ${plain(run.kind)} (${plain(keyParams(run))})`)
  })
}

/** `pause|stop RUN…`: asks, then waits until it has happened. */
export async function haltRuns(
  action: 'pause' | 'stop',
  wanted: string[],
  options: CommonOptions & { force?: boolean },
): Promise<void> {
  const { force = false } = options
  const ask = async ({ client }: Connection) => {
    const ids = findAll(await client.runs.list(), wanted)
    const asked = action === 'pause' ? client.runs.pause({ ids }) : client.runs.stop({ ids, force })
    return { ids, runs: await untilSettled(client, await asked) }
  }
  const { ids, runs } = await withExistingCore(options, { startQueued: false }, ask)
  // A core that was there for one run only ends with it, perhaps before it could tell us.
  const settled = runs ?? (await withExistingCore(options, { startQueued: false }, ({ client }) => getAll(client, ids)))
  report(settled, options)
}

const getAll = (client: Client, ids: string[]) => Promise.all(ids.map((id) => client.runs.get({ id })))

/** Waits for runs to have paused or stopped, if not for ever; null when the core ends meanwhile. */
async function untilSettled(client: Client, runs: Run[]): Promise<Run[] | null> {
  const ids = runs.map(({ id }) => id)
  try {
    for (const end = Date.now() + SETTLE_MS; runs.some(isActive) && Date.now() < end;) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
      runs = await getAll(client, ids)
    }
    return runs
  } catch (error) {
    if ((error as { code?: string }).code) throw error
    return null
  }
}

const isActive = (run: Run) => activeStatuses.includes(run.status)
const findAll = (runs: Run[], wanted: string[]) => [...new Set(wanted.map((id) => findRun(runs, id).id))]

function report(runs: Run[], { json }: CommonOptions): void {
  if (json) printJson(runs)
  else for (const run of runs) print(`${run.id}  ${plain(run.name)}  ${run.status}`)
}

/** `remove RUN…`: puts runs into the bin. */
export async function removeRuns(wanted: string[], options: CommonOptions): Promise<void> {
  await withExistingCore(options, { startQueued: false }, async ({ client }) => {
    const ids = findAll(await client.runs.list(), wanted)
    const { removed, freedBytes } = await client.runs.remove({ ids })
    if (options.json) printJson({ removed, freedBytes })
    else print(`Moved ${removed.join(', ')} to the bin. \`atelier bin\` lists it, restores from it and empties it.`)
  })
}

/** `resume|restart RUN…`: queues runs again, or their specs as new runs; follows a single one if asked to. */
export async function queueRuns(
  action: 'resume' | 'restart',
  wanted: string[],
  options: CommonOptions & { follow?: boolean },
): Promise<void> {
  if (options.follow && wanted.length === 1) {
    await withLibrary(options, async (library) => findRun(library?.runs() ?? [], wanted[0]!))
    await trainUntilEnd(options, async (client) => {
      const { id } = findRun(await client.runs.list(), wanted[0]!)
      return (await client.runs[action]({ ids: [id] }))[0]!.id
    })
    return
  }
  await withExistingCore(options, { startQueued: true }, async ({ client, core }) => {
    const ids = findAll(await client.runs.list(), wanted)
    const queued = await client.runs[action]({ ids })
    // Without a core that stays, the workers have to be under way before this process leaves.
    if (core) await core.scheduler.launched()
    const runs = await Promise.all(queued.map(({ id }) => client.runs.get({ id })))
    report(runs, options)
    if (core && !options.json && runs.some((run) => run.status === 'queued'))
      note('What is queued starts when a slot is free and Atelier (`atelier serve`, say) runs.')
  })
}
