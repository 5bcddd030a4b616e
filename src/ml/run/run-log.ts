import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { encodeEvent } from '../../shared/event-log.ts'
import type { JsonEvent, SampleHeader } from '../../shared/events.ts'
import type { Progress } from '../../shared/run.ts'

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never
/** An event without its time, which the log fills in. */
type Untimed = Without<Exclude<JsonEvent, { type: 'series' } | { type: 'progress' }>, 'time'>

/** The worker's side of `events.log`: each call is one write, so what a call returned from survives a SIGKILL. */
export interface RunLog {
  event(event: Untimed): void
  info(message: string): void
  warning(message: string): void
  progress(progress: Progress): void
  /** Values of one step by metric name. Calls with the same names in the same order share one compact set. */
  metrics(step: number, epoch: number, values: Record<string, number>): void
  sample(header: Omit<SampleHeader, 'type' | 'time'>, png: Uint8Array): void
  /** A picture of a step, as bytes. */
  frame(step: number, bytes: Uint8Array): void
  /** Makes everything durable and closes the file. */
  close(): void
}

/** Opens a run's event log for appending. @throws Error when the file can't be opened */
export function openRunLog(file: string): RunLog {
  const fd = openSync(file, 'a')
  const sets = new Map<string, number>()

  /** What of an event could not be written when the disk was full: it comes first once there is space again. */
  let unwritten: Uint8Array | null = null

  function write(bytes: Uint8Array): void {
    let done = 0
    try {
      while (done < bytes.length) done += writeSync(fd, bytes, done)
      unwritten = null
    } catch (error) {
      if (done > 0 || bytes === unwritten) unwritten = bytes.subarray(done)
      throw error
    }
  }

  function append(frame: Uint8Array): void {
    if (unwritten) write(unwritten)
    write(frame)
  }

  function setOf(names: string[]): number {
    const key = names.join('\n')
    let set = sets.get(key)
    if (set === undefined) {
      set = sets.size
      sets.set(key, set)
      append(encodeEvent({ type: 'series', set, names }))
    }
    return set
  }

  const event = (e: Untimed) => append(encodeEvent({ ...e, time: Date.now() } as JsonEvent))

  return {
    event,
    info: (message) => event({ type: 'log', level: 'info', message }),
    warning: (message) => event({ type: 'log', level: 'warning', message }),
    progress: (progress) => append(encodeEvent({ type: 'progress', time: Date.now(), ...progress })),
    metrics(step, epoch, values) {
      const set = setOf(Object.keys(values))
      const time = Date.now()
      append(encodeEvent({ type: 'metrics', set, step, epoch, time, values: Float64Array.from(Object.values(values)) }))
    },
    sample: (header, png) => append(encodeEvent({ type: 'sample', time: Date.now(), ...header, png })),
    frame: (step, bytes) => append(encodeEvent({ type: 'frame', step, time: Date.now(), bytes })),
    close() {
      fsyncSync(fd)
      closeSync(fd)
    },
  }
}
