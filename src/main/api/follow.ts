import type { RunChange } from '../../shared/api.ts'
import type { ChartDelta } from '../../shared/chart.ts'
import type { Artifact, Result } from '../../shared/results.ts'
import type { Change, Checkpoint, LogLine, Sample } from '../../shared/run.ts'
import type { IngestResult, Library } from '../store/index.ts'
import { Changes } from './changes.ts'

const FOLLOW_INTERVAL_MS = 250
/** Log lines that a newcomer gets; earlier ones are asked for by `log`. */
const LOG_LINES = 1000

/** What has come of one run since the last time it was told. */
class Pending {
  samples: Sample[] = []
  checkpoints: Checkpoint[] = []
  dropped: number[] = []
  results: Result[] = []
  artifacts: Artifact[] = []
  changes: Change[] = []
  hasFrames = false
  log: LogLine[] = []
  hasPoints = false

  add(result: IngestResult): void {
    if (result.superseded !== null) {
      // What a resume took back is not to be told after the resume.
      const kept = ({ step }: { step: number }) => step <= result.superseded!
      this.samples = this.samples.filter(kept)
      this.checkpoints = this.checkpoints.filter(kept)
      this.results = this.results.filter(kept)
      this.artifacts = this.artifacts.filter(kept)
      this.changes = this.changes.filter(kept)
      this.hasFrames = true
      this.hasPoints = true
    }
    this.samples.push(...result.samples)
    // A step that comes again after a resume is there again.
    this.dropped = this.dropped.filter((step) => !result.checkpoints.some((each) => each.step === step))
    this.checkpoints = this.checkpoints.filter(({ step }) => !result.dropped.includes(step))
    this.checkpoints.push(...result.checkpoints)
    this.dropped.push(...result.dropped)
    this.results.push(...result.results)
    this.artifacts.push(...result.artifacts)
    this.changes.push(...result.changes)
    if (result.frames > 0) this.hasFrames = true
    this.log.push(...result.log)
    if (result.points > 0) this.hasPoints = true
  }
}

/**
 * Everything of one run as it changes. The first message holds all its samples, checkpoints, results and artifacts, the
 * log after `logAfter` and the points after the cursor; each later one what is new since, at most a few times a second. A
 * `superseded` step in the chart takes all of these after it back too, before those of the message count.
 */
export async function* followRun(
  library: Library,
  input: { id: string; after: number; logAfter: number },
  signals: (AbortSignal | undefined)[],
): AsyncGenerator<RunChange> {
  const { id } = input
  const arrivals = new Changes(FOLLOW_INTERVAL_MS, signals)
  let pending = new Pending()
  let removed = false
  const unsubscribe = library.subscribe((event) => {
    if (event.type === 'ingested') {
      if (event.result.runId !== id) return
      pending.add(event.result)
    } else {
      if (event.removed.includes(id)) removed = true
      else if (!event.changed.includes(id)) return
    }
    arrivals.note()
  })
  try {
    let chart: ChartDelta | null = library.delta(id, input.after)
    let cursor = chart.cursor
    yield {
      run: library.run(id),
      samples: library.samples(id),
      checkpoints: library.checkpoints(id),
      dropped: [],
      results: library.results(id),
      artifacts: library.artifacts(id),
      changes: library.changes(id),
      frames: library.frameCount(id),
      log: library.log(id, input.logAfter, LOG_LINES),
      chart,
      removed,
    }
    while (!removed && (await arrivals.next())) {
      const { hasPoints, hasFrames, samples, checkpoints, dropped, results, artifacts, changes, log } = pending
      pending = new Pending()
      chart = hasPoints && !removed ? library.delta(id, cursor) : null
      if (chart) cursor = chart.cursor
      const run = removed ? null : library.run(id)
      const frames = hasFrames && !removed ? library.frameCount(id) : null
      yield { run, samples, checkpoints, dropped, results, artifacts, changes, frames, log, chart, removed }
    }
  } finally {
    unsubscribe()
  }
}
