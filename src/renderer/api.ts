import { createORPCClient, ORPCError } from '@orpc/client'
import type { ContractRouterClient } from '@orpc/contract'
import type { Contract } from '../shared/api.ts'
import type { FieldError } from '../shared/experiments/index.ts'
import { Connection, ConnectionLost } from './connection.ts'
import { dial } from './transport.ts'

export type Api = ContractRouterClient<Contract>

export const connection = new Connection(dial)

/** The one client of the window: every call to the core goes through it. */
export const api: Api = createORPCClient<Api>(connection)

export interface Stream<T> {
  /** `first`: the stream has just (re)opened, so what the item says replaces all that was known. */
  item: (item: T, first: boolean) => void
  /** The core refused or ended the stream with an error; it is opened again after a pause. */
  problem?: (message: string) => void
}

/**
 * Follows an endless stream of the API across broken connections: opens it again whenever it ends.
 * @returns a function that ends it.
 */
export function follow<T>(open: (signal: AbortSignal) => Promise<AsyncIterable<T>>, on: Stream<T>): () => void {
  const abort = new AbortController()
  void (async () => {
    for (let pause = 250; !abort.signal.aborted; pause = Math.min(pause * 2, 5_000)) {
      try {
        let first = true
        for await (const item of await open(abort.signal)) {
          if (abort.signal.aborted) return
          on.item(item, first)
          first = false
          pause = 250
        }
      } catch (error) {
        if (abort.signal.aborted) return
        if (error instanceof ORPCError) on.problem?.(messageOf(error))
      }
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  })()
  return () => abort.abort()
}

/** An error in words that a person can act on. */
export function messageOf(error: unknown): string {
  if (error instanceof ConnectionLost) return error.message
  if (error instanceof ORPCError && error.code === 'INTERNAL_SERVER_ERROR')
    return `Atelier's core ran into an error of its own: ${error.message}`
  return error instanceof Error ? error.message : String(error)
}

/** What a BAD_INPUT error says of single fields; empty for any other error. */
export function fieldErrorsOf(error: unknown): FieldError[] {
  if (!(error instanceof ORPCError) || error.code !== 'BAD_INPUT') return []
  const errors = (error.data as { errors?: unknown } | undefined)?.errors
  return Array.isArray(errors) ? (errors as FieldError[]) : []
}

export const isNotFound = (error: unknown) => error instanceof ORPCError && error.code === 'NOT_FOUND'
