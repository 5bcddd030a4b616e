import { Command, CommanderError } from 'commander'
import { addCheckpoints } from './checkpoint-commands.ts'
import type { CommonOptions } from './connect.ts'
import { UsageError } from './errors.ts'
import type { ResultsOptions } from './results.ts'
import type { SettingsOptions } from './settings.ts'
import type { StudyOptions } from './studies.ts'

const whole = (text: string): number => (/^\d+$/.test(text) ? Number(text) : Number.NaN)

/**
 * The commands of `atelier`. Each command's work is loaded when it is called, so that a quick one stays quick.
 * @param withKinds also the kinds of experiments with their flags, which only `run` needs.
 */
export async function buildProgram({ version, withKinds }: { version: string; withKinds: boolean }): Promise<Command> {
  const program = new Command('atelier')
    .description('Atelier: a studio for generative-model experiments.')
    .version(version, '--version', 'the version')
    .helpOption('-h, --help', 'this help')
    .option('--library <folder>', 'the library; by default $ATELIER_LIBRARY, or the one of the user')
    .option('--json', 'the answer as JSON on standard output; errors as JSON on standard error')
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
  const globals = (): CommonOptions => program.opts<CommonOptions>()
  const having = <T extends object>(options: T) => ({ ...globals(), ...options })

  if (withKinds) program.addCommand((await import('./run.ts')).runCommand(globals))
  else program.command('run').description('trains a model and shows how it goes').usage('KIND [--preset PRESET] …')

  program
    .command('runs')
    .description('lists the runs of the library, newest first')
    .action(async () => (await import('./runs.ts')).listRuns(globals()))
  program
    .command('show')
    .description('shows all of a run')
    .argument('<run>', 'its id, the beginning of its id, or its name')
    .action(async (run: string) => (await import('./runs.ts')).showRun(run, globals()))
  program
    .command('metrics')
    .description("summarises a run's metrics, or prints every point")
    .argument('<run>')
    .argument('[name]', 'one metric; by default all')
    .option('--csv', 'every point as CSV: step, epoch, time (ms since 1970), a column a metric')
    .action(async (run: string, name: string | undefined, options: { csv?: boolean }) =>
      (await import('./records.ts')).showMetrics(run, name, having(options)),
    )
  program
    .command('samples')
    .description("lists a run's sample grids, or writes one as PNG")
    .argument('<run>')
    .option('--epoch <n>', 'the grid after this epoch, from 1; 0 is before training; by default the newest')
    .option('--out <file>', 'the PNG file to write')
    .action(async (run: string, options: { epoch?: string; out?: string }) =>
      (await import('./records.ts')).getSamples(run, having(options)),
    )
  program
    .command('artifacts')
    .description('lists what a run has left (models, features), or writes one to a file')
    .argument('<run>')
    .argument('[name]', 'the artifact to write')
    .option('--out <file>', 'the file to write')
    .action(async (run: string, name: string | undefined, options: { out?: string }) =>
      (await import('./records.ts')).getArtifacts(run, name, having(options)),
    )
  program
    .command('study')
    .description('lists the saved studies; queues what is missing of one and shows how it goes')
    .argument('[name]', 'semi-supervised, or the name of a saved study')
    .option('--quick', 'the quick presets, with one labelled set')
    .option('--dataset <names>', 'data sets; by default mnist,fashion-mnist')
    .option('--labels <numbers>', 'label budgets; by default 100,600,1000,3000')
    .option('--method <names>', 'vae-svm, vae-svm-transductive, m2, m1-m2; by default all')
    .option('--label-seed <numbers>', 'seeds of the labelled sets; by default 0..4, or 0 if quick')
    .option('--seed <number>', 'seed of the networks; by default 0')
    .option('--name <text>', 'what to call the study')
    .option('--detach', 'leave the runs training in the background')
    .action(async (name: string | undefined, options: StudyOptions) => {
      const studies = await import('./studies.ts')
      await (name === undefined ? studies.listStudies(globals()) : studies.runStudy(name, having(options)))
    })
  program
    .command('results')
    .description('tables the test accuracy of semi-supervised runs: mean ± deviation over seeds, by number of labels')
    .option('--dataset <names>', 'only these data sets, separated by commas')
    .option('--measure <measure>', 'accuracy, precision, recall or f-score', 'accuracy')
    .option('--format <format>', 'table, csv, markdown, latex or json', 'table')
    .option('--no-references', "leave out the paper's and the homework's figures")
    .option('--out <file>', 'the file to write, instead of standard output')
    .action(async (options: ResultsOptions) => (await import('./results.ts')).showResults(having(options)))
  program
    .command('pause')
    .description('pauses runs, with a checkpoint')
    .argument('<run...>')
    .action(async (runs: string[]) => (await import('./runs.ts')).haltRuns('pause', runs, globals()))
  program
    .command('stop')
    .description('stops runs, with a checkpoint')
    .argument('<run...>')
    .option('--force', 'kill their workers at once, without a checkpoint: for one that hangs')
    .action(async (runs: string[], options: { force?: boolean }) =>
      (await import('./runs.ts')).haltRuns('stop', runs, having(options)),
    )
  for (const [name, description] of [
    ['resume', 'queues paused, stopped, interrupted or failed runs to go on from their newest checkpoints'],
    ['restart', 'queues the same specs as new runs'],
  ] as const)
    program
      .command(name)
      .description(description)
      .argument('<run...>')
      .option('--follow', 'show a single run until it ends, as `run` does')
      .action(async (runs: string[], options: { follow?: boolean }) =>
        (await import('./runs.ts')).queueRuns(name, runs, having(options)),
      )
  program
    .command('remove')
    .description('moves runs to the bin, from which they can be restored for 30 days')
    .argument('<run...>')
    .action(async (runs: string[]) => (await import('./runs.ts')).removeRuns(runs, globals()))
  addBin(program, globals)
  addDatasets(program, globals)
  addPlane(program, globals)
  addLibrary(program, globals)
  addCheckpoints(program, globals)
  program
    .command('settings')
    .description('shows what the library wants of all runs, or changes it')
    .option('--on-non-finite <policy>', 'when a metric is NaN or infinite: continue, pause or stop')
    .option('--keep-checkpoints <number>', 'how many of the newest checkpoints of a run are kept: a number, or all')
    .option('--keep-every <number>', 'and besides every so many-th; 0 keeps none besides')
    .option('--notify <on|off>', 'whether the system or the browser tells of what happens to runs')
    .option('--auto-resume <on|off>', 'whether interrupted runs go on by themselves, as long as they get further')
    .action(async (options: SettingsOptions) => (await import('./settings.ts')).showSettings(having(options)))
  program
    .command('engine')
    .description('says which engine trains on this machine')
    .action(async () => (await import('./datasets.ts')).showEngine(globals()))
  program
    .command('doctor')
    .description('looks at all that Atelier needs on this machine, and says what to do where something is wrong')
    .action(async () => (await import('./doctor.ts')).runDoctor(globals()))
  program
    .command('serve')
    .description('serves the window on this machine, for a browser')
    .option('--port <n>', 'the port; by default 4747 or the next free one')
    .option('--host <address>', 'a loopback address', '127.0.0.1')
    .option('--open', 'open it in the browser')
    .action(async (options: { port?: string; host: string; open?: boolean }) => {
      const { runServe } = await import('../server/run-serve.ts')
      const port = options.port === undefined ? undefined : whole(options.port)
      if (Number.isNaN(port))
        throw new UsageError(`--port must be a whole number from 0 (any free one) to 65535, not "${options.port}".`)
      process.exitCode = await runServe({ ...globals(), ...options, port })
    })
  strict(program)
  return program
}

function addBin(program: Command, globals: () => CommonOptions): void {
  const load = () => import('./bin.ts')
  const bin = program
    .command('bin')
    .description('lists removed runs; restores them, or deletes them for good')
    .argument('[command]')
    .action(async (command: string | undefined) => {
      if (command !== undefined)
        throw new UsageError(`Unknown command "bin ${command}". Expected: restore RUN…, or empty.`)
      await (await load()).listBin(globals())
    })
  bin
    .command('restore')
    .description('takes runs out of the bin')
    .argument('<run...>')
    .action(async (runs: string[]) => (await load()).restoreRuns(runs, globals()))
  bin
    .command('empty')
    .description('deletes runs of the bin (by default all) with everything that is theirs, and frees the space')
    .argument('[run...]')
    .action(async (runs: string[]) => (await load()).emptyBin(runs, globals()))
}

function addDatasets(program: Command, globals: () => CommonOptions): void {
  const load = () => import('./datasets.ts')
  const datasets = program
    .command('datasets')
    .description('lists the data sets; gets, imports or removes one')
    .argument('[command]')
    .action(async (command: string | undefined) => {
      if (command !== undefined)
        throw new UsageError(
          `Unknown command "datasets ${command}". Expected: get NAME, import FOLDER, or remove NAME.`,
        )
      await (await load()).listDatasets(globals())
    })
  datasets
    .command('get')
    .description('gets and prepares a set; a ready one is checked')
    .argument('<name>')
    .option('--directory <folder>', "where the publisher's files lie, instead of downloading them")
    .action(async (name: string, options: { directory?: string }) =>
      (await load()).getDataset(name, { ...globals(), ...options }),
    )
  datasets
    .command('import')
    .description('brings in a folder of images')
    .argument('<folder>')
    .option('--name <name>', 'what to call the set')
    .option('--size <pixels>', 'height and width: 28, 32 or 64', '28')
    .option('--colour <colour>', 'grey or rgb', 'rgb')
    .action(async (folder: string, options: { name?: string; size: string; colour: string }) =>
      (await load()).importDataset(folder, { ...globals(), ...options }),
    )
  datasets
    .command('remove')
    .description('takes a set out of the cache')
    .argument('<name>')
    .action(async (name: string) => (await load()).removeDataset(name, globals()))
}

function addPlane(program: Command, globals: () => CommonOptions): void {
  const load = () => import('./plane.ts')
  const plane = program
    .command('plane')
    .description('lists the distributions on the plane of your own; imports or removes one')
    .argument('[command]')
    .action(async (command: string | undefined) => {
      if (command !== undefined)
        throw new UsageError(`Unknown command "plane ${command}". Expected: import FILE, or remove ID.`)
      await (await load()).listPlaneSets(globals())
    })
  plane
    .command('import')
    .description('brings in the points of a CSV file with columns x and y')
    .argument('<file>')
    .option('--name <name>', 'what to call the set; by default the name of the file')
    .action(async (file: string, options: { name?: string }) =>
      (await load()).importPlaneSet(file, { ...globals(), ...options }),
    )
  plane
    .command('remove')
    .description('takes a set out of the library')
    .argument('<id>')
    .action(async (id: string) => (await load()).removePlaneSet(id, globals()))
}

function addLibrary(program: Command, globals: () => CommonOptions): void {
  const load = () => import('./library.ts')
  const library = program
    .command('library')
    .description('says where the library is; checks, backs up or compacts it')
    .argument('[command]')
    .action(async (command: string | undefined) => {
      if (command !== undefined)
        throw new UsageError(`Unknown command "library ${command}". Expected: check, backup FILE, or compact.`)
      await (await load()).showLibrary(globals())
    })
  library
    .command('check')
    .description('looks at all of it and says what is wrong; changes nothing')
    .action(async () => (await load()).checkTheLibrary(globals()))
  library
    .command('backup')
    .description('writes a whole copy to a new file, also while Atelier runs')
    .argument('<file>')
    .action(async (file: string) => (await load()).backUpLibrary(file, globals()))
  library
    .command('compact')
    .description('frees the space of what is needed no more')
    .option('--full', 'also write the database anew, in order; takes as much space again meanwhile')
    .action(async (options: { full?: boolean }) => (await load()).compactLibrary({ ...globals(), ...options }))
}

/** Errors are thrown for the caller to print, never printed and exited on the way. */
function strict(command: Command): void {
  command
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
  for (const child of command.commands) strict(child)
}

/** What commander found wrong, in our words; null where it has answered (--help), 'help' where no command was given. */
export function usageOf(error: CommanderError): UsageError | 'help' | null {
  if (error.exitCode === 0) return null
  if (error.code === 'commander.help') return 'help'
  const text = error.message.replace(/^error: /, '').replace(/\n\(Did you mean (.*)\?\)$/, '. Did you mean $1?')
  const message = text.charAt(0).toUpperCase() + text.slice(1)
  return new UsageError(`${message}${/[.?!]$/.test(message) ? '' : '.'} See \`atelier --help\`.`)
}
