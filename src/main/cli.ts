import { CommanderError } from 'commander'
import { explain } from './cli/errors.ts'
import { buildProgram, usageOf } from './cli/program.ts'
import { version } from './version.ts'

/** Process entry of the command line. Exit status: 0, 1 (it did not succeed) or 2 (bad input). */
async function main(args: string[]): Promise<number> {
  // A reader that has seen enough (`| head`) is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  const program = await buildProgram({ version, withKinds: args.includes('run') })
  try {
    await program.parseAsync(args, { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (thrown) {
    const error = thrown instanceof CommanderError ? usageOf(thrown) : thrown
    if (error === null) return 0
    if (error === 'help') {
      program.outputHelp()
      return 0
    }
    const { status, ...told } = explain(error)
    process.stderr.write(args.includes('--json') ? `${JSON.stringify({ error: told })}\n` : `${told.message}\n`)
    return status
  }
}

process.exitCode = await main(process.argv.slice(2))
