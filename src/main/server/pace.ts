/**
 * How fast a connection may send: so many messages a second on average, and so many at once. (A token bucket: the one that
 * it starts with is full.)
 */
export class Pace {
  private readonly perSecond: number
  private readonly burst: number
  private tokens: number
  private last: number

  constructor(perSecond: number, burst: number, now: number) {
    this.perSecond = perSecond
    this.burst = burst
    this.tokens = burst
    this.last = now
  }

  /** Counts a message that has come. Returns for how many milliseconds nothing more should be read; `now` in ms. */
  take(now: number): number {
    this.tokens = Math.min(this.burst, this.tokens + ((now - this.last) / 1000) * this.perSecond) - 1
    this.last = now
    return this.tokens >= 0 ? 0 : Math.ceil((-this.tokens / this.perSecond) * 1000)
  }
}
