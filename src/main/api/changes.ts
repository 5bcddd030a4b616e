/**
 * Lets an iterator sleep until something has happened, and no more often than every so many milliseconds: whatever
 * happens in between is told together.
 */
export class Changes {
  private readonly interval: number
  private readonly signals: AbortSignal[]
  private happened = false
  private wake: (() => void) | null = null
  private last = 0

  /** @param signals any of them ends the waiting. */
  constructor(interval: number, signals: (AbortSignal | undefined)[]) {
    this.interval = interval
    this.signals = signals.filter((signal) => signal !== undefined)
  }

  /** Something has happened. */
  note(): void {
    this.happened = true
    this.wake?.()
  }

  /** Resolves to true when there is something to tell, or to false when nobody listens any more. */
  async next(): Promise<boolean> {
    const over = () => this.signals.some((signal) => signal.aborted)
    while (!over()) {
      const wait = this.happened ? this.last + this.interval - Date.now() : null
      if (wait !== null && wait <= 0) {
        this.happened = false
        this.last = Date.now()
        return true
      }
      await this.sleep(wait)
    }
    return false
  }

  private async sleep(milliseconds: number | null): Promise<void> {
    let timer: NodeJS.Timeout | null = null
    let stop = () => {}
    await new Promise<void>((resolve) => {
      stop = () => resolve()
      if (milliseconds === null) this.wake = stop
      else timer = setTimeout(stop, milliseconds)
      for (const signal of this.signals) signal.addEventListener('abort', stop, { once: true })
      if (this.signals.some((signal) => signal.aborted)) stop()
    })
    this.wake = null
    if (timer) clearTimeout(timer)
    for (const signal of this.signals) signal.removeEventListener('abort', stop)
  }
}
