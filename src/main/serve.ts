import { parseArgs } from 'node:util'
import { runServe } from './server/run-serve.ts'

/** Process entry: serves the window and the API on loopback, until it is told to end. */
function options() {
  const { values } = parseArgs({
    options: {
      library: { type: 'string' },
      host: { type: 'string' },
      port: { type: 'string' },
      open: { type: 'boolean' },
      json: { type: 'boolean' },
    },
  })
  return { ...values, port: values.port === undefined ? undefined : Number(values.port || Number.NaN) }
}

async function main(): Promise<number> {
  try {
    return await runServe(options())
  } catch (error) {
    const { code, message, stack } = error as NodeJS.ErrnoException
    const isUsage = code?.startsWith('ERR_PARSE_ARGS')
    process.stderr.write(`${isUsage ? message : stack}\n`)
    return isUsage ? 2 : 1
  }
}

process.exitCode = await main()
