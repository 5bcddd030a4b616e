import { ORPCError, ValidationError } from '@orpc/server'
import { DatasetNotFoundError, DatasetRequestError } from '../datasets/index.ts'
import { ConflictError } from '../scheduler/index.ts'
import { LibraryError, NotFoundError, asLibraryError } from '../store/index.ts'
import type { FieldError } from '../../shared/experiments/index.ts'

/** Input that can't be taken, field by field. */
export class BadInputError extends Error {
  readonly errors: FieldError[]
  constructor(errors: FieldError[]) {
    super(errors.map(({ message }) => message).join('\n'))
    this.name = 'BadInputError'
    this.errors = errors
  }
}

const badInput = (errors: FieldError[]) =>
  new ORPCError('BAD_INPUT', { message: errors.map(({ message }) => message).join('\n'), data: { errors } })

/** What the input lacks, by the contract's own schema. */
function fieldErrors({ issues }: ValidationError): FieldError[] {
  return issues.map(({ path = [], message }) => {
    const name = path.map((key) => String(typeof key === 'object' ? key.key : key)).join('.')
    return { name, message: name ? `${name}: ${message}` : message }
  })
}

/**
 * Turns an error of the house into the contract's typed one. What nobody foresaw stays as it is: the caller hears
 * only that something went wrong inside, and the details go to the core's own standard error.
 */
export function toTypedError(thrown: unknown): unknown {
  // A read that meets a damaged page, or a full disk, throws what SQLite says.
  const error = asLibraryError(thrown)
  if (error instanceof ORPCError) {
    if (error.code === 'BAD_REQUEST' && error.cause instanceof ValidationError)
      return badInput(fieldErrors(error.cause))
    return error
  }
  if (error instanceof BadInputError) return badInput(error.errors)
  if (error instanceof DatasetRequestError) return badInput([{ name: error.field, message: error.message }])
  if (error instanceof NotFoundError || error instanceof DatasetNotFoundError)
    return new ORPCError('NOT_FOUND', { message: error.message })
  if (error instanceof ConflictError) return new ORPCError('CONFLICT', { message: error.message })
  if (error instanceof LibraryError) return new ORPCError('LIBRARY', { message: error.message })
  console.error(error)
  return error
}
