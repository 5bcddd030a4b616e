/**
 * Process entry of the training side, always under plain Node:
 *   worker run FOLDER      one attempt at a run (run/run-attempt.ts)
 *   worker engine          says which engine trains on this machine, as JSON
 *   worker dataset …       gets, imports and lists data sets (datasets/command.ts)
 */
const [command, ...args] = process.argv.slice(2)

async function main(): Promise<number> {
  switch (command) {
    case 'run': {
      const { runAttempt } = await import('./run/run-attempt.ts')
      return runAttempt(args[0]!)
    }
    case 'engine': {
      const { openEngine } = await import('./engine/index.ts')
      const { info } = await openEngine()
      process.stdout.write(`${JSON.stringify(info)}\n`)
      return 0
    }
    case 'dataset': {
      const { runDatasetCommand } = await import('./datasets/command.ts')
      return runDatasetCommand(args)
    }
    default:
      process.stderr.write(`worker: unknown command ${command ?? '(none)'}; expected run, engine or dataset.\n`)
      return 2
  }
}

// The engines keep threads that would hold the process open.
main().then(
  (status) => process.exit(status),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
    process.exit(1)
  },
)
