/** What was asked of a run can't be done in the state it is in; `message` says why, and what can be done. */
export class ConflictError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ConflictError'
  }
}
