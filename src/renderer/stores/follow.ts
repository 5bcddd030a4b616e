import { defineStore } from 'pinia'
import { onScopeDispose, shallowReactive, shallowRef, toValue, watch } from 'vue'
import type { MaybeRefOrGetter, ShallowRef } from 'vue'
import type { RunChange } from '../../shared/api.ts'
import type { Artifact, Result } from '../../shared/results.ts'
import type { Change, Checkpoint, LogLine, Run, Sample } from '../../shared/run.ts'
import { api, follow, isNotFound, messageOf } from '../api.ts'
import { RunChart } from '../charts/run-chart.ts'
import { detailFor } from '../charts/view-range.ts'
import type { Range } from '../charts/lines.ts'

/** All that is known of a run that someone looks at, as it changes. */
export interface Followed {
  readonly id: string
  phase: 'loading' | 'ready' | 'missing' | 'removed'
  problem: string | null
  run: Run | null
  samples: readonly Sample[]
  checkpoints: readonly Checkpoint[]
  results: readonly Result[]
  artifacts: readonly Artifact[]
  /** Live parameters that were changed while it trained. */
  changes: readonly Change[]
  /** How many pictures it has recorded. */
  frames: RunChange['frames']
  log: readonly LogLine[]
  readonly chart: RunChart
  /** Rises with every change of the chart, which is not reactive itself. */
  chartVersion: number
}

const BUCKETS = 2000
const LOG_PAGE = 5000
const DETAIL_DELAY = 120

const newFollowed = (id: string): Followed =>
  shallowReactive({
    id,
    phase: 'loading',
    problem: null,
    run: null,
    samples: [],
    checkpoints: [],
    results: [],
    artifacts: [],
    changes: [],
    frames: null,
    log: [],
    chart: new RunChart(),
    chartVersion: 0,
  })

const byStep = (a: { step: number }, b: { step: number }) => a.step - b.step
const sampleKey = (s: Sample) => `${s.name}\n${s.step}`

/** The list with what is new; an entry of the same key replaces the old one. */
export function merged<T extends { step: number }>(old: readonly T[], more: readonly T[], key: (t: T) => string): T[] {
  const all = new Map(old.map((t) => [key(t), t]))
  for (const t of more) all.set(key(t), t)
  return [...all.values()].sort(byStep)
}

/**
 * Takes one message of the stream.
 * @param first It is the first of its stream and tells all samples, checkpoints, results and artifacts there are.
 * @returns false when points were taken back, so that the stream has to be opened anew.
 */
export function takeChange(f: Followed, change: RunChange, first: boolean): boolean {
  if (change.removed) {
    f.phase = 'removed'
    return true
  }
  if (change.run) f.run = change.run
  if (change.chart && !f.chart.apply(change.chart)) return false
  f.chartVersion = f.chart.version
  if (first || change.samples.length) f.samples = merged(first ? [] : f.samples, change.samples, sampleKey)
  if (first || change.checkpoints.length)
    f.checkpoints = merged(first ? [] : f.checkpoints, change.checkpoints, (c) => String(c.step))
  if (change.dropped.length) f.checkpoints = f.checkpoints.filter(({ step }) => !change.dropped.includes(step))
  if (first || change.results.length) f.results = merged(first ? [] : f.results, change.results, (r) => r.name)
  if (first || change.artifacts.length) f.artifacts = merged(first ? [] : f.artifacts, change.artifacts, (a) => a.name)
  if (first || change.changes.length)
    f.changes = merged(first ? [] : f.changes, change.changes, (c) => `${c.step}\n${c.time}`)
  if (change.frames) f.frames = change.frames
  const newest = f.log.at(-1)?.seq ?? -Infinity
  const lines = change.log.filter((line) => line.seq > newest)
  if (lines.length) f.log = f.log.concat(lines)
  f.phase = 'ready'
  f.problem = null
  return true
}

/** Runs that are looked at, each followed by one stream however many look. */
export const useFollow = defineStore('follow', () => {
  const followed = new Map<string, { state: Followed; users: number; stop: () => void }>()

  /** The chart first, then the stream from the chart's cursor on: nothing is missed and nothing comes twice. */
  async function open(f: Followed, signal: AbortSignal): Promise<AsyncIterable<RunChange>> {
    try {
      const chart = await api.metrics.chart({ id: f.id, buckets: BUCKETS }, { signal })
      for (;;) {
        const after = f.log.at(-1)?.seq ?? -1
        const lines = await api.runs.log({ id: f.id, after, limit: LOG_PAGE }, { signal })
        if (lines.length) f.log = f.log.concat(lines)
        if (lines.length < LOG_PAGE) break
      }
      f.chart.load(chart)
      f.chartVersion = f.chart.version
      return await api.runs.follow({ id: f.id, after: chart.cursor, logAfter: f.log.at(-1)?.seq ?? -1 }, { signal })
    } catch (error) {
      if (isNotFound(error)) {
        f.phase = f.run ? 'removed' : 'missing'
        followed.get(f.id)?.stop()
      }
      throw error
    }
  }

  function start(f: Followed): () => void {
    const stop = follow((signal) => open(f, signal), {
      item(change, first) {
        if (takeChange(f, change, first)) return
        stop()
        const entry = followed.get(f.id)
        if (entry) entry.stop = start(f)
      },
      problem: (message) => (f.problem = message),
    })
    return stop
  }

  function acquire(id: string): Followed {
    let entry = followed.get(id)
    if (!entry) {
      const state = newFollowed(id)
      entry = { state, users: 0, stop: () => {} }
      followed.set(id, entry)
      entry.stop = start(state)
    }
    entry.users++
    return entry.state
  }

  function release(id: string) {
    const entry = followed.get(id)
    if (!entry || --entry.users > 0) return
    entry.stop()
    followed.delete(id)
  }

  return { acquire, release }
})

/** Follows one run for as long as the component lives. */
export function useFollowed(id: string): Followed {
  const store = useFollow()
  const state = store.acquire(id)
  onScopeDispose(() => store.release(id))
  return state
}

/** Follows the runs of a list that may change. */
export function useFollowedRuns(ids: MaybeRefOrGetter<readonly string[]>): ShallowRef<readonly Followed[]> {
  const store = useFollow()
  const states = shallowRef<readonly Followed[]>([])
  watch(
    () => toValue(ids),
    (now) => {
      const before = states.value
      states.value = now.map((id) => store.acquire(id))
      for (const { id } of before) store.release(id)
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    for (const { id } of states.value) store.release(id)
  })
  return states
}

/**
 * Fetches detail for the steps in view once the view has stood still for a moment.
 * @param view Steps in view, or null for all.
 * @param pixels Width of the plot.
 */
export function useDetail(f: Followed, view: () => Range | null, pixels: () => number): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let asked: AbortController | undefined
  watch(
    [view, pixels],
    () => {
      clearTimeout(timer)
      timer = setTimeout(() => void fetchDetail(), DETAIL_DELAY)
    },
    { immediate: true },
  )
  async function fetchDetail() {
    const steps = view()
    if (!steps) return
    const range = detailFor(steps, pixels(), f.chart.span, f.chart.detailRange)
    if (!range) return
    asked?.abort()
    asked = new AbortController()
    const { signal } = asked
    const loads = f.chart.loads
    try {
      const chart = await api.metrics.chart({ id: f.id, ...range }, { signal })
      // The history was taken back meanwhile: what came is of the old one.
      if (signal.aborted || f.chart.loads !== loads) return
      f.chart.loadDetail(range, chart)
      f.chartVersion = f.chart.version
    } catch (error) {
      if (!signal.aborted) f.problem = messageOf(error)
    }
  }
  onScopeDispose(() => {
    clearTimeout(timer)
    asked?.abort()
  })
}
