import type { Database } from 'better-sqlite3'
import { LibraryError, asLibraryError } from './errors.ts'
import type { IngestResult, LibraryEvent } from './types.ts'

/** Runs work in transactions and tells listeners afterwards which runs it touched. */
export class Commits {
  readonly db: Database
  private readonly readOnly: boolean
  private readonly listeners = new Set<(event: LibraryEvent) => void>()
  private changed = new Set<string>()
  private removed = new Set<string>()
  /** What was taken in, to be told after the commit. */
  private results: IngestResult[] = []

  constructor(db: Database, readOnly: boolean) {
    this.db = db
    this.readOnly = readOnly
  }

  subscribe(listener: (event: LibraryEvent) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  touch(runId: string): void {
    this.changed.add(runId)
  }

  touchRemoved(runId: string): void {
    this.changed.delete(runId)
    this.removed.add(runId)
  }

  /** @throws LibraryError `read-only`. */
  needWritable(): void {
    if (this.readOnly)
      throw new LibraryError('read-only', 'The library is open for reading only. Open it without that to change it.')
  }

  /** One transaction; joins the one that is open. @throws LibraryError when the library can't take it. */
  run<T>(work: () => T): T {
    this.needWritable()
    if (this.db.inTransaction) return work()
    let result: T
    try {
      result = this.db.transaction(work).immediate()
    } catch (error) {
      this.changed.clear()
      this.removed.clear()
      this.results = []
      throw asLibraryError(error)
    }
    if (this.changed.size || this.removed.size) {
      const event: LibraryEvent = { type: 'runs', changed: [...this.changed], removed: [...this.removed] }
      this.changed.clear()
      this.removed.clear()
      this.tell(event)
    }
    for (const result of this.results.splice(0)) this.tell({ type: 'ingested', result })
    return result
  }

  ingested(result: IngestResult): void {
    if (this.db.inTransaction) this.results.push(result)
    else this.tell({ type: 'ingested', result })
  }

  /** What a listener throws must not look like a failed commit. */
  private tell(event: LibraryEvent): void {
    for (const listener of this.listeners) {
      try {
        listener(event)
      } catch (error) {
        setImmediate(() => {
          throw error
        })
      }
    }
  }
}
