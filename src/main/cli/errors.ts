import { toFlag } from '../../shared/experiments/index.ts'

export { UsageError } from '../server/run-serve.ts'

/** A command that was understood but did not succeed; exit status 1. */
export class FailedError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'FailedError'
  }
}

interface FieldError {
  name: string
  message: string
}

interface Explained {
  status: 1 | 2
  code: string
  message: string
  errors?: FieldError[]
}

/** Typed errors of the API, and the house's own when the core is in this process: all of them bad input. */
const badInputCodes: Record<string, string> = {
  BAD_INPUT: 'BAD_INPUT',
  NOT_FOUND: 'NOT_FOUND',
  CONFLICT: 'CONFLICT',
  LIBRARY: 'LIBRARY',
}
const badInputNames: Record<string, string> = {
  UsageError: 'BAD_INPUT',
  BadInputError: 'BAD_INPUT',
  PortInUseError: 'BAD_INPUT',
  DatasetRequestError: 'BAD_INPUT',
  DatasetNotFoundError: 'NOT_FOUND',
  NotFoundError: 'NOT_FOUND',
  LibraryError: 'LIBRARY',
}

/** Says of parameters what the command line calls them. */
const asFlag = ({ name, message }: FieldError): string =>
  message.startsWith(`${name} `) ? `--${toFlag(name)}${message.slice(name.length)}` : message

/** What to print of an error and with which exit status to end. */
export function explain(error: unknown): Explained {
  const {
    name,
    code,
    message,
    data,
    stack,
    errors: own,
  } = error as Error & {
    code?: string
    data?: { errors?: FieldError[] }
    errors?: FieldError[]
  }
  const known = (code && badInputCodes[code]) || badInputNames[name]
  if (known) {
    const errors = data?.errors ?? own
    return { status: 2, code: known, message: errors ? errors.map(asFlag).join('\n') : message, errors }
  }
  if (error instanceof FailedError) return { status: 1, code: 'FAILED', message }
  const detail = process.env.ATELIER_DEBUG ? `\n${stack}` : ''
  return { status: 1, code: 'UNEXPECTED', message: `Something went wrong: ${message || name}${detail}` }
}
