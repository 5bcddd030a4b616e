const WINDOW_MS = 10_000

/** Steps a second over the last ten seconds, and the time left. */
export class Pace {
  readonly #marks: { time: number; step: number }[] = []

  add(step: number, time = performance.now()): void {
    this.#marks.push({ time, step })
    while (this.#marks.length > 2 && time - this.#marks[0]!.time > WINDOW_MS) this.#marks.shift()
  }

  stepsPerSecond(): number | null {
    const first = this.#marks[0]
    const last = this.#marks.at(-1)
    if (!first || !last || last.time === first.time) return null
    return ((last.step - first.step) * 1000) / (last.time - first.time)
  }

  etaSeconds(totalSteps: number): number | null {
    const rate = this.stepsPerSecond()
    const last = this.#marks.at(-1)
    return rate && last ? (totalSteps - last.step) / rate : null
  }
}
