/** What went wrong in the set-up, and what the user can do about it. */
export class SetupProblem extends Error {
  /**
   * @param {string} reason a sentence
   * @param {string} howTo a sentence
   */
  constructor(reason, howTo) {
    super(reason)
    this.name = 'SetupProblem'
    this.howTo = howTo
  }
}
